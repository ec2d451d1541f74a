"""The figures of published data that stand beside the audits, each with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class Figure:
    """A published number.

    Attributes:
        label: a short name for the data.
        data: which data it is about.
        source: who counted.
        note: how it differs from our measure, if it does.
    """

    value: float
    label: str
    data: str
    source: str
    note: str | None = None


@cache
def published() -> Mapping[str, Mapping[str, tuple[Figure, ...]]]:
    """Audit -> metric -> figures, from `published.yaml`."""
    text = (files(__package__) / "published.yaml").read_text("utf-8")
    content = yaml.safe_load(text)
    data, sources = content["data"], content["sources"]
    return {
        audit: {
            metric: tuple(_figure(entry, data, sources) for entry in _entries(value))
            for metric, value in metrics.items()
        }
        for audit, metrics in content["figures"].items()
    }


def _entries(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]


def _figure(entry: dict[str, Any], data: Mapping[str, str], sources: Mapping[str, str]) -> Figure:
    label = entry["data"]
    return Figure(float(entry["value"]), label, data[label], sources[entry["source"]], entry.get("note"))
