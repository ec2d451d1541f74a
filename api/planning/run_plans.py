"""What a run plays, setting by setting, and where two runs differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..store import OpenStore


@dataclass(frozen=True)
class PlanDifference:
    """One setting of two runs.

    Attributes:
        name: with dots between its parts, such as `models.recsys.name`.
        value, other: as text; empty where a run does not have it.
    """

    name: str
    value: str
    other: str

    @property
    def differs(self) -> bool:
        return self.value != self.other


def plan_fields(store: OpenStore, run: str) -> dict[str, str]:
    """Setting -> value, of everything that decides what a run plays; empty for what was imported.

    Raises:
        NotFoundError: `run` is no run, or several.
    """
    noted = store.reader.threads.run(store.reader.runs.find(run))
    return dict(_flat(noted["plan"]))


def compare_plans(store: OpenStore, run: str, other: str) -> list[PlanDifference]:
    """Every setting that either run has, in order of their names.

    Raises:
        NotFoundError: one is no run, or several.
    """
    mine, theirs = plan_fields(store, run), plan_fields(store, other)
    return [
        PlanDifference(name, mine.get(name, ""), theirs.get(name, "")) for name in sorted({*mine, *theirs})
    ]


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _flat(each, f"{before}{name}.")
        else:
            yield f"{before}{name}", _text(each)


def _text(value: Any) -> str:
    if value is None or value in ({}, []):
        return "–"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
