"""Failures of a run: what share of the conversations that ended failed, by what and by whom they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...checkpoints.store.run_sessions import Standings

KINDS = ("topic", "specificity", "country", "age_group", "gender")
UNKNOWN = "unknown"
"""For what the catalogue does not say, and the topic of a conversation that failed before it had one."""


@dataclass(frozen=True)
class Share:
    """Of `ended` conversations of one kind (done or failed), `failed` failed."""

    kind: str
    value: str
    failed: int
    ended: int

    @property
    def share(self) -> float:
        return self.failed / self.ended

    def to_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "failed": self.failed,
            "ended": self.ended,
            "share": round(self.share, 4),
        }


@dataclass(frozen=True)
class Failures:
    """Shares over the whole run, and by each of `KINDS`: the largest share first, then by value."""

    failed: int
    ended: int
    shares: tuple[Share, ...]

    def of(self, kind: str) -> list[Share]:
        """The shares by one kind."""
        return [share for share in self.shares if share.kind == kind]

    def by_kind(self) -> dict[str, list[Share]]:
        """Kind in words -> its shares."""
        return {kind.replace("_", " "): self.of(kind) for kind in KINDS}

    def to_json(self) -> dict[str, Any]:
        by_kind = {kind: [share.to_json() for share in self.of(kind)] for kind in KINDS}
        whole = round(self.failed / self.ended, 4) if self.ended else None
        return {"failed": self.failed, "ended": self.ended, "share": whole, "by": by_kind}


def failures_of(standings: Iterable[Standings]) -> Failures:
    """The shares of failures. Conversations that did not end, pending or stopped, count nowhere."""
    ended = [each for each in standings if each.status in ("done", "failed")]
    shares: list[Share] = []
    for kind in KINDS:
        counted: dict[str, list[int]] = {}
        for each in ended:
            count = counted.setdefault(each.kind[kind] or UNKNOWN, [0, 0])
            count[0] += each.count if each.status == "failed" else 0
            count[1] += each.count
        found = [Share(kind, value, *count) for value, count in counted.items()]
        shares += sorted(found, key=lambda share: (-share.share, share.value))
    failed = sum(each.count for each in ended if each.status == "failed")
    return Failures(failed, sum(each.count for each in ended), tuple(shares))
