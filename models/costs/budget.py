"""`Budget`: money under a cap, put aside before a call and settled after it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ...core.errors import BudgetError

ROUNDING_USD = 1e-9
"""What sums of prices may be off by."""


@dataclass(frozen=True)
class Reservation:
    """Money put aside for one call, in USD."""

    number: int
    amount: float


class Budget(Protocol):
    """Where the money of a run is kept; it may be shared by many machines.

    Attributes:
        limited: whether there is a cap; without one nothing need be put aside before a call.
    """

    @property
    def limited(self) -> bool: ...

    async def reserve(self, amount: float) -> Reservation:
        """Put `amount` USD aside, waiting for calls in flight if need be.

        Raises:
            BudgetError: it does not fit under the cap, and nothing in flight could make it fit.
        """
        ...

    async def settle(self, ticket: Reservation, actual: float) -> None:
        """The call cost `actual` USD; what was put aside for it is free again. Once for every ticket."""
        ...


class UnlimitedBudget:
    """A budget without a cap: nothing is refused, and what was paid is counted."""

    limited = False

    def __init__(self) -> None:
        self.paid = 0.0

    async def reserve(self, amount: float) -> Reservation:
        """See `Budget`."""
        return Reservation(0, amount)

    async def settle(self, ticket: Reservation, actual: float) -> None:
        """See `Budget`."""
        self.paid += actual


class CappedBudget:
    """A budget of one event loop. What was paid and what is put aside never pass the cap together.

    Args:
        cap: USD.
        paid: USD that earlier runs of the same plan have cost already.
    """

    limited = True

    def __init__(self, cap: float, paid: float = 0.0) -> None:
        self.cap = cap
        self.paid = paid
        self._open: dict[int, Reservation] = {}
        self._number = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def reserved(self) -> float:
        """USD put aside for calls in flight."""
        return sum(ticket.amount for ticket in self._open.values())

    async def reserve(self, amount: float) -> Reservation:
        """See `Budget`."""
        while self.paid + self.reserved + amount > self.cap + ROUNDING_USD:
            if not self._open:
                raise self._exhausted(amount)
            await self._settlement()
        self._number += 1
        ticket = Reservation(self._number, amount)
        self._open[ticket.number] = ticket
        return ticket

    async def settle(self, ticket: Reservation, actual: float) -> None:
        """See `Budget`."""
        del self._open[ticket.number]
        self.paid += actual
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def _settlement(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    def _exhausted(self, amount: float) -> BudgetError:
        return BudgetError(
            f"the cap of ${self.cap:.4f} is reached: ${self.paid:.4f} is paid, and the next call may cost up to "
            f"${amount:.4f}",
            hint="everything is kept; the same command with a higher --max-cost resumes",
        )
