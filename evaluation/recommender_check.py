"""The contract test of a recommender: what it was asked, what came back, and whether that can sit in the chair."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from ..agents.chair.answers import Ranked
from ..agents.chair.asking import examine
from ..agents.chair.caller import Occupant
from ..agents.chair.opening import open_recommender
from ..agents.chair.spec import RecommenderSpec
from ..agents.chair.view import RecommenderView
from ..catalog.catalog import Catalog
from ..core.errors import ModelSetupError, SegueError
from ..state.values import PLAY_ALONE, Action
from .recommender_views import TriedView, tried_views

AT_ONCE: Final = 16
"""Calls that are in flight together for a while."""


@dataclass(frozen=True)
class Tried:
    """One call.

    Attributes:
        name: of the view.
        ranked: the answer; None where there is none that can be used.
        title: of the track that would be played.
        problem: why there is none; empty otherwise.
    """

    name: str
    turn: int
    seconds: float
    ranked: Ranked | None = None
    title: str = ""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """{view, turn, seconds, ranked, action, track_id, reply, thought, problem}; `ranked` counts ids, `action` is
        None where there is no answer that can be used."""
        ranked = self.ranked or Ranked(())
        return {
            "view": self.name,
            "turn": self.turn,
            "seconds": round(self.seconds, 6),
            "ranked": len(ranked.track_ids),
            "action": self.ranked.action.value if self.ranked else None,
            "track_id": next(iter(ranked.track_ids), None),
            "reply": ranked.reply,
            "thought": ranked.thought,
            "problem": self.problem or None,
        }


@dataclass(frozen=True)
class RecommenderCheck:
    """What a recommender did.

    Attributes:
        name: as it is typed.
        opening: why it cannot be asked at all; empty otherwise.
        tried: one call for each view.
        again: the same views once more.
        at_once: the first view, many times together.
        at_once_s: seconds that these took in all.
    """

    name: str
    opening: str = ""
    hint: str = ""
    tried: Sequence[Tried] = ()
    again: Sequence[Tried] = ()
    at_once: Sequence[Tried] = ()
    at_once_s: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether every call was answered with what can be used."""
        return not self.problems

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, once each."""
        calls = (*self.tried, *self.again, *self.at_once)
        found = [f"{each.name}: {each.problem}" for each in calls if each.problem]
        return list(dict.fromkeys(([self.opening] if self.opening else []) + found))

    @property
    def deterministic(self) -> bool | None:
        """Whether the same view had the same answer; None where one of the two is missing."""
        pairs = list(zip(self.tried, self.again, strict=False))
        if not pairs or any(one.ranked is None or other.ranked is None for one, other in pairs):
            return None
        return all(one.ranked == other.ranked for one, other in pairs)

    @property
    def seconds(self) -> list[float]:
        """Of the calls that were made one after the other."""
        return [each.seconds for each in (*self.tried, *self.again)]

    def to_json(self) -> dict[str, Any]:
        """The document of `segue recommender check --json`."""
        times = self.seconds or [0.0]
        latency = {"median": round(statistics.median(times), 6), "longest": round(max(times), 6)}
        return {
            "recommender": self.name,
            "sound": self.sound,
            "problems": self.problems,
            "hint": self.hint or None,
            "views": [each.to_json() for each in self.tried],
            "deterministic": self.deterministic,
            "latency_s": latency if self.seconds else None,
            "at_once": {"calls": len(self.at_once), "seconds": round(self.at_once_s, 6)},
        }


@dataclass(frozen=True)
class Checker:
    """Tries one recommender on the views of a catalogue.

    Attributes:
        timeout_s: of a call.
        actions: what it may answer.
    """

    spec: RecommenderSpec
    catalog: Catalog
    timeout_s: float = 30.0
    actions: Sequence[Action] = PLAY_ALONE

    async def check(self) -> RecommenderCheck:
        """Ask it, and keep what came back. Whatever it does ends in the result."""
        try:
            occupant = open_recommender(self.spec)
        except ModelSetupError as error:
            return RecommenderCheck(self.spec.name, error.message, error.hint or "")
        views = list(tried_views(self.catalog, self.actions))
        try:
            tried = [await self._try(occupant, view) for view in views]
            again = [await self._try(occupant, view) for view in views]
            begin = perf_counter()
            at_once = await asyncio.gather(*(self._try(occupant, views[0]) for _ in range(AT_ONCE)))
            seconds = perf_counter() - begin
        finally:
            await occupant.aclose()
        return RecommenderCheck(self.spec.name, "", "", tried, again, at_once, seconds)

    async def _try(self, occupant: Occupant, tried: TriedView) -> Tried:
        begin, ranked = perf_counter(), None
        try:
            async with asyncio.timeout(self.timeout_s):
                reply = await occupant.ask("".join(tried.view.written()), self.timeout_s)
            ranked, problem = examine(reply, tried.view)
        except TimeoutError:
            problem = f"no answer within {self.timeout_s:g} s"
        except SegueError as error:
            problem = error.message
        seconds = perf_counter() - begin
        title = self._title(tried.view, ranked) if ranked is not None else ""
        return Tried(tried.name, tried.view.turn, seconds, ranked, title, problem)

    def _title(self, view: RecommenderView, ranked: Ranked) -> str:
        first = next(iter(ranked.track_ids), None)
        return next((f"{card.title} — {card.artist}" for card in view.pool if card.track_id == first), "")
