"""What people are told of money before anything is asked: models without a price, and the cap."""

from __future__ import annotations

from collections.abc import Iterable

from ...models.costs.budget import Budget, CappedBudget
from ...models.costs.prices import PriceTable
from ...models.spec import ModelSpec
from ..events import Events


def say_money(events: Events, prices: PriceTable, budget: Budget, models: Iterable[ModelSpec]) -> None:
    """Say what is not counted, and what may still be spent."""
    unpriced = sorted({spec.price_name for spec in models if not prices.lists(spec.price_name)})
    if unpriced:
        events.say(f"no price is listed for {', '.join(unpriced)}: these calls are not counted")
    if isinstance(budget, CappedBudget):
        events.say(f"cap ${budget.cap:.4f}; ${budget.paid:.4f} of it are paid already")
