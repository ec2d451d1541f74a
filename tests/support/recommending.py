"""Recommenders as users write them, good and bad."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from segue.agents.chair.answers import Recommendation
from segue.agents.chair.view import RecommenderView

HANG_S = 600.0
MEETING_S = 60.0


class First:
    """The least that one can write."""

    def recommend(self, view: RecommenderView) -> Sequence[str]:
        return view.open_ids


class Last:
    """The same as a coroutine, with words."""

    async def recommend(self, view: RecommenderView) -> Recommendation:
        await asyncio.sleep(0)
        return Recommendation([view.open_ids[-1]], reply="Take the last one.", thought="own note of the last")


class Slow:
    """Takes its time; in a thread, or on an event loop."""

    def __init__(self, seconds: float = 0.2) -> None:
        self.seconds = seconds

    def recommend(self, view: RecommenderView) -> Sequence[str]:
        time.sleep(self.seconds)
        return view.open_ids


class SlowAsync(Slow):
    async def recommend(self, view: RecommenderView) -> Sequence[str]:  # type: ignore[override]
        await asyncio.sleep(self.seconds)
        return view.open_ids


class Meeting:
    """Answers once so many of its calls are inside at the same time, or breaks; in threads."""

    def __init__(self, callers: int) -> None:
        self.barrier = threading.Barrier(callers, timeout=MEETING_S)

    def recommend(self, view: RecommenderView) -> Sequence[str]:
        self.barrier.wait()
        return view.open_ids


class MeetingAsync:
    """The same on an event loop."""

    def __init__(self, callers: int) -> None:
        self.barrier = asyncio.Barrier(callers)

    async def recommend(self, view: RecommenderView) -> Sequence[str]:
        async with asyncio.timeout(MEETING_S):
            await self.barrier.wait()
        return view.open_ids


@dataclass
class Does:
    """Does one thing on every view, or only on those whose attempt is below `times`."""

    what: str
    times: int = 99
    views: list[RecommenderView] = field(default_factory=list)

    def recommend(self, view: RecommenderView) -> Any:
        self.views.append(view)
        return misbehave(self.what, view) if view.attempt < self.times else view.open_ids


class Sometimes:
    """Does something bad with a share of the views, another thing each time; the stream decides which."""

    def __init__(self, share: float = 0.2, kinds: Sequence[str] = ()) -> None:
        self.share, self.kinds = share, kinds or BAD

    def recommend(self, view: RecommenderView) -> Any:
        if view.seed % 1000 >= 1000 * self.share:
            return view.open_ids
        return misbehave(self.kinds[view.seed // 1000 % len(self.kinds)], view)


class Unmade:
    def __init__(self) -> None:
        raise OSError("the weights are not there")


class Silent:
    """Has no method to be asked by."""


BAD = (
    "hang",
    "crash",
    "exit",
    "none",
    "empty",
    "unknown",
    "repeat",
    "text",
    "set",
    "numbers",
    "object",
    "words",
    "flood",
)
"""What a class may do in place of answering."""


def misbehave(what: str, view: RecommenderView) -> Any:
    if what == "crash":
        raise ZeroDivisionError("division by nothing")
    if what == "exit":
        raise SystemExit(3)
    if what == "hang":
        time.sleep(HANG_S)
    if what == "leave":
        os._exit(9)
    played = view.used_ids[:1] or ("nobody-knows-it",)
    returned: dict[str, Any] = {
        "none": None,
        "empty": [],
        "unknown": [*view.open_ids[:2], "nobody-knows-it"],
        "repeat": [view.open_ids[0], view.open_ids[0]],
        "played": list(played),
        "text": view.open_ids[0],
        "set": set(view.open_ids),
        "numbers": [1, 2],
        "object": object(),
        "words": {"track_ids": [view.open_ids[0]], "reply": "x" * 2000},
        "flood": ["x" * 100] * 60_000,
    }
    return returned[what]


class HangingLoop:
    """A coroutine that holds up the event loop it runs on, for a while."""

    def __init__(self, seconds: float = 2.5) -> None:
        self.seconds = seconds

    async def recommend(self, view: RecommenderView) -> Sequence[str]:
        if view.turn == 1 and view.attempt == 0:
            time.sleep(self.seconds)  # noqa: ASYNC251 - what nobody should do
        return view.open_ids
