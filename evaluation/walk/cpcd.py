"""CPCD's evaluation as published: what is asked on each turn, what is right there, and means over turns and dialogs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...recommenders.walk.cpcd.dialogs import CpcdDialog
from ...recommenders.walk.cpcd.items import CpcdItems
from .ranking_scores import NAMES, scores_of

TURNS_SHOWN: Final = 10
"""Columns by turn of the authors' tables."""

Numbers = NDArray[np.float64]
Rankings = Mapping[tuple[str, int], Sequence[str]]
"""(dialog, turn from 0) -> track ids, the best first."""


@dataclass(frozen=True)
class ScoredTurn:
    """One turn that can be scored.

    Attributes:
        dialog: its place among the dialogs.
        turn: from 0, as it stands in the dialog.
        known: items that were liked before (the first three of each turn), which are neither right nor ranked.
        right: what is left of the playlist.
    """

    dialog: int
    turn: int
    known: tuple[str, ...]
    right: frozenset[str]


class CpcdTask:
    """What is asked: dialogs, items, and the turns on which something is still right.

    The playlist that a dialog led to is right on each of its turns, less the first three tracks liked on each turn
    before; a turn on which nothing of it is left is not scored.
    """

    def __init__(self, dialogs: Sequence[CpcdDialog], items: CpcdItems) -> None:
        self.dialogs, self.items = tuple(dialogs), items
        self.turns = tuple(self._scored())

    def _scored(self) -> Iterator[ScoredTurn]:
        for place, dialog in enumerate(self.dialogs):
            playlist = self.items.items(dialog.goal_playlist)
            for turn in range(len(dialog.turns)):
                known = self.items.items(dialog.seeds_before(turn))
                right = frozenset(playlist).difference(known)
                if right:
                    yield ScoredTurn(place, turn, known, right)

    def score(self, rankings: Rankings) -> CpcdScores:
        """Scores of a system; where a turn has no ranking, or fewer than 100 items are left of it, a `ValueError`
        says which."""
        return CpcdScores(self, np.array([self._score(turn, rankings) for turn in self.turns]))

    def _score(self, turn: ScoredTurn, rankings: Rankings) -> tuple[float, ...]:
        name = self.dialogs[turn.dialog].id
        if (name, turn.turn) not in rankings:
            raise ValueError(f"there is no ranking for turn {turn.turn} of {name}")
        ranked = self.items.items(rankings[name, turn.turn])
        known = set(turn.known)
        try:
            return scores_of([item for item in ranked if item not in known], turn.right)
        except ValueError as error:
            raise ValueError(f"turn {turn.turn} of {name}: {error}") from error


@dataclass(frozen=True)
class CpcdScores:
    """Scores of one system, shape (turns, `NAMES`)."""

    task: CpcdTask
    by_turn: Numbers

    @cached_property
    def by_dialog(self) -> Numbers:
        """Means within each dialog that has a scored turn, shape (dialogs, `NAMES`)."""
        dialogs = np.array([turn.dialog for turn in self.task.turns])
        return np.array([self.by_turn[dialogs == dialog].mean(axis=0) for dialog in np.unique(dialogs)])

    def macro(self, name: str) -> float:
        """The mean over dialogs of the means within them."""
        return float(self.by_dialog[:, NAMES.index(name)].mean())

    def micro(self, name: str) -> float:
        """The mean over all turns."""
        return float(self.by_turn[:, NAMES.index(name)].mean())

    def at_turn(self, name: str, number: int) -> float | None:
        """The mean over the turns that are the `number`-th scored one (from 0) of their dialog; None without any."""
        rows = self.by_turn[self._numbers == number, NAMES.index(name)]
        return float(rows.mean()) if len(rows) else None

    @cached_property
    def _numbers(self) -> NDArray[np.intp]:
        dialogs = np.array([turn.dialog for turn in self.task.turns])
        begins = np.flatnonzero(np.r_[True, dialogs[1:] != dialogs[:-1]])
        lengths = np.diff(np.r_[begins, len(dialogs)])
        return np.arange(len(dialogs)) - np.repeat(begins, lengths)

    def to_json(self) -> dict[str, Any]:
        """Every score: macro, micro and by turn, and how many dialogs and turns there are."""
        return {
            "dialogs": len(self.by_dialog),
            "turns": len(self.by_turn),
            "scores": {
                name: {
                    "macro": self.macro(name),
                    "micro": self.micro(name),
                    "by_turn": [self.at_turn(name, number) for number in range(TURNS_SHOWN)],
                }
                for name in NAMES
            },
        }
