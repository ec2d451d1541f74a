"""`Meter`: what a call may cost at most and what it did cost, put through a budget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..reply import Usage
from ..request import Request
from ..spec import ModelSpec
from ..usage import most_usage
from .budget import Budget
from .prices import PriceTable, cost_usd


@dataclass
class Bill:
    """What one try may come to and what it did, in USD. A try that the provider refused is free."""

    most: float
    actual: float = 0.0
    factor: float = 1.0


@dataclass
class Meter:
    """Counts the money of a run's calls. Models without a price cost nothing here; whoever allowed them knows.

    Attributes:
        lost_usd: counted for tries whose answers never came; no bill may ever show it.
    """

    prices: PriceTable
    budget: Budget
    lost_usd: float = 0.0

    @asynccontextmanager
    async def bill(self, spec: ModelSpec, request: Request, *, batch: bool = False) -> AsyncIterator[Bill]:
        """Money for one try, put aside at the beginning and settled at the end, whatever the end is.

        Raises:
            BudgetError: the cap leaves no room for the call.
        """
        factor = self._batch_factor(spec) if batch else 1.0
        # The bound is dear to tell: it takes the bytes of the whole request.
        most = factor * self._cost(spec, most_usage(request, spec)) if self.budget.limited else 0.0
        bill = Bill(most, factor=factor)
        ticket = await self.budget.reserve(bill.most)
        try:
            yield bill
        finally:
            await self.budget.settle(ticket, bill.actual)

    @asynccontextmanager
    async def purchase(self, usd: float) -> AsyncIterator[None]:
        """Money for something of a known price, such as a cache; given back when it fails.

        Raises:
            BudgetError: the cap leaves no room for it.
        """
        ticket, spent = await self.budget.reserve(usd), 0.0
        try:
            yield
            spent = usd
        finally:
            await self.budget.settle(ticket, spent)

    def answered(self, bill: Bill, spec: ModelSpec, usage: Usage) -> None:
        """The call used so much."""
        bill.actual = bill.factor * self._cost(spec, usage)

    def lost(self, bill: Bill) -> None:
        """The request was sent and its answer never came: it may have been billed, and counts in full."""
        bill.actual = bill.most
        self.lost_usd += bill.most

    def _batch_factor(self, spec: ModelSpec) -> float:
        if not self.prices.lists(spec.price_name):
            return 1.0
        return self.prices.price(spec.price_name).batch or 1.0

    def _cost(self, spec: ModelSpec, usage: Usage) -> float:
        if not self.prices.lists(spec.price_name):
            return 0.0
        return cost_usd(usage, spec.price_name, self.prices)
