"""Conversations played on the loopback Gemini over uploads, caches and batches, and what was seen of them there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from segue.catalog.media import MediaLibrary
from segue.checkpoints import Store
from segue.checkpoints.store.deliveries import StoredDeliveries
from segue.checkpoints.store.ledger import LedgerRow, StoredLedger
from segue.checkpoints.store.threads import Thread
from segue.models.costs.budget import UnlimitedBudget
from segue.models.costs.prices import load_prices
from segue.models.delivery import Delivery
from segue.models.delivery_options import DeliveryOptions
from segue.models.factory import open_model
from segue.models.gemini.batches import Waves
from segue.models.limits import Limits
from segue.models.spec import ModelSpec
from segue.runs.conversation import Conversations
from segue.runs.plan import RunPlan
from segue.runs.preparation.first_states import Preparation
from segue.runs.runtime import Runtime, make_runtime
from segue.runs.settings.config import PlaySettings
from segue.runs.settings.modalities import parse_modalities
from segue.state.values import Agent

from ..gemini.media import Blob
from ..gemini.meter import role_of
from ..gemini.server import GeminiServer
from .staging import catalog, prompts, session

TURNS = 3


@dataclass
class Played:
    """Conversations that were played on a server, and what is kept of them."""

    threads: list[Thread]
    rows: list[LedgerRow]
    registry: StoredDeliveries
    counts: Counter[str]

    @property
    def keys(self) -> set[str]:
        return {row.key for row in self.rows}


@asynccontextmanager
async def playing(
    server: GeminiServer, media: MediaLibrary, folder: Path, options: DeliveryOptions
) -> AsyncIterator[tuple[Callable[..., Any], Store, Runtime]]:
    """A way to play sessions by number; everything is closed at the end."""
    with Store.open(f"sqlite:///{folder}.db") as store:
        registry = StoredDeliveries(store)
        waves = Waves(registry, quiet_s=0.3, poll_s=0.01, poll_cap_s=0.05) if options.batch else None
        delivery = Delivery(options, registry, media.read, load_prices(), waves)
        opening = partial(open_model, environ={"GOOGLE_API_KEY": "test"})
        plain = make_runtime(store, PlaySettings(), Limits(16), UnlimitedBudget(), media=media)
        runtime = replace(plain, opening=opening, delivery=delivery)
        plan = RunPlan(
            catalog_digest=catalog().digest,
            prompts_digest=prompts().digest_all(),
            models=dict.fromkeys(Agent, ModelSpec(name="google_genai:gemini-2.5-flash", base_url=server.url)),
            modalities=parse_modalities([], catalog().coverage()),
            pool_size=16,
            turns=TURNS,
        )
        conversations = Conversations(plan, Preparation(plan, catalog(), media, prompts()), runtime)
        try:
            yield (lambda number: conversations.play(session(number))), store, runtime
        finally:
            await runtime.aclose()


async def play(
    server: GeminiServer, media: MediaLibrary, folder: Path, options: DeliveryOptions, sessions: int = 1
) -> Played:
    async with playing(server, media, folder, options) as (one, store, runtime):
        threads = list(await asyncio.gather(*(one(number) for number in range(sessions))))
        rows = StoredLedger(store).rows(thread_ids=[thread.thread_id for thread in threads])
        return Played(threads, rows, StoredDeliveries(store), runtime.delivery.counts)


def seen(server: GeminiServer) -> Counter[tuple[Any, ...]]:
    """What was read by which agent, whichever way it came: words, and media by their bytes."""
    return Counter(
        (role_of(ask), ask.system, tuple((role, tuple(map(_part, parts))) for role, parts in ask.turns))
        for ask in server.asks
    )


def _part(part: str | Blob) -> str:
    return part.digest if isinstance(part, Blob) else part


def done(played: Played) -> None:
    assert [(t.status, t.turns, t.error) for t in played.threads] == [("done", TURNS, None)] * len(
        played.threads
    )
