"""`Delivery`: how calls travel to their provider: media as uploads, beginnings in caches, calls in batch jobs."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..core.errors import BudgetError, ModelSetupError, Place, TransientModelError
from ..prompts.parts import Media, Message
from ..state.values import Medium
from .content import Outgoing, ReadMedia, langchain_messages
from .costs.meter import Meter
from .costs.prices import Price, PriceTable
from .delivery_options import DeliveryOptions, MediaMode
from .factory import ChatModel
from .gemini.batched_model import BatchedModel
from .gemini.batches import BatchRegistry, Waves
from .gemini.caches import FIRST_GAP_S, PrefixCaches
from .gemini.prefixes import POOL_FIRST, CacheRegistry, Handle, Wanted
from .gemini.resources import GeminiResources, HeldCache, account_of
from .gemini.savings import plan_savings, token_counts
from .gemini.uploads import FileRegistry, Uploads
from .reply import Usage
from .request import Request
from .usage import BYTES_A_TOKEN, prompt_characters

BATCH_LIFE_S = 26 * 3600.0
"""What a batch job refers to must live so much longer: the provider takes up to a day."""


@dataclass(frozen=True)
class DeliveryNote:
    """How one call went out. `held`: the tokens it read from a cache, as `caching.TokenCounts`."""

    key: str
    thread_id: str
    cache: str | None
    cached_text: float = 0
    cached_image: float = 0
    cached_audio: float = 0
    batch: bool = False


class DeliveryRegistry(FileRegistry, CacheRegistry, BatchRegistry, Protocol):
    """All that is kept of deliveries."""

    async def note_call(self, note: DeliveryNote) -> None: ...

    async def forget_note(self, key: str) -> None: ...


@dataclass(frozen=True)
class _Account:
    """What belongs to one model of one account."""

    resources: GeminiResources
    uploads: Uploads
    caches: PrefixCaches


@dataclass
class Delivery:
    """Shared by all conversations of a process. Belongs to one event loop.

    Attributes:
        read: digest to bytes of a prepared medium.
        prices: what decides whether a cache pays.
        waves: where calls gather, with `options.batch`.
        clock: seconds since 1970.
        meter: counts what caches cost, under a cap; None where nobody counts.
    """

    options: DeliveryOptions
    registry: DeliveryRegistry
    read: ReadMedia
    prices: PriceTable
    waves: Waves | None = None
    clock: Callable[[], float] = time.time
    meter: Meter | None = None
    _uploads: dict[str, Uploads] = field(default_factory=dict)
    _caches: dict[str, PrefixCaches] = field(default_factory=dict)
    _accounts: dict[int, _Account] = field(default_factory=dict)
    _noted: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.options.batch and self.waves is None:
            self.waves = Waves(self.registry)

    def opened(self, model: ChatModel) -> ChatModel:
        """The model as it is to be asked: one whose calls gather in waves, in batch mode."""
        if self.waves is None or model.spec.provider != "google_genai":
            return model
        return BatchedModel(model.spec, model.chat, model.hears, waves=self.waves)

    def serves(self, model: ChatModel) -> bool:
        """Whether calls to the model go out this way; others send everything with each call."""
        return model.spec.provider == "google_genai" and model.chat is not None

    async def outgoing(
        self, model: ChatModel, request: Request, place: Place, key: str, turns: int
    ) -> Outgoing:
        """The call as it goes out.

        Args:
            turns: of the conversation, from which the number of calls to come is told.

        Raises:
            ModelError: media could not be uploaded. A cache that cannot be made is done without.
        """
        account = self._account(model)
        wanted = self._wanted(model, request, place, turns)
        handle = await self._handle(account, wanted)
        repeated = account.caches.repeated(wanted)
        rest = request.messages[len(handle.digests) :] if handle else request.messages
        uris = await account.uploads.uris(media_of(rest), account.resources, uses=wanted.calls_left)
        messages = await self._rendered(rest, uris)
        await self._note(key, place.thread_id, handle)

        async def again(said: str) -> Outgoing | None:
            if handle is not None and "cachedcontent" in said.lower().replace(" ", ""):
                await account.caches.lost(handle)
            elif uris and is_lost_file(said):
                await account.uploads.forget(media_of(rest))
            else:
                return None
            return await self.outgoing(model, request, place, key, turns)

        def heard(usage: Usage) -> None:
            if handle is None and not self.options.batch:
                account.caches.observe(wanted.model, repeated.total, usage.cached)

        return Outgoing(messages, handle.name if handle else None, key, again, heard)

    @asynccontextmanager
    async def playing(self, thread_id: str) -> AsyncIterator[None]:
        """A conversation is being played; at its end, however it ends, its caches are deleted."""
        if self.waves is not None:
            self.waves.playing += 1
        try:
            yield
        finally:
            if self.waves is not None:
                self.waves.playing -= 1
            self._noted.pop(thread_id, None)
            for caches in self._caches.values():
                await caches.end(thread_id)

    async def aclose(self) -> None:
        """End what costs money while it lies there. Jobs go on."""
        for caches in self._caches.values():
            await caches.end_all()
        if self.waves is not None:
            await self.waves.aclose()

    @property
    def counts(self) -> Counter[str]:
        """What happened, such as `uploads`, `created` (caches) or `jobs`."""
        kept = [u.counts for u in self._uploads.values()] + [c.counts for c in self._caches.values()]
        return sum(kept, Counter(self.waves.counts if self.waves else ()))

    async def _handle(self, account: _Account, wanted: Wanted) -> Handle | None:
        if self.options.batch or not account.caches.active:
            return None

        async def make(messages: tuple[Message, ...], label: str, ttl_s: float) -> HeldCache:
            async with self._purchase(wanted, messages):
                try:
                    return await self._cached(account, messages, label, ttl_s)
                except ModelSetupError as error:
                    if not is_lost_file(error.message):
                        raise
                    await account.uploads.forget(media_of(messages))
                    return await self._cached(account, messages, label, ttl_s)

        return await account.caches.current(wanted, account.resources, make)

    async def _cached(
        self, account: _Account, messages: Sequence[Message], label: str, ttl_s: float
    ) -> HeldCache:
        uris = await account.uploads.uris(media_of(messages), account.resources)
        return await account.resources.create_cache(await self._rendered(messages, uris), label, ttl_s)

    @asynccontextmanager
    async def _purchase(self, wanted: Wanted, messages: Sequence[Message]) -> AsyncIterator[None]:
        """Money for making a cache and keeping it as long as the calls to come will probably take."""
        if self.meter is None or wanted.price is None:
            yield
            return
        dense = token_counts(messages, BYTES_A_TOKEN)
        costs = plan_savings(dense, 0, wanted.price, FIRST_GAP_S * wanted.calls_left)
        try:
            async with self.meter.purchase(costs.creation + costs.storage):
                yield
        except BudgetError as error:  # a cache is no must: the call itself may still fit
            raise TransientModelError(f"no money for a cache: {error.message}") from None

    async def _rendered(self, messages: Sequence[Message], uris: Mapping[str, str]) -> list[Any]:
        if all(medium.digest in uris for medium in media_of(messages)):
            return langchain_messages(messages, None, uris)
        return await asyncio.to_thread(langchain_messages, messages, self.read, uris)

    async def _note(self, key: str, thread_id: str, handle: Handle | None) -> None:
        """Keep how the call goes out, unless it goes plainly; an earlier try may have gone otherwise."""
        noted = self._noted.setdefault(thread_id, set())
        if handle is not None:
            held = handle.stretch
            note = DeliveryNote(key, thread_id, handle.name, held.text, held.image, held.audio)
        elif self.options.batch:
            note = DeliveryNote(key, thread_id, None, batch=True)
        else:
            if key in noted:
                await self.registry.forget_note(key)
            return
        noted.add(key)
        await self.registry.note_call(note)

    def _wanted(self, model: ChatModel, request: Request, place: Place, turns: int) -> Wanted:
        price = self._price(model)
        calls = calls_left(request, turns)
        ratio = prompt_characters(request.agent.value)
        return Wanted(request, place.thread_id, model.spec.model, calls, price, ratio)

    def _price(self, model: ChatModel) -> Price | None:
        name = model.spec.price_name
        return self.prices.price(name) if self.prices.lists(name) else None

    def _account(self, model: ChatModel) -> _Account:
        if id(model) not in self._accounts:
            account = account_of(model)
            uploads = self._uploads.setdefault(account, self._new_uploads(account))
            caches = self._caches.setdefault(
                account, PrefixCaches(self.registry, account, self.options.cache, self.clock)
            )
            self._accounts[id(model)] = _Account(GeminiResources(model), uploads, caches)
        return self._accounts[id(model)]

    def _new_uploads(self, account: str) -> Uploads:
        """In a batch job with its limit of bytes, `auto` always refers; and files must outlive the job."""
        if not self.options.batch:
            return Uploads(self.registry, account, self.read, self.options.media, clock=self.clock)
        mode: MediaMode = "upload" if self.options.media == "auto" else self.options.media
        return Uploads(self.registry, account, self.read, mode, BATCH_LIFE_S, self.clock)


@dataclass(frozen=True)
class ConversationDelivery:
    """The way of one conversation's calls. `turns` is how many it has."""

    delivery: Delivery
    turns: int

    def serves(self, model: ChatModel) -> bool:
        """See `Delivery.serves`."""
        return self.delivery.serves(model)

    async def outgoing(self, model: ChatModel, request: Request, place: Place, key: str) -> Outgoing:
        """See `Delivery.outgoing`."""
        return await self.delivery.outgoing(model, request, place, key, self.turns)


def calls_left(request: Request, turns: int) -> int:
    """Calls of the asking agent that are still expected in its conversation, this one included.

    The recsys is asked once a turn, the listener once more at the end; the others once. What the goal agent's prompt
    begins with in the shared layout, the recsys's prompts begin with, too.
    """
    shared = turns if POOL_FIRST in request.templates else 0
    total = {"goal": 1 + shared, "recsys": turns, "listener": turns + 1}.get(request.agent.value, 1)
    answered = sum(message.role == "ai" for message in request.messages)
    return max(1, total - answered)


def is_lost_file(said: str) -> bool:
    """Whether a provider's words are about an upload that it does not have (any more)."""
    return re.search(r"\bfiles?\b", said, re.IGNORECASE) is not None


def media_of(messages: Iterable[Message]) -> list[Medium]:
    """Every clip and cover in the messages."""
    return [part.medium for message in messages for part in message.parts if isinstance(part, Media)]
