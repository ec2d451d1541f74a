"""`play_shift`: workers set to work wherever they are, lost ones replaced, what they finish handed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from ...checkpoints.store.leases import Leases
from ...core.errors import WorkerLostError, WorkersLostError
from ..stopping import StopSignal
from .coordinator import Finished, Line, Stop
from .worker import Worker

OpenWorker = Callable[[str, Line], AbstractAsyncContextManager[Worker]]
"""Makes a worker from its name and its line; sent to where it works."""

_LOOK_S = 0.1
"""How soon the user's stop is told to the workers, and what they finished to the user."""


class Site(Protocol):
    """Where workers work, and their control's place."""

    @property
    def line(self) -> Line:
        """The driver's own line to the control."""
        ...

    async def employ(self, name: str) -> None:
        """Set a worker to work and wait until it is through; cancelled, it ends the worker.

        Raises:
            WorkerLostError: it ended without a word.
            SegueError: it failed for a reason that would meet the next one too.
        """
        ...


@dataclass(frozen=True)
class Terms:
    """How many work.

    Attributes:
        workers: how many there are at a time.
        losses: how many may be lost, and are replaced, before the run gives up.
    """

    workers: int
    losses: int = 10


@dataclass
class _Shift:
    """The workers at work, as the driver sees them."""

    site: Site
    terms: Terms
    leases: Leases
    say: Callable[[str], None]
    working: dict[asyncio.Task[None], str] = field(default_factory=dict)
    begun: int = 0
    lost: int = 0
    told: bool = False

    def begin(self) -> None:
        """Set one more worker to work. A name, and with it its leases, never comes again."""
        name = f"w{self.begun}"
        self.begun += 1
        self.working[asyncio.create_task(self.site.employ(name), name=name)] = name

    async def look(self) -> None:
        """See who is through and who is lost, after a while at most.

        Raises:
            SegueError: a worker failed for a reason that would meet the next one too.
            WorkersLostError: too many were lost.
        """
        through, _ = await asyncio.wait(self.working, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        for task in through:
            name = self.working.pop(task)
            try:
                await task
            except WorkerLostError as error:
                await self._replace(name, error)

    async def tell(self, signal: StopSignal) -> None:
        """The user's stop is the crew's."""
        if signal.stopped and not self.told:
            self.told = True
            await self.site.line.call("stop", Stop.of(signal.reason))

    async def _replace(self, name: str, error: WorkerLostError) -> None:
        self.lost += 1
        if error.dead:
            await self.leases.release(name)
        await self.site.line.call("forget", name)
        if self.lost > self.terms.losses:
            raise WorkersLostError(
                f"{self.lost} workers were lost, the last was {name} ({error.message})",
                hint="everything is kept; look at the memory of where they work, then run the same command again",
            ) from error
        if await self.site.line.call("stopped") is not None:
            self.say(f"worker {name} was lost ({error.message})")
            return
        self.say(f"worker {name} was lost; another takes over what it had claimed ({error.message})")
        self.begin()

    async def end(self) -> None:
        """Let go of whoever is left."""
        for task in self.working:
            task.cancel()
        await asyncio.gather(*self.working, return_exceptions=True)


async def play_shift(
    site: Site, terms: Terms, leases: Leases, signal: StopSignal, say: Callable[[str], None]
) -> AsyncGenerator[Finished, None]:
    """Play all that is enlisted; conversations in the order in which they end.

    Args:
        signal: of the driver. A stop that comes from a worker is put into it.
        say: tells the user of workers lost.
    """
    shift = _Shift(site, terms, leases, say)
    for _ in range(terms.workers):
        shift.begin()
    try:
        while shift.working:
            await shift.look()
            await shift.tell(signal)
            for finished in await site.line.call("drain"):
                yield finished
        await _heed(site.line, signal)
    finally:
        await shift.end()
        await leases.dismiss()


async def _heed(line: Line, signal: StopSignal) -> None:
    """A stop that came from a worker is the run's."""
    stop: Stop | None = await line.call("stopped")
    if stop is not None:
        signal.stop(stop.error())
