"""`Limits`: how many calls run at once and how fast they start, shared by all conversations of a run."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

SHRINK = 0.5
"""Factor on the width after a 429."""


@dataclass(frozen=True)
class Backoff:
    """How long to wait before trying again.

    Attributes:
        tries: calls in all, the first one included.
        base_s, cap_s: the wait doubles from `base_s`, up to `cap_s`.
        patience_s: a provider that asks for a longer wait than this is not waited for.
    """

    tries: int = 6
    base_s: float = 1.0
    cap_s: float = 60.0
    patience_s: float = 120.0

    def delay(self, failures: int, retry_after: float | None, draw: random.Random) -> float:
        """Seconds before the next try, after `failures` of them: never less than the provider asked for."""
        wait = min(self.cap_s, self.base_s * 2.0 ** (failures - 1)) * draw.uniform(0.5, 1.0)
        spread = draw.uniform(0.0, 0.25 * self.base_s)
        return wait if retry_after is None else max(wait, retry_after + spread)

    def gives_up(self, failures: int, retry_after: float | None) -> bool:
        return failures >= self.tries or (retry_after or 0.0) > self.patience_s


class Limits:
    """A semaphore whose width follows the provider: halved by a 429, grown again by success.

    First come, first served. Belongs to one event loop.

    Attributes:
        width: calls that may run at once right now, from 1 to `concurrency`.
        peak: most calls that ever ran at once.
    """

    def __init__(self, concurrency: int, *, requests_per_minute: float | None = None) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        if requests_per_minute is not None and not requests_per_minute > 0:
            raise ValueError(f"requests_per_minute must be positive, not {requests_per_minute}")
        self.concurrency = concurrency
        self.width = float(concurrency)
        self.running = 0
        self.peak = 0
        self._spacing = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._next_start = 0.0
        self._shrunk_at = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """One call's place; gives the time at which it was got, for `crowded`."""
        await self._pace()
        await self._enter()
        try:
            yield monotonic()
        finally:
            self._leave()

    def crowded(self, started: float) -> None:
        """The provider refused a call for its rate. Calls of the same burst shrink the width once."""
        if started >= self._shrunk_at:
            self.width = max(1.0, self.width * SHRINK)
            self._shrunk_at = monotonic()

    def answered(self) -> None:
        """A call was answered: one more place after each full round of answers."""
        self.width = min(float(self.concurrency), self.width + 1.0 / self.width)

    async def _pace(self) -> None:
        if not self._spacing:
            return
        now = monotonic()
        start = max(now, self._next_start)
        self._next_start = start + self._spacing
        await asyncio.sleep(start - now)

    async def _enter(self) -> None:
        if self._waiting or self.running >= int(self.width):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._abandon(turn)
                raise
        else:
            self._take()

    def _take(self) -> None:
        self.running += 1
        self.peak = max(self.peak, self.running)

    def _abandon(self, turn: asyncio.Future[None]) -> None:
        """A waiter was cancelled; a place that it had just been given goes to the next."""
        if turn.done() and not turn.cancelled():
            self._leave()
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def _leave(self) -> None:
        self.running -= 1
        while self._waiting and self.running < int(self.width):
            turn = self._waiting.popleft()
            if not turn.done():
                self._take()
                turn.set_result(None)
