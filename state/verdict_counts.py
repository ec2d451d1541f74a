"""What verdicts come to over conversations: how often goals are met, when, and whether the listener's labels agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from .promises import TARGET_TURNS
from .values import Progress

ALL_GOALS: Final = "all"


@dataclass
class GoalCounts:
    """Counts over some conversations with verdicts.

    Attributes:
        conversations: those with verdicts.
        reached: those whose first goal was met, `turns` the sum of the turns at which, `inside` those of them whose
            turn lies in the band of their specificity.
        labels: tracks with a label and a verdict, `agreed` those of which both say the same.
        silent: labelled tracks of which the data, or a later goal without criteria, do not say.
    """

    conversations: int = 0
    reached: int = 0
    turns: int = 0
    inside: int = 0
    labels: int = 0
    agreed: int = 0
    silent: int = 0

    def merge(self, other: GoalCounts) -> None:
        """Add another's counts."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def figures(self) -> dict[str, int | float | None]:
        """The counts, and the shares and the mean that follow; None of nothing."""
        return {
            "conversations": self.conversations,
            "reached": self.reached,
            "reached_share": _share(self.reached, self.conversations),
            "mean_turn": round(self.turns / self.reached, 2) if self.reached else None,
            "inside_band": _share(self.inside, self.reached),
            "labels": self.labels,
            "agreed": self.agreed,
            "agreement": _share(self.agreed, self.labels),
            "not_said": self.silent,
        }


@dataclass
class VerdictCounts:
    """The counts by specificity of the goal."""

    by_specificity: dict[str, GoalCounts] = field(default_factory=dict)

    def add(
        self, specificity: str | None, labels: Mapping[int, str], verdicts: Iterable[Mapping[str, Any]]
    ) -> None:
        """Count a conversation that has verdicts.

        Args:
            labels: turn -> the listener's label of its track.
            verdicts: of each track {turn, goal_turn, moves, reached}.
        """
        counts = self.by_specificity.setdefault(specificity or "", GoalCounts())
        verdicts = list(verdicts)
        counts.conversations += 1
        turn = reached_at(verdicts)
        if turn is not None:
            low, high = TARGET_TURNS.get(specificity or "", (1, 0))
            counts.reached += 1
            counts.turns += turn
            counts.inside += low <= turn <= high
        for label, moves in compared(labels, verdicts).values():
            counts.silent += moves is None
            counts.labels += moves is not None
            counts.agreed += moves is label

    def merge(self, other: VerdictCounts) -> None:
        """Add another's counts."""
        for specificity, counts in other.by_specificity.items():
            self.by_specificity.setdefault(specificity, GoalCounts()).merge(counts)

    def groups(self) -> dict[str, GoalCounts]:
        """All goals, then by specificity in its usual order; empty where no conversation has verdicts."""
        whole = GoalCounts()
        for counts in self.by_specificity.values():
            whole.merge(counts)
        if not whole.conversations:
            return {}
        known = {name: self.by_specificity[name] for name in TARGET_TURNS if name in self.by_specificity}
        return {ALL_GOALS: whole, **known}


def reached_at(verdicts: Iterable[Mapping[str, Any]]) -> int | None:
    """The turn whose track met the first goal; None where none did."""
    return min((v["turn"] for v in verdicts if v["reached"] and v["goal_turn"] == 0), default=None)


def compared(
    labels: Mapping[int, str], verdicts: Iterable[Mapping[str, Any]]
) -> dict[int, tuple[bool, bool | None]]:
    """Turn -> (whether the listener says that its track moves toward the goal, whether it does); of labelled ones."""
    return {
        verdict["turn"]: (labels[verdict["turn"]] == Progress.MOVES, verdict["moves"])
        for verdict in verdicts
        if verdict["turn"] in labels
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
