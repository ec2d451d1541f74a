"""What a judge's prompt shows of a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..criteria import read_criteria
from ..facts import TrackFacts
from ..languages import languages_heard
from ..understanding import Vocabulary
from ..wishes import Wish


@dataclass(frozen=True)
class Spoken:
    """One turn as the prompt shows it. What is not shown is empty or None."""

    number: int
    listener: str
    recsys: str
    listener_thought: str
    recsys_thought: str
    label: str
    track: TrackFacts | None


@dataclass(frozen=True)
class Material:
    """Everything that the prompt shows of the conversation."""

    turns: tuple[Spoken, ...]
    goal: Mapping[str, Any]
    profile: Mapping[str, Any]
    tastes: tuple[TrackFacts, ...]
    pool: tuple[TrackFacts, ...]
    vocabulary: Vocabulary

    @cached_property
    def criteria(self) -> tuple[Wish, ...]:
        """What the goal asks for."""
        return read_criteria(str(self.goal.get("listener_goal", "")), self.vocabulary)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The language of each of the listener's messages."""
        shown = (*self.pool, *self.tracks)
        names = (name for track in shown for name in (*track.artists, track.title, track.album or ""))
        return languages_heard((turn.listener for turn in self.turns), names)

    @property
    def tracks(self) -> tuple[TrackFacts, ...]:
        return tuple(turn.track for turn in self.turns if turn.track is not None)
