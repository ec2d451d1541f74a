"""What people are told of calls that take long: those that are tried again, and those that are not answered yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..core.errors import Place, TransientModelError
from ..core.text import one_line

FIRST_BEAT_S, LONGEST_BEAT_S = 30.0, 600.0
"""An unanswered call is told of after so many seconds, then after twice as many and so on, or after the longest."""
AT_ONCE, SPAN_S = 6, 10.0
"""So many lines in a span of so many seconds; the rest is counted."""
_QUOTED = 240
"""Characters of a provider's words."""


@dataclass(eq=False)
class _Waiting:
    """A call in flight. Times are the event loop's."""

    place: Place
    model: str
    began: float
    pause: float
    next: float
    timer: asyncio.TimerHandle = field(init=False)


@dataclass
class CallNotices:
    """Lines about slow and failing calls, few enough to be read. Belongs to one event loop.

    Attributes:
        say: is given each line.
    """

    say: Callable[[str], None] = lambda _: None
    first_beat_s: float = FIRST_BEAT_S
    _waiting: dict[_Waiting, None] = field(default_factory=dict, repr=False)
    _span_end: float = field(default=0.0, repr=False)
    _told: int = field(default=0, repr=False)
    _left: int = field(default=0, repr=False)

    def again(self, place: Place, error: TransientModelError, wait_s: float, tries: int, most: int) -> None:
        """A call failed and waits for its next try.

        Args:
            tries: made so far, of `most`.
        """
        why = one_line(error.message, _QUOTED)
        self._tell(f"{place}: {why}; try {tries + 1} of {most} in {duration(wait_s)}")

    @contextmanager
    def waiting(self, place: Place, model: str) -> Iterator[None]:
        """A call is in flight: told of when it takes long."""
        now = asyncio.get_running_loop().time()
        entry = _Waiting(place, model, now, self.first_beat_s, now + self.first_beat_s)
        self._waiting[entry] = None
        self._arm(entry)
        try:
            yield
        finally:
            del self._waiting[entry]
            entry.timer.cancel()

    def _arm(self, entry: _Waiting) -> None:
        entry.timer = asyncio.get_running_loop().call_at(entry.next, self._beat, entry)

    def _beat(self, entry: _Waiting) -> None:
        """One line for all calls that are due about now; nothing where another's line told of this one."""
        now = asyncio.get_running_loop().time()
        if entry.next <= now:
            due = [each for each in self._waiting if each.next <= now + 1.0]
            for each in due:
                each.pause = min(2.0 * each.pause, LONGEST_BEAT_S)
                each.next = now + each.pause
            oldest = min(due, key=lambda each: each.began)
            told = f"{oldest.place}: no answer from {oldest.model} for {duration(now - oldest.began)}"
            self._tell(f"{told}, and {len(due) - 1} more calls wait" if len(due) > 1 else told)
        self._arm(entry)

    def _tell(self, line: str) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() >= self._span_end:
            self._span_end, self._told = loop.time() + SPAN_S, 0
        if self._told < AT_ONCE:
            self._told += 1
            self.say(line)
            return
        if not self._left:
            loop.call_at(self._span_end, self._sum_up)
        self._left += 1

    def _sum_up(self) -> None:
        self.say(f"and {self._left} more calls that were tried again or waited for")
        self._left = 0


def duration(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
