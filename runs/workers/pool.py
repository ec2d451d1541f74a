"""`Pool`: jobs spread over workers in other processes, lost ones replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ...core.errors import Interrupted, SegueError, WorkerLostError, WorkersLostError
from ...core.stopping import StopSignal
from ..events import Events
from ..queue import Elsewhere, Job
from .coordinator import Link
from .worker import Worker

OpenWorker = Callable[[Link], AbstractAsyncContextManager[Worker]]
"""Opens a worker with all that it needs, given its way to the coordinator; sent to where it works."""


@dataclass(frozen=True)
class Perform:
    """To a worker: do the job. Answered with its result."""

    job: Job


@dataclass(frozen=True)
class Stop:
    """To a worker: end after the calls in flight. `reason`: what to raise in place of the plain interruption."""

    reason: SegueError | None


class RemoteWorker(Protocol):
    """A worker in a process of its own, as the command sees it."""

    async def perform(self, job: Job) -> Any | Elsewhere:
        """Have the job done.

        Raises:
            WorkerLostError: the worker is no more.
            SegueError: what doing the job raised.
        """
        ...

    def stop(self, reason: SegueError | None) -> None:
        """Tell it of the stop."""
        ...

    async def close(self) -> None:
        """End it, whatever it is doing, and wait until it is gone."""
        ...


class Engine(Protocol):
    """Where workers are started."""

    async def start(self, name: str) -> RemoteWorker:
        """A new worker. Raises `SegueError` where none can be started."""
        ...

    async def forget(self, name: str) -> None:
        """Whatever the lost worker held of the coordinator's is free."""
        ...


@dataclass(eq=False)
class _Member:
    """One of the pool's workers: the one that is there, or is being started, and how much it does."""

    name: str
    starting: asyncio.Task[RemoteWorker]
    doing: int = 0


@dataclass
class Pool:
    """`Workers` in other processes, each started when there is work for it. A context, which ends them.

    Attributes:
        size: how many there are at a time.
        losses: how many may be lost, and are replaced, before the run gives up.
    """

    engine: Engine
    size: int
    signal: StopSignal
    events: Events
    losses: int = 10
    _members: list[_Member] = field(default_factory=list, init=False)
    _started: int = field(default=0, init=False)
    _lost: int = field(default=0, init=False)

    async def perform(self, job: Job) -> Any | Elsewhere:
        """See `Workers`. A job whose worker is lost is done by another.

        Raises:
            WorkersLostError: too many were lost.
            Interrupted: its worker was lost after the stop.
        """
        while True:
            member = self._idlest()
            starting = member.starting
            member.doing += 1
            try:
                worker = await asyncio.shield(starting)
                return await worker.perform(job)
            except WorkerLostError as error:
                await self._replace(member, starting, error)
            finally:
                member.doing -= 1

    def _idlest(self) -> _Member:
        """The worker with the least to do; a new one where all have something and there is room."""
        member = min(self._members, key=lambda each: each.doing, default=None)
        if member is None or (member.doing and len(self._members) < self.size):
            member = _Member(*self._start())
            self._members.append(member)
        return member

    def _start(self) -> tuple[str, asyncio.Task[RemoteWorker]]:
        name = f"w{self._started}"
        self._started += 1
        return name, asyncio.ensure_future(self._open(name))

    async def _open(self, name: str) -> RemoteWorker:
        worker = await self.engine.start(name)
        if self.signal.stopped:
            worker.stop(self.signal.reason)
        return worker

    async def _replace(self, member: _Member, lost: Awaitable[RemoteWorker], error: WorkerLostError) -> None:
        """Put a new worker in the place of the lost one, once, however many jobs it had."""
        if member.starting is not lost:
            return
        name, ended = member.name, f"worker {member.name} was lost"
        if self.signal.stopped:
            if member in self._members:
                self._members.remove(member)
                await self.engine.forget(name)
                self.events.say(f"{ended} ({error.message})")
            raise Interrupted(ended) from error
        member.name, member.starting = self._start()
        self._lost += 1
        await self.engine.forget(name)
        if self._lost > self.losses:
            raise WorkersLostError(
                f"{self._lost} workers were lost, the last was {name} ({error.message})",
                hint="everything is kept; look at the memory of where they work, and, in a script, that it plays under "
                '`if __name__ == "__main__":`; then run the same again',
            ) from error
        self.events.say(f"{ended}; another takes over what it had claimed ({error.message})")

    def _stop(self) -> None:
        for member in self._members:
            if (
                member.starting.done()
                and not member.starting.cancelled()
                and member.starting.exception() is None
            ):
                member.starting.result().stop(self.signal.reason)

    async def __aenter__(self) -> Pool:
        self.signal.heeded_by(self._stop)
        return self

    async def __aexit__(self, *error: object) -> None:
        for member in self._members:
            member.starting.cancel()
        started = await asyncio.gather(*(member.starting for member in self._members), return_exceptions=True)
        workers = [each for each in started if not isinstance(each, BaseException)]
        await asyncio.gather(*(worker.close() for worker in workers))
