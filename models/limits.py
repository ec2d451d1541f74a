"""`Limits`: how many calls to a provider run at once and how fast they start, for all conversations together."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, Self

from .windows import Entry, Window

SHRINK = 0.5
"""Factor on the width after a 429."""

ROUNDS_TO_GROW = 16
"""Full rounds of answers in which the width grows from nothing to all; never by less than one place a round."""

LONGEST_PAUSE_S = 120.0
"""The longest time for which one 429 holds back the calls of all conversations."""


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
    patience_s: float = LONGEST_PAUSE_S

    def delay(self, failures: int, retry_after: float | None, draw: random.Random) -> float:
        """Seconds before the next try, after `failures` of them: never less than the provider asked for."""
        wait = min(self.cap_s, self.base_s * 2.0 ** (failures - 1)) * draw.uniform(0.5, 1.0)
        spread = draw.uniform(0.0, 0.25 * self.base_s)
        return wait if retry_after is None else max(wait, retry_after + spread)

    def gives_up(self, failures: int, retry_after: float | None) -> bool:
        return failures >= self.tries or self.is_too_long(retry_after)

    def is_too_long(self, retry_after: float | None) -> bool:
        """Whether the provider asks for a wait that is as good as a quota that is used up."""
        return (retry_after or 0.0) > self.patience_s


@dataclass(frozen=True)
class Slot:
    """One call's place. `started` is the event loop's time in seconds."""

    started: float
    tokens: Entry | None = None


class RateLimit(Protocol):
    """What a call needs of the limits of its provider; they may be shared by many machines."""

    def slot(self, tokens: int = 0) -> AbstractAsyncContextManager[Slot]: ...

    def crowded(self, slot: Slot, retry_after: float | None = None) -> None: ...

    def answered(self, slot: Slot, tokens: int | None = None) -> None: ...


class RateLimits(Protocol):
    """Each provider's limits."""

    def of(self, provider: str) -> RateLimit: ...


class Limits:
    """A semaphore whose width follows the provider, and windows over what starts in a minute.

    The width is halved by a 429 and grown again by success. First come, first served. Belongs to one event loop.

    Args:
        requests_per_minute: starts in any span of 60 seconds; None for any number.
        tokens_per_minute: input tokens of the calls that start in any such span. They are estimated at the
            start and corrected by the answer. A call of more than that waits until it is alone.

    Attributes:
        width: calls that may run at once right now, from 1 to `concurrency`.
        peak: most calls that ever ran at once.
    """

    def __init__(
        self,
        concurrency: int,
        *,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        if requests_per_minute is not None and not requests_per_minute >= 1:
            raise ValueError(f"requests_per_minute must be at least 1, not {requests_per_minute}")
        if tokens_per_minute is not None and not tokens_per_minute >= 1:
            raise ValueError(f"tokens_per_minute must be at least 1, not {tokens_per_minute}")
        self.concurrency = concurrency
        self.width = float(concurrency)
        self.running = 0
        self.peak = 0
        self._requests = Window(requests_per_minute) if requests_per_minute else None
        self._tokens = Window(tokens_per_minute) if tokens_per_minute else None
        self._paused_until = 0.0
        self._shrunk_at = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._starting = asyncio.Lock()

    def of(self, provider: str) -> Self:
        """The same limits, whatever the provider."""
        return self

    @asynccontextmanager
    async def slot(self, tokens: int = 0) -> AsyncIterator[Slot]:
        """One call's place, given when it may start. `tokens` is what its input will count."""
        await self._enter()
        try:
            yield await self._start(tokens)
        finally:
            self._leave()

    def crowded(self, slot: Slot, retry_after: float | None = None) -> None:
        """The provider refused a call for its rate. Calls of the same burst shrink the width once.

        Nothing else starts before the time that the provider asks for, in seconds.
        """
        now = asyncio.get_running_loop().time()
        self._paused_until = max(self._paused_until, now + min(retry_after or 0.0, LONGEST_PAUSE_S))
        if slot.started >= self._shrunk_at:
            self.width = max(1.0, self.width * SHRINK)
            self._shrunk_at = now

    def answered(self, slot: Slot, tokens: int | None = None) -> None:
        """A call was answered: the width grows. `tokens` is what its input was in truth."""
        step = max(1.0, self.concurrency / ROUNDS_TO_GROW)
        self.width = min(float(self.concurrency), self.width + step / self.width)
        if self._tokens is not None and slot.tokens is not None and tokens is not None:
            self._tokens.correct(slot.tokens, tokens)

    async def _start(self, tokens: int) -> Slot:
        """Wait until no window and no pause is in the way; those who came first start first."""
        loop = asyncio.get_running_loop()
        async with self._starting:
            # No polling: one sleep, and another where a pause came up in the meantime.
            while (start := self._earliest(tokens, now := loop.time())) > now:  # noqa: ASYNC110
                await asyncio.sleep(start - now)
            if self._requests is not None:
                self._requests.take(1, now)
            return Slot(now, self._tokens.take(tokens, now) if self._tokens is not None else None)

    def _earliest(self, tokens: int, now: float) -> float:
        start = max(now, self._paused_until)
        if self._requests is not None:
            start = max(start, self._requests.earliest(1, now))
        if self._tokens is not None:
            start = max(start, self._tokens.earliest(tokens, now))
        return start

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


class ProviderLimits:
    """Limits of their own for each provider, made when its first call asks for them."""

    def __init__(self, make: Callable[[str], Limits]) -> None:
        self._make = make
        self._made: dict[str, Limits] = {}

    def of(self, provider: str) -> Limits:
        """The limits that all calls to `provider` share."""
        if provider not in self._made:
            self._made[provider] = self._make(provider)
        return self._made[provider]
