"""`Coordinator`: what all workers of a crew share: limits, the budget, the stop signal, and word of what is done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from ...core.errors import BudgetError, Interrupted, QuotaError, SegueError
from ...models.budget import Budget, Reservation
from ...models.limits import RateLimit, RateLimits, Slot

_STOPS: dict[str, type[SegueError]] = {
    error.__name__: error for error in (Interrupted, QuotaError, BudgetError)
}


@dataclass(frozen=True)
class Stop:
    """Why the crew was told to stop, in plain values that any process can read."""

    kind: str
    message: str
    hint: str | None = None

    @classmethod
    def of(cls, error: SegueError | None) -> Stop:
        if error is None:
            return cls(Interrupted.__name__, "stopped")
        return cls(type(error).__name__, error.message, error.hint)

    def error(self) -> SegueError | None:
        """The error to raise in its place; None for the plain interruption."""
        kind = _STOPS.get(self.kind, SegueError)
        return None if kind is Interrupted else kind(self.message, hint=self.hint)


@dataclass(frozen=True)
class Finished:
    """One conversation that a worker is through with."""

    session_id: str
    thread_id: str


@dataclass
class _Place:
    """A slot that a worker holds, and the way to give it back."""

    worker: str
    pace: RateLimit
    slot: Slot
    leaving: AsyncExitStack


class Coordinator:
    """One for a crew. Its methods take and give plain values, so that it may live in a process of its own."""

    def __init__(self, paces: RateLimits, budget: Budget | None) -> None:
        self._paces = paces
        self._budget = budget
        self._places: dict[str, _Place] = {}
        self._tickets: dict[int, tuple[str, Reservation]] = {}
        self._finished: deque[Finished] = deque()
        self._lost: set[str] = set()
        self._stop: Stop | None = None
        self._stopping = asyncio.Event()
        self._changes = 0
        self._changed = asyncio.Event()

    async def enter(self, worker: str, name: str, provider: str, tokens: int) -> None:
        """Wait for a place among the provider's calls; `name` is what the worker calls it."""
        pace, leaving = self._paces.of(provider), AsyncExitStack()
        slot = await leaving.enter_async_context(pace.slot(tokens))
        if worker in self._lost:  # it was waiting when it was lost
            await leaving.aclose()
            return
        self._places[name] = _Place(worker, pace, slot, leaving)

    async def leave(self, name: str) -> None:
        place = self._places.pop(name, None)
        if place is not None:
            await place.leaving.aclose()

    async def crowded(self, name: str, retry_after: float | None) -> None:
        if name in self._places:
            self._places[name].pace.crowded(self._places[name].slot, retry_after)

    async def answered(self, name: str, tokens: int | None) -> None:
        if name in self._places:
            self._places[name].pace.answered(self._places[name].slot, tokens)

    async def reserve(self, worker: str, amount: float) -> Reservation | Stop:
        """A ticket, or why there is none."""
        assert self._budget is not None, "money is counted only where there is a budget"
        try:
            ticket = await self._budget.reserve(amount)
        except BudgetError as error:
            return Stop.of(error)
        if worker in self._lost:  # it was waiting when it was lost, and asks nothing of anybody now
            await self._budget.settle(ticket, 0.0)
            return ticket
        self._tickets[ticket.number] = (worker, ticket)
        return ticket

    async def settle(self, number: int, actual: float) -> None:
        assert self._budget is not None, "money is counted only where there is a budget"
        _, ticket = self._tickets.pop(number)
        await self._budget.settle(ticket, actual)

    async def stop(self, stop: Stop) -> None:
        """The first reason stays."""
        self._stop = self._stop or stop
        self._stopping.set()
        self._change()

    async def stopped(self) -> Stop | None:
        return self._stop

    async def wait_for_stop(self) -> Stop:
        """The stop, as soon as there is one."""
        await self._stopping.wait()
        assert self._stop is not None, "it is there before the event is set"
        return self._stop

    async def wait_for_change(self, seen: int) -> int:
        """Wait until conversations ended, a worker was lost, or the crew was stopped; how often that was by now.

        Args:
            seen: what it returned the last time; 0 at first.
        """
        if seen == self._changes:
            await self._changed.wait()
        return self._changes

    def _change(self) -> None:
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def finish(self, finished: Finished) -> None:
        self._finished.append(finished)
        self._change()

    async def drain(self) -> list[Finished]:
        """What was finished since the last time."""
        found = list(self._finished)
        self._finished.clear()
        return found

    async def money(self) -> dict[str, float]:
        """What the budget has paid and its cap, where it tells; empty without one."""
        told = {name: getattr(self._budget, name, None) for name in ("paid", "cap")}
        return {name: value for name, value in told.items() if value is not None}

    async def forget(self, worker: str) -> None:
        """The worker is lost: its places are free, and what it had in flight may have been billed in full."""
        self._lost.add(worker)
        for name in [name for name, place in self._places.items() if place.worker == worker]:
            await self.leave(name)
        for number, (owner, ticket) in list(self._tickets.items()):
            if owner == worker:
                await self.settle(number, ticket.amount)
        self._change()


