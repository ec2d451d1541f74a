"""The signal that ends everything in order: nothing new is begun, waits end at once, what is in flight gets a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from .errors import Interrupted, Place, SegueError
from .time_limits import GRACE_S


@dataclass
class StopSignal:
    """Set once, heeded everywhere. `reason` is an error to raise in place of the plain interruption.

    Attributes:
        grace_s: see `GRACE_S`.
    """

    stopped: bool = False
    reason: SegueError | None = None
    grace_s: float = GRACE_S
    _heeding: dict[Callable[[], None], None] = field(default_factory=dict, repr=False)

    def stop(self, reason: SegueError | None = None) -> None:
        """Stop; the first reason stays."""
        first, self.stopped = not self.stopped, True
        self.reason = self.reason or reason
        for heed in list(self._heeding) if first else ():
            heed()

    def heeded_by(self, heed: Callable[[], None]) -> None:
        """Call `heed` once, when it is set."""
        self._heeding[heed] = None

    @property
    def by_hand(self) -> bool:
        """Whether somebody stopped it, and waits for the end."""
        return self.stopped and (self.reason is None or isinstance(self.reason, Interrupted))

    def require_going(self, place: Place) -> None:
        """Raises `Interrupted` where it is set."""
        if self.stopped:
            raise Interrupted(f"{place}: stopped before the call")

    @asynccontextmanager
    async def cutting(self, place: Place, *, in_flight: bool = False) -> AsyncIterator[None]:
        """What is awaited in here ends with the signal. A call `in_flight` is cut off only where it was stopped by
        hand, and not before it had `grace_s` to be answered.

        Raises:
            Interrupted: it was ended.
        """
        loop = asyncio.get_running_loop()

        def cut() -> None:
            if not in_flight:
                limit.reschedule(loop.time())
            elif self.by_hand:
                limit.reschedule(loop.time() + self.grace_s)

        try:
            async with asyncio.timeout(None) as limit:
                self._heeding[cut] = None
                if self.stopped:
                    cut()
                try:
                    yield
                finally:
                    del self._heeding[cut]
        except TimeoutError:
            if not limit.expired():
                raise
            told = (
                f"not answered within {self.grace_s:g} s of the stop"
                if in_flight
                else "stopped before the call"
            )
            raise Interrupted(f"{place}: {told}") from None
