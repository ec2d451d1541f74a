"""`NextTrackTask`: what is asked on each turn of the conversations that are tested on, and what was played then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...core.errors import InputError
from ...recommenders.next_track.dividing import DividedTalks, Part
from ...recommenders.next_track.queries import TalkQuery
from ...recommenders.next_track.searching import Places, ranks_of, without_played
from ...recommenders.walk.items import ItemTable
from ...recommenders.walk.queries import ScoreTable

Ranks = NDArray[np.float64]
"""Of what was played, from 1, one a turn."""
Mask = NDArray[np.bool_]

GROUPS: Final = ("warm", "cold", "held out", "liked")
"""Turns on which the track is known to training, is not, is not on purpose, and was liked by the listener."""


@dataclass(frozen=True)
class AskedTurn:
    """One turn that is scored.

    Attributes:
        talk: place of its conversation.
        number: of the turn, from 1.
        gold: place of the track that was played.
    """

    talk: int
    number: int
    query: TalkQuery
    gold: int
    liked: bool | None


class NextTrackTask:
    """The whole table of tracks is ranked for each turn, without what the conversation has played.

    A turn is not scored on which no track was played, an unknown one, or one that was played before.

    Raises:
        InputError: no turn is left.
    """

    def __init__(self, items: ItemTable, divided: DividedTalks, part: Part = "test") -> None:
        self.items, self.divided = items, divided
        self.talks = divided.talks[part]
        self.turns = tuple(self._asked())
        if not self.turns:
            raise InputError(
                "no turn of these conversations can be scored: no track of the catalogue was played"
            )

    def _asked(self) -> Iterator[AskedTurn]:
        for place, talk in enumerate(self.talks):
            for number, (turn, query) in enumerate(zip(talk.turns, talk.queries(self.items), strict=True), 1):
                gold = None if turn.track is None else self.items.place_of.get(turn.track)
                if gold is not None and gold not in query.heard:
                    yield AskedTurn(place, number, query, gold, turn.liked)

    @cached_property
    def queries(self) -> tuple[TalkQuery, ...]:
        return tuple(turn.query for turn in self.turns)

    @cached_property
    def gold(self) -> Places:
        return np.array([turn.gold for turn in self.turns], dtype=np.intp)

    @cached_property
    def talk_of(self) -> NDArray[np.intp]:
        """Place of each turn's conversation."""
        return np.array([turn.talk for turn in self.turns], dtype=np.intp)

    @cached_property
    def session_of(self) -> NDArray[np.intp]:
        """Number of each conversation's session."""
        names = {name: n for n, name in enumerate(dict.fromkeys(talk.session for talk in self.talks))}
        return np.array([names[talk.session] for talk in self.talks], dtype=np.intp)

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Number of each turn, from 1."""
        return np.array([turn.number for turn in self.turns], dtype=np.intp)

    def group(self, name: str) -> Mask:
        """Which turns are of one of `GROUPS`."""
        ids = [self.items.ids[turn.gold] for turn in self.turns]
        if name == "liked":
            return np.array([turn.liked is True for turn in self.turns])
        members = {"warm": self.divided.warm, "held out": self.divided.held_out}
        found = np.array([track in members.get(name, self.divided.warm) for track in ids])
        return ~found if name == "cold" else found

    def part(self, begin: int, end: int) -> AskedPart:
        """Some turns that follow one another."""
        return AskedPart(self.queries[begin:end], self.gold[begin:end])


@dataclass(frozen=True)
class AskedPart:
    """Turns that are asked at once."""

    queries: tuple[TalkQuery, ...]
    gold: Places

    def open_only(self, table: ScoreTable) -> ScoreTable:
        """The table, changed in place: what a conversation has played is not ranked again."""
        return without_played(table, self.queries)

    def ranks(self, table: ScoreTable) -> Ranks:
        """Rank of what was played under scores of all tracks for these turns (changed in place)."""
        return ranks_of(self.open_only(table), self.gold)


def asked_turns(
    task: NextTrackTask, most: int, rng: np.random.Generator
) -> tuple[Sequence[TalkQuery], Places]:
    """So many turns of a task, drawn without replacement; all where there are no more."""
    count = len(task.turns)
    chosen = np.sort(rng.choice(count, min(most, count), replace=False))
    return [task.queries[place] for place in chosen], task.gold[chosen]