class Line(Protocol):
    """A worker's line to the control."""

    async def call(self, method: str, *values: Any) -> Any:
        """The result of the control's method of that name."""
        ...

    def tell(self, method: str, *values: Any) -> None:
        """The same without waiting for it."""
        ...


@dataclass
class DirectLine:
    """To a control in the same event loop."""

    control: Coordinator
    told: set[asyncio.Task[Any]] = field(default_factory=set)

    async def call(self, method: str, *values: Any) -> Any:
        return await getattr(self.control, method)(*values)

    def tell(self, method: str, *values: Any) -> None:
        task = asyncio.ensure_future(self.call(method, *values))
        self.told.add(task)
        task.add_done_callback(self.told.discard)


@dataclass(frozen=True)
class _NamedSlot(Slot):
    name: str = ""


@dataclass(frozen=True)
class SharedRateLimit:
    """`RateLimit` of a provider whose limits the control keeps."""

    line: Line
    worker: str
    provider: str

    @asynccontextmanager
    async def slot(self, tokens: int = 0) -> AsyncIterator[Slot]:
        """See `Limits.slot`."""
        name = uuid4().hex
        entering = asyncio.ensure_future(self.line.call("enter", self.worker, name, self.provider, tokens))
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The place may be given at any time from now on, and must come back.
            entering.add_done_callback(lambda _: self.line.tell("leave", name))
            raise
        try:
            yield _NamedSlot(asyncio.get_running_loop().time(), name=name)
        finally:
            self.line.tell("leave", name)

    def crowded(self, slot: Slot, retry_after: float | None = None) -> None:
        """See `Limits.crowded`."""
        self.line.tell("crowded", _name(slot), retry_after)

    def answered(self, slot: Slot, tokens: int | None = None) -> None:
        """See `Limits.answered`."""
        self.line.tell("answered", _name(slot), tokens)


def _name(slot: Slot) -> str:
    assert isinstance(slot, _NamedSlot), "a shared pace is given back its own slots"
    return slot.name


@dataclass(frozen=True)
class SharedRateLimits:
    """`RateLimits` that the control keeps.

    Attributes:
        own: limits of providers that have no need to be shared: those who never refuse a call.
    """

    line: Line
    worker: str
    own: Mapping[str, RateLimit] = field(default_factory=dict)

    def of(self, provider: str) -> RateLimit:
        return self.own.get(provider) or SharedRateLimit(self.line, self.worker, provider)


@dataclass(frozen=True)
class SharedBudget:
    """`Budget` that the control keeps."""

    line: Line
    worker: str

    async def reserve(self, amount: float) -> Reservation:
        """See `Budget`."""
        found = await self.line.call("reserve", self.worker, amount)
        if isinstance(found, Reservation):
            return found
        raise BudgetError(found.message, hint=found.hint)

    async def settle(self, ticket: Reservation, actual: float) -> None:
        """See `Budget`."""
        await self.line.call("settle", ticket.number, actual)
