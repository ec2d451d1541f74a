"""`Coordinator`: the limits and the budget that all workers of a command share, asked by typed messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from ...models.costs.budget import Budget, Reservation
from ...models.limits import RateLimit, RateLimits, Slot
from ..events import Silent


@dataclass(frozen=True)
class Enter:
    """Wait for a slot among the provider's calls; `slot` is what the worker calls it."""

    slot: str
    provider: str
    tokens: int


@dataclass(frozen=True)
class Leave:
    """The slot is free again."""

    slot: str


@dataclass(frozen=True)
class Crowded:
    """The provider refused the slot's call for its rate; `retry_after` in seconds."""

    slot: str
    retry_after: float | None


@dataclass(frozen=True)
class Responded:
    """The slot's call was answered; `tokens` is what its input counted."""

    slot: str
    tokens: int | None


@dataclass(frozen=True)
class Reserve:
    """Put `amount` USD aside; answered with a `Reservation`."""

    amount: float


@dataclass(frozen=True)
class Settle:
    """The reservation of that number cost `actual` USD."""

    number: int
    actual: float


@dataclass(frozen=True)
class Say:
    """A line for whoever gave the command."""

    text: str


Message = Enter | Leave | Crowded | Responded | Reserve | Settle | Say


class Link(Protocol):
    """A worker's way to its coordinator."""

    async def ask(self, message: Message) -> Any:
        """The answer. Raises what the coordinator raised."""
        ...

    def tell(self, message: Message) -> None:
        """The same without waiting for it; messages arrive in the order in which they are sent."""
        ...


@dataclass
class _Held:
    """A slot that a worker holds, and the way to give it back."""

    worker: str
    limit: RateLimit
    slot: Slot
    leaving: AsyncExitStack


class Coordinator:
    """One for all workers of a command. What it takes and gives are plain values, so it may live anywhere."""

    def __init__(
        self, limits: RateLimits, budget: Budget, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.budget = budget
        self._say = say
        self._limits = limits
        self._held: dict[str, _Held] = {}
        self._reserved: dict[int, tuple[str, Reservation]] = {}
        self._lost: set[str] = set()

    async def handle(self, worker: str, message: Message) -> Reservation | None:
        """Do what a worker asks.

        Raises:
            BudgetError: a reservation does not fit under the cap.
        """
        match message:
            case Enter():
                await self._enter(worker, message)
            case Leave(slot):
                await self._leave(slot)
            case Crowded(slot, retry_after) if slot in self._held:
                held = self._held[slot]
                held.limit.crowded(held.slot, retry_after)
            case Responded(slot, tokens) if slot in self._held:
                held = self._held[slot]
                held.limit.answered(held.slot, tokens)
            case Reserve(amount):
                return await self._reserve(worker, amount)
            case Settle(number, actual):
                if number in self._reserved:  # else its worker was lost, and it was settled in full
                    await self.budget.settle(self._reserved.pop(number)[1], actual)
            case Say(text):
                self._say(text)
        return None

    async def forget(self, worker: str) -> None:
        """The worker is lost: its slots are free, and what it had in flight may have been billed in full."""
        self._lost.add(worker)
        for name in [name for name, held in self._held.items() if held.worker == worker]:
            await self._leave(name)
        for number, (owner, reservation) in list(self._reserved.items()):
            if owner == worker:
                await self.handle(worker, Settle(number, reservation.amount))

    async def _enter(self, worker: str, message: Enter) -> None:
        limit, leaving = self._limits.of(message.provider), AsyncExitStack()
        slot = await leaving.enter_async_context(limit.slot(message.tokens))
        if worker in self._lost:  # it was waiting when it was lost
            await leaving.aclose()
            return
        self._held[message.slot] = _Held(worker, limit, slot, leaving)

    async def _leave(self, slot: str) -> None:
        held = self._held.pop(slot, None)
        if held is not None:
            await held.leaving.aclose()

    async def _reserve(self, worker: str, amount: float) -> Reservation:
        reservation = await self.budget.reserve(amount)
        if worker in self._lost:  # it was waiting when it was lost, and asks nothing of anybody now
            await self.budget.settle(reservation, 0.0)
        else:
            self._reserved[reservation.number] = (worker, reservation)
        return reservation


@dataclass(frozen=True)
class _NamedSlot(Slot):
    name: str = ""


@dataclass(frozen=True)
class SharedRateLimit:
    """`RateLimit` of a provider whose limits the coordinator keeps."""

    link: Link
    provider: str

    @asynccontextmanager
    async def slot(self, tokens: int = 0) -> AsyncIterator[Slot]:
        """See `Limits.slot`."""
        name = uuid4().hex
        entering = asyncio.ensure_future(self.link.ask(Enter(name, self.provider, tokens)))
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The slot may be given at any time from now on, and must come back.
            entering.add_done_callback(lambda _: self.link.tell(Leave(name)))
            raise
        try:
            yield _NamedSlot(asyncio.get_running_loop().time(), name=name)
        finally:
            self.link.tell(Leave(name))

    def crowded(self, slot: Slot, retry_after: float | None = None) -> None:
        """See `Limits.crowded`."""
        self.link.tell(Crowded(_name(slot), retry_after))

    def answered(self, slot: Slot, tokens: int | None = None) -> None:
        """See `Limits.answered`."""
        self.link.tell(Responded(_name(slot), tokens))


def _name(slot: Slot) -> str:
    assert isinstance(slot, _NamedSlot), "a shared limit is given back its own slots"
    return slot.name


@dataclass(frozen=True)
class SharedRateLimits:
    """`RateLimits` that the coordinator keeps.

    Attributes:
        own: limits of providers that have no need to be shared: those who never refuse a call.
    """

    link: Link
    own: Mapping[str, RateLimit] = field(default_factory=dict)

    def of(self, provider: str) -> RateLimit:
        return self.own.get(provider) or SharedRateLimit(self.link, provider)


@dataclass(frozen=True)
class SharedEvents(Silent):
    """`Events` of a worker: what it says is said where the command was given; what has ended is known there."""

    link: Link

    def say(self, text: str) -> None:
        """See `Events`."""
        self.link.tell(Say(text))


@dataclass(frozen=True)
class SharedBudget:
    """`Budget` that the coordinator keeps."""

    link: Link
    limited: bool = True

    async def reserve(self, amount: float) -> Reservation:
        """See `Budget`."""
        found: Reservation = await self.link.ask(Reserve(amount))
        return found

    async def settle(self, ticket: Reservation, actual: float) -> None:
        """See `Budget`."""
        self.link.tell(Settle(ticket.number, actual))
