"""What a run may spend and how fast it may ask, from the flags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.errors import ConfigError
from ..models.budget import CappedBudget
from ..models.limits import Limits, ProviderLimits
from ..models.meter import Meter
from ..models.prices import PriceTable, require_prices
from ..runs.costs.bill import paid
from .output import say

if TYPE_CHECKING:
    from ..checkpoints import Store
    from ..runs.plan import RunPlan
    from .options import Options


def limits_of(options: Options) -> ProviderLimits:
    """Limits for each provider: those that were set for it, else those that were set for all.

    Raises:
        ConfigError: naming the flag that is wrong.
    """
    with options.blaming("concurrent_requests"):
        width = per_provider("concurrent-requests", options.concurrent_requests)
    with options.blaming("requests_per_minute"):
        requests = per_provider("requests-per-minute", options.requests_per_minute)
    with options.blaming("tokens_per_minute"):
        tokens = per_provider("tokens-per-minute", options.tokens_per_minute)

    def make(provider: str) -> Limits:
        most = width.get(provider, width.get("", options.concurrency))
        return Limits(
            min(options.concurrency, int(most)),
            requests_per_minute=requests.get(provider, requests.get("")),
            tokens_per_minute=tokens.get(provider, tokens.get("")),
        )

    return ProviderLimits(make)


def per_provider(flag: str, items: Sequence[str]) -> dict[str, float]:
    """Provider -> number, from items such as `google_genai=1000`; a bare number is for `""`, all others."""
    found: dict[str, float] = {}
    for item in items:
        provider, equals, number = item.rpartition("=")
        try:
            value = float(number.replace("_", ""))
        except ValueError:
            value = math.nan
        if not value >= 1 or math.isinf(value) or (equals and not provider):
            raise ConfigError(
                f"--{flag} {item!r}: it must be a number of 1 or more, or PROVIDER=NUMBER",
                hint=f"such as --{flag} 1000, or --{flag} google_genai=1000",
            )
        found[provider] = value
    return found


def meter_of(options: Options, store: Store, plan: RunPlan, run_id: str, prices: PriceTable) -> Meter | None:
    """What counts the run's money; None for a run without a cap. To be called before the first call.

    Raises:
        SegueError: a model has no price, and nobody allowed that.
    """
    models = {spec.price_name for spec in plan.models.values()}
    if not options.allow_unpriced:
        require_prices(models, prices)
    unpriced = sorted(model for model in models if not prices.lists(model))
    if unpriced:
        say(f"no price is listed for {', '.join(unpriced)}: these calls are not counted")
    if options.max_cost is None:
        return None
    before = paid(store, run_id, prices)
    say(f"cap ${options.max_cost:.4f}; ${before:.4f} of it are paid already")
    return Meter(prices, CappedBudget(options.max_cost, before))


def say_paid(meter: Meter | None) -> None:
    """How far a run with a cap has come."""
    if meter is None:
        return
    budget = meter.budget
    if isinstance(budget, CappedBudget):
        say(f"${budget.paid:.4f} of ${budget.cap:.4f} are counted")
    if meter.lost_usd:
        say(
            f"up to ${meter.lost_usd:.4f} of that is for answers that never came and may not be billed; "
            "a later run does not count it again"
        )
