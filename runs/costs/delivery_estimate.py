"""`DeliveryEstimate`: how a dry-run conversation would be delivered: caches where they pay, batches at their price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...core.errors import Place
from ...models.costs.prices import Price, PriceTable, Tokens
from ...models.delivery import calls_left
from ...models.delivery_options import DeliveryOptions
from ...models.gemini.caches import PrefixCaches
from ...models.gemini.prefixes import Handle, MemoryCaches, Wanted
from ...models.gemini.resources import HeldCache
from ...models.gemini.savings import TokenCounts, plan_savings
from ...models.reply import Usage
from ...models.request import Request
from ...models.spec import ModelSpec
from ...prompts.parts import Message
from .dry_run import DeliveredCall

LATENCY_S: Final = 2.0
"""Seconds of a call, where nothing is recorded; it decides how long caches are kept."""


class _Keeper:
    """A provider that always agrees."""

    def __init__(self, estimate: DeliveryEstimate) -> None:
        self._estimate = estimate

    async def extend_cache(self, name: str, ttl_s: float) -> float:
        return self._estimate.now + ttl_s

    async def delete_cache(self, name: str) -> None:
        return None


@dataclass
class DeliveryEstimate:
    """`DeliveryPath` that decides as `models.delivery` does, with a clock that each call moves on.

    Attributes:
        latency_s: seconds of a call by model.
        now: seconds since the beginning of the rehearsal.
        implicit: the provider was seen to cache repeated beginnings by itself.
    """

    options: DeliveryOptions
    prices: PriceTable
    turns: int
    latency_s: Mapping[str, float] = field(default_factory=dict)
    now: float = 0.0
    implicit: bool = False
    _registry: MemoryCaches = field(default_factory=MemoryCaches)
    _caches: PrefixCaches = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self._caches = PrefixCaches(
            self._registry, "rehearsal", self.options.cache, clock=lambda: self.now, granted=self.implicit
        )

    async def deliver(self, spec: ModelSpec, request: Request, place: Place, usage: Usage) -> DeliveredCall:
        """See `DeliveryPath`."""
        if spec.provider != "google_genai":
            return DeliveredCall(Tokens.of(usage))
        if self.options.batch:
            return DeliveredCall(Tokens.of(usage), batch=True)
        self.now += self.latency_s.get(spec.name, LATENCY_S)
        price = self._price(spec.price_name)
        left = calls_left(request, self.turns)
        ratio = sum(len(message.text) for message in request.messages) / max(1, usage.text)
        wanted = Wanted(request, place.thread_id, spec.model, left, price, ratio)
        handle, extra = await self._cached(wanted, price) if self._caches.active else (None, {})
        repeated = self._caches.repeated(wanted)
        held = handle.stretch if handle else repeated if self.implicit else TokenCounts()
        return DeliveredCall(_tokens(usage, held), extra=extra)

    async def _cached(self, wanted: Wanted, price: Price | None) -> tuple[Handle | None, dict[str, float]]:
        """The explicit cache that is read, and what making it costs."""
        made = self._caches.counts["created"]
        handle = await self._caches.current(wanted, _Keeper(self), self._make)
        extra: dict[str, float] = {}
        if handle is not None and price is not None and self._caches.counts["created"] > made:
            extra["cache_creation"] = plan_savings(handle.stretch, 0, price, 0.0).creation
        return handle, extra

    async def finish(self, thread_id: str) -> Mapping[tuple[str, str], Mapping[str, float]]:
        """See `DeliveryPath`: keeping the conversation's caches until now."""
        await self._caches.end(thread_id)
        kept: dict[tuple[str, str], dict[str, float]] = {}
        for name, handle in list(self._registry.handles.items()):
            ended = self._registry.ended.pop(name, handle.expires)
            del self._registry.handles[name]
            listed = f"google_genai:{handle.model}"
            price = self._price(listed)
            if price is not None:
                storage = plan_savings(handle.stretch, 0, price, ended - handle.created).storage
                of_agent = kept.setdefault((handle.agent, listed), {"cache_storage": 0.0})
                of_agent["cache_storage"] += storage
        return kept

    async def _make(self, messages: tuple[Message, ...], label: str, ttl_s: float) -> HeldCache:
        self._made += 1
        return HeldCache(f"cache-{self._made}", self.now + ttl_s, None)

    def _price(self, name: str) -> Price | None:
        return self.prices.price(name) if self.prices.lists(name) else None


def _tokens(usage: Usage, held: TokenCounts) -> Tokens:
    return Tokens(
        text=usage.text,
        image=usage.image,
        audio=usage.audio,
        cached_text=min(held.text, usage.text),
        cached_image=min(held.image, usage.image),
        cached_audio=min(held.audio, usage.audio),
        thinking=usage.thinking,
        output=usage.output,
    )
