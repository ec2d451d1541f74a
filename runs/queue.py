"""The queue: everything that is played or judged is a job, begun in order, done by whoever has a free slot."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

from ..core.errors import BudgetError, Interrupted, ModelSetupError, QuotaError
from ..core.stopping import StopSignal
from .events import Events

Kind = Literal["trunk", "branch", "judgement", "inpainting"]

STOPS = (Interrupted, QuotaError, BudgetError, ModelSetupError)
"""How a job ends that was stopped; after these nothing else could go on either."""

HELD_PER_SLOT = 32
"""Jobs, for each that may run at once, that may be begun beyond the first whose result is not given out yet."""

LOOK_S = 0.3
"""How often a job is looked at that another command is doing."""


@dataclass(frozen=True)
class Job:
    """Something to do. It may travel to another process, payload and all.

    Attributes:
        key: of what comes of it in the store; nobody else does the job of this kind and key at the same time.
        payload: what its handler needs to know.
        shared: another command was at it, so that what that one left is the result here, too.
    """

    kind: Kind
    key: str
    payload: Any
    shared: bool = False


class Elsewhere:
    """In place of a result: another command is at the job."""


ELSEWHERE: Final = Elsewhere()


class Handler(Protocol):
    """What is done with the jobs of one command."""

    async def known(self, job: Job) -> Any | None:
        """The result where the store has it already; None where the job is to be done."""
        ...

    async def perform(self, job: Job) -> Any:
        """Do the job.

        Raises:
            Interrupted, QuotaError, BudgetError, ModelSetupError: it was stopped; what was finished of it is kept.
            SegueError: nothing else could go on either, as with a store that fails.
        """
        ...


class Workers(Protocol):
    """Where jobs are done: in this process, or in others."""

    async def perform(self, job: Job) -> Any | Elsewhere:
        """The job's result, or `ELSEWHERE`. Raises what its handler raises."""
        ...


class JobQueue:
    """Jobs in the order in which they are begun, made as they are asked for. What is enlisted later comes first:
    what follows from a job is done before the next one is begun."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self._sources: deque[Iterator[Job]] = deque([iter(jobs)])

    def enlist(self, jobs: Iterable[Job]) -> None:
        """Add jobs before all that have not been begun."""
        self._sources.appendleft(iter(jobs))

    def next(self) -> Job | None:
        """The job to begin now; None when there is none left."""
        while self._sources:
            job = next(self._sources[0], None)
            if job is not None:
                return job
            self._sources.popleft()
        return None


@dataclass
class Dispatcher:
    """Has the jobs of a queue done, at most `concurrency` at a time. Memory does not grow with their number.

    After the stop signal nothing new begins, and jobs that raise one of `STOPS` have no result.

    Attributes:
        ordered: results come in the order of the jobs; otherwise as they end.
    """

    queue: JobQueue
    workers: Workers
    signal: StopSignal
    events: Events
    concurrency: int
    ordered: bool = True
    _running: dict[asyncio.Task[Any], tuple[int, Job]] = field(default_factory=dict, init=False)
    _ended: dict[int, tuple[Job, Any] | None] = field(default_factory=dict, init=False)
    _aside: deque[tuple[int, Job]] = field(default_factory=deque, init=False)
    _begun: int = field(default=0, init=False)
    _given: int = field(default=0, init=False)
    _look_at: float = field(default=0.0, init=False)
    _told: bool = field(default=False, init=False)

    async def results(self) -> AsyncGenerator[tuple[Job, Any], None]:
        """Each job with its result. Raises the first error that is none of `STOPS`; the rest is then ended."""
        try:
            while True:
                self._begin()
                going_on = bool(self._running) or await self._wait_for_others()
                await self._wait()
                for outcome in self._due(last=not going_on):
                    yield outcome
                if not going_on:
                    return
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _begin(self) -> None:
        """Begin jobs until all slots are taken: those that were put aside when it is time to look, then new ones."""
        if self.signal.stopped:
            return
        looking = len(self._aside) if asyncio.get_running_loop().time() >= self._look_at else 0
        while looking and len(self._running) < self.concurrency:
            self._start(*self._aside.popleft())
            looking -= 1
        while len(self._running) < self.concurrency and self._may_go_on():
            job = self.queue.next()
            if job is None:
                return
            self._start(self._begun, job)
            self._begun += 1

    def _may_go_on(self) -> bool:
        waiting = self._begun - self._given if self.ordered else len(self._aside)
        return waiting < HELD_PER_SLOT * self.concurrency

    def _start(self, number: int, job: Job) -> None:
        self._running[asyncio.ensure_future(self.workers.perform(job))] = (number, job)

    async def _wait(self) -> None:
        if not self._running:
            return
        pause = LOOK_S if self._aside else None
        done, _ = await asyncio.wait(self._running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            self._settle(task, *self._running.pop(task))

    def _settle(self, task: asyncio.Task[Any], number: int, job: Job) -> None:
        error = task.exception()
        if isinstance(error, STOPS):
            self.signal.stop(None if isinstance(error, Interrupted) else error)
            self._ended[number] = None
            return
        result = task.result()
        if isinstance(result, Elsewhere):
            self._aside.append((number, replace(job, shared=True)))
            self._look_at = asyncio.get_running_loop().time() + LOOK_S
            return
        self._ended[number] = (job, result)

    async def _wait_for_others(self) -> bool:
        """Whether others are at what is left; then some time has passed."""
        if self.signal.stopped or not self._aside:
            return False
        if not self._told:
            self._told = True
            self.events.say(f"another command is at {len(self._aside)} of these; waiting for it")
        await asyncio.sleep(LOOK_S)
        return True

    def _due(self, *, last: bool) -> Iterator[tuple[Job, Any]]:
        # At the end also what comes after a job that was left to another command.
        numbers = self._next_numbers() if self.ordered and not last else sorted(self._ended)
        for number in numbers:
            outcome = self._ended.pop(number)
            if outcome is not None:
                yield outcome

    def _next_numbers(self) -> Iterator[int]:
        while self._given in self._ended:
            self._given += 1
            yield self._given - 1
