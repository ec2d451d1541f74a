"""`TalkQuery`: a conversation up to the listener's present message; `TalkScorer`: whoever scores what to play next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ..walk.queries import ScoreTable


class TalkQuery(NamedTuple):
    """What is known when the next track is chosen.

    Attributes:
        said: the listener's messages, the present one last.
        played: place of the track of each turn before, in order; None where none was played, or an unknown one.
        replied: what was said with each of them.
        taste: what the listener likes, in words of the profile.
    """

    said: tuple[str, ...]
    played: tuple[int | None, ...] = ()
    replied: tuple[str, ...] = ()
    taste: tuple[str, ...] = ()

    @property
    def heard(self) -> tuple[int, ...]:
        """Places of the tracks that were played, in order."""
        return tuple(place for place in self.played if place is not None)


class TalkScorer(Protocol):
    """Whatever gives every track of a table a score for a conversation."""

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """How well each track fits as the next one of each conversation, shape (queries, tracks), higher for better.
        Those that are not ranked at all have minus infinity."""
        ...
