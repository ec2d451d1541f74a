"""The prices that the package `genai-prices` publishes, as they came with it: nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

PROVIDERS: Final = {
    "google_genai": "google",
    "openai": "openai",
    "anthropic": "anthropic",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "groq": "groq",
    "mistralai": "mistral",
    "perplexity": "perplexity",
    "xai": "x-ai",
}
"""LangChain's name of a provider -> the package's."""

_RELEASE: Final = r"(-preview)?(-latest|(-\d+)*)"
"""What may follow a model's name in that of one of its releases. Another ending is another model."""

_KINDS: Final = {
    "text": ("input", "cache"),
    "image": ("input_image", "cache_image"),
    "audio": ("input_audio", "cache_audio"),
}


@dataclass(frozen=True)
class PublishedPrice:
    """What is published of one model.

    Attributes:
        name: the LangChain way, without what tells its releases apart.
        rates: fields of `prices.Rates` -> USD per million tokens.
        above: fields of `prices.Above`: other rates of calls with longer input; None where there are none.
    """

    name: str
    rates: Mapping[str, float]
    above: Mapping[str, Any] | None


@cache
def published_price(name: str) -> PublishedPrice | None:
    """The price of a model named the LangChain way, as of today; None when none is published for this very model."""
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS:
        return None
    # Its tables take longer to load than all else that prices need.
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=0), model, provider_id=PROVIDERS[provider])
    except LookupError:
        return None
    prices = vars(found.model_price)
    steps = sorted({start for price in prices.values() for start in _starts(price)})
    named = re.fullmatch(re.escape(found.model.id) + _RELEASE, model)
    # A price by tokens is needed, with one step at most: others cannot be told in our table.
    if not named or len(steps) > 1 or not prices.keys() >= {"input_mtok", "output_mtok"}:
        return None
    above = {"tokens": steps[0], "price": _rates(prices, steps[0] + 1)} if steps else None
    return PublishedPrice(f"{provider}:{found.model.id}", _rates(prices, 0), above)


@cache
def published_thresholds() -> frozenset[int]:
    """Sizes of input at which some model of `PROVIDERS` changes its rates."""
    from genai_prices.data_snapshot import get_snapshot
    from genai_prices.types import ModelPrice

    models = [m for p in get_snapshot().providers if p.id in PROVIDERS.values() for m in p.models]
    dated = [m.prices if isinstance(m.prices, list) else [m] for m in models]
    stated = [each.prices for prices in dated for each in prices]
    tables = [vars(prices) for prices in stated if isinstance(prices, ModelPrice)]
    return frozenset(start for table in tables for price in table.values() for start in _starts(price))


def _starts(price: object) -> Iterator[int]:
    """Where a price has steps."""
    yield from (tier.start for tier in getattr(price, "tiers", ()))


def _rates(prices: Mapping[str, Any], size: int) -> dict[str, float]:
    """USD by the fields of `prices.Rates`, of a call with so much input. What has no rate of its own is text."""

    def rate(key: str) -> float | None:
        price = prices.get(f"{key}_mtok")
        steps = [tier.price for tier in getattr(price, "tiers", ()) if size > tier.start]
        amount = steps[-1] if steps else getattr(price, "base", price)
        return None if amount is None else float(amount)

    text, cached = rate("input") or 0.0, rate("cache_read")
    found = {"output": rate("output") or 0.0}
    for kind, (fresh, read) in _KINDS.items():
        own, known = rate(fresh), rate(f"{read}_read")
        found[kind] = text if own is None else own
        if known is None and found[kind] == text:
            known = cached
        # What has no price for being read from a cache is taken at the full one.
        found[f"cached_{kind}"] = found[kind] if known is None else known
    return found
