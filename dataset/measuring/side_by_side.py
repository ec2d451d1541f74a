"""Statistics side by side: what is counted of several data sets, or of one data set's parts, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Generic, TypeVar

from ...core.tables import Table
from .statistics import ALL, DISTRIBUTIONS, SPECIFICITIES, GroupCounts, Statistics, ordered

T = TypeVar("T")

GOAL_FIGURES: Final = {
    "goals reached": ("reached_share", "{:.1%}"),
    "turn at which, mean": ("mean_turn", "{:.1f}"),
    "of these, inside the band": ("inside_band", "{:.1%}"),
    "labels that agree with the verdict": ("agreement", "{:.1%}"),
    "tracks that the verdict leaves open": ("not_said", "{:,}"),
}
"""What is shown of verdicts -> the figure of `GoalCounts`, and how."""

ACTION_FIGURES: Final = {
    "played": ("played_share", "{:.1%}"),
    "asked": ("questions_share", "{:.1%}"),
    "had no match": ("refusals_share", "{:.1%}"),
    "questions unanswered": ("unanswered", "{:,}"),
}
"""What is shown of what the recsys did -> the figure of `ActionCounts`, and how."""


@dataclass(frozen=True)
class CountRow(Generic[T]):
    """One row: what it is about, of which value or turn of it, and a number for each column."""

    about: str
    of: str
    values: Sequence[T]


class SideBySide:
    """The columns are all parts of one data set, or of several data sets the whole of each."""

    def __init__(self, found: Sequence[Statistics]) -> None:
        alone = len(found) == 1
        columns = [(one, part) for one in found for part in ((one.groups() or [ALL]) if alone else [ALL])]
        self.names = [part if alone else one.name for one, part in columns]
        self._tables = [one.table(part) for one, part in columns]
        self._groups = [one.by_group.get(part, GroupCounts()) for one, part in columns]

    def tables(self) -> Iterator[Table]:
        """All of it to read: counts and lengths, distributions in per cent, and what changes from turn to turn."""
        counts = [[row.about, *map(_number, row.values)] for row in self.counts()]
        yield Table(["", *self.names], counts, right=self.names)
        shares = list(_cells(self.shares(), lambda cell: f"{cell:.1f} %"))
        yield Table(["share of conversations", "", *self.names], shares, right=self.names)
        moves = _cells(self.moves(), lambda share: "" if share is None else f"{share:.1%}")
        words = _cells(self.words(), lambda mean: "" if mean is None else f"{mean:.1f}")
        yield Table(["by turn", "turn", *self.names], [*moves, *words], right=self.names)
        goals = list(_cells(self.goals(), str))
        if goals:
            yield Table(["goals", "specificity", *self.names], goals, right=self.names)
        acted = [[row.about, *row.values] for row in self.actions()]
        if acted:
            yield Table(["share of turns", *self.names], acted, right=self.names)

    def counts(self) -> Iterator[CountRow[int | float | None]]:
        """The rows of the paper's Table 4."""
        for name in self._tables[0]:
            yield CountRow(name, "", [table[name] for table in self._tables])

    def shares(self) -> Iterator[CountRow[float]]:
        """Each distribution's values in their order, in per cent of the conversations."""
        for name in DISTRIBUTIONS:
            if name == "goals":
                continue
            whole = sum(
                (group.distributions[name] for group in self._groups), GroupCounts().distributions[name]
            )
            for value in ordered(name, whole):
                cells = [
                    100 * group.distributions[name][value] / (group.conversations or 1)
                    for group in self._groups
                ]
                yield CountRow(name.replace("_", " "), value, cells)

    def moves(self) -> Iterator[CountRow[float | None]]:
        """By turn, the share of labels that say the last track moved toward the goal; at the end, of the last one."""
        turns = {turn for group in self._groups for turn in group.progress}
        for turn in [*sorted(turns - {0}), *(turns & {0})]:
            values = [group.moves_share(turn) for group in self._groups]
            yield CountRow("moves toward the goal", str(turn) if turn else "the end", values)

    def words(self) -> Iterator[CountRow[float | None]]:
        """By turn, the mean words of the listener's message."""
        for turn in sorted({turn for group in self._groups for turn in group.by_turn}):
            values = [group.by_turn[turn].value if turn in group.by_turn else None for group in self._groups]
            yield CountRow("words of the listener", str(turn), values)

    def goals(self) -> Iterator[CountRow[str]]:
        """By specificity, what the verdicts come to, as text; nothing where no conversation has any."""
        found = [group.verdicts.groups() for group in self._groups]
        for about, (figure, shown) in GOAL_FIGURES.items():
            for name in (ALL, *SPECIFICITIES):
                values = [groups[name].figures[figure] if name in groups else None for groups in found]
                if any(name in groups for groups in found):
                    yield CountRow(about, name, ["" if v is None else shown.format(v) for v in values])

    def actions(self) -> Iterator[CountRow[str]]:
        """What the recsys did, as text; nothing where it could only play."""
        found = [group.actions for group in self._groups]
        if not any(counts.conversations for counts in found):
            return
        for about, (figure, shown) in ACTION_FIGURES.items():
            values = [counts.figures[figure] if counts.conversations else None for counts in found]
            yield CountRow(about, "", ["" if v is None else shown.format(v) for v in values])


def _cells(rows: Iterable[CountRow[Any]], shown: Callable[[Any], str]) -> Iterator[list[str]]:
    """The rows as text; what several are about is said once."""
    for about, group in groupby(rows, key=lambda row: row.about):
        for number, row in enumerate(group):
            yield ["" if number else about, row.of, *map(shown, row.values)]


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:,}"
