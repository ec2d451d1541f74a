"""Statistics side by side: what is counted of several data sets, or of one data set's parts, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .statistics import ALL, DISTRIBUTIONS, GroupCounts, Statistics, ordered

T = TypeVar("T")


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
