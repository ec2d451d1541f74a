"""Whole conversations over uploads, caches and batches: the same questions, a smaller bill, nothing left behind."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from segue.catalog.media import MediaLibrary
from segue.checkpoints import Store
from segue.checkpoints.store.deliveries import StoredDeliveries
from segue.core.errors import ConfigError
from segue.models.delivery_options import DeliveryOptions
from support.gemini.answerers import offline_answerer
from support.gemini.meter import role_of
from support.gemini.server import GeminiServer
from support.gemini.wire import Ask
from support.runs.delivering import TURNS, done, play, playing, seen

PLAIN = DeliveryOptions(media="inline", cache="off")


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaLibrary:
    return MediaLibrary(tmp_path_factory.mktemp("media"))


@dataclass(frozen=True)
class Plain:
    """The same conversation with everything sent with every call."""

    keys: set[str]
    seen: Counter[tuple[Any, ...]]
    usd: float


@pytest.fixture(scope="module")
def plain(media: MediaLibrary, tmp_path_factory: pytest.TempPathFactory) -> Plain:
    with GeminiServer() as server:
        played = asyncio.run(play(server, media, tmp_path_factory.mktemp("plain") / "store", PLAIN))
    done(played)
    return Plain(played.keys, seen(server), server.usd())


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        DeliveryOptions(),
        DeliveryOptions(media="upload", cache="off"),
        DeliveryOptions(media="upload", cache="explicit"),
        DeliveryOptions(batch=True),
    ],
    ids=["default", "uploads", "explicit", "batch"],
)
async def test_agents_see_and_the_ledger_keeps_the_same(
    media: MediaLibrary, tmp_path: Path, plain: Plain, options: DeliveryOptions
) -> None:
    with GeminiServer() as server:
        played = await play(server, media, tmp_path, options)
        assert not server.shelf.live_caches()
        assert server.usd() < plain.usd or options.cache == "off"
    done(played)
    assert seen(server) == plain.seen
    assert played.keys == plain.keys


async def test_what_the_ledger_counts_is_what_the_server_bills(media: MediaLibrary, tmp_path: Path) -> None:
    with GeminiServer() as server:
        played = await play(server, media, tmp_path, DeliveryOptions())
    lines = server.meter.bill()
    assert (
        sum(row.usage.cached for row in played.rows) == sum(line.read.total() for line in lines.values()) > 0
    )
    assert sum(row.usage.total for row in played.rows) == sum(
        e.usage["totalTokenCount"] for e in server.exchanges
    )
    thread = played.threads[0].thread_id
    with Store.open(f"sqlite:///{tmp_path}.db") as store:
        registry = StoredDeliveries(store)
        notes, caches = registry.notes([thread]), registry.caches([thread])
    assert len(caches) == sum(line.caches for line in lines.values())
    billed = sum((line.created for line in lines.values()), Counter[str]())
    assert sum(handle.stretch.total for handle, _ in caches) == pytest.approx(billed.total())
    assert sum(handle.stretch.image for handle, _ in caches) == billed["IMAGE"]
    assert sum(handle.stretch.audio for handle, _ in caches) == pytest.approx(billed["AUDIO"], rel=0.04)
    assert all(ended is not None for _, ended in caches)
    read = {row.key for row in played.rows if row.usage.cached}
    assert set(notes) == read and {note.cache for note in notes.values()} <= {h.name for h, _ in caches}


def forgetful(at: int) -> tuple[Callable[[Ask], str], list[GeminiServer]]:
    """An answerer whose server loses all files and caches with the `at`-th answer."""
    offline, count, server = offline_answerer(), Counter[str](), list[GeminiServer]()

    def answer(ask: Ask) -> str:
        count["asked"] += 1
        if count["asked"] == at:
            server[0].shelf.forget()
        return offline(ask)

    return answer, server


@pytest.mark.slow
@pytest.mark.parametrize("at", [4, 5, 7])
async def test_what_vanishes_in_the_middle_is_made_good(
    media: MediaLibrary, tmp_path: Path, plain: Plain, at: int
) -> None:
    answer, holder = forgetful(at)
    with GeminiServer(answer) as server:
        holder.append(server)
        played = await play(server, media, tmp_path, DeliveryOptions(media="upload", cache="explicit"))
        assert not server.shelf.live_caches()
    done(played)
    assert played.keys == plain.keys, "nothing was lost, and nothing asked twice"
    assert played.counts["lost"] > 0
    assert Counter(e.status for e in server.exchanges if e.text) == {200: len(played.keys)}


@pytest.mark.parametrize("status", [400, 429, 500])
async def test_a_cache_that_cannot_be_made_is_done_without(
    media: MediaLibrary, tmp_path: Path, status: int
) -> None:
    with GeminiServer(resource_faults=[status] * 50) as server:
        played = await play(server, media, tmp_path, DeliveryOptions(media="inline"))
    done(played)
    assert played.counts["failed"] > 0 and played.counts["reads"] == 0
    assert all(row.usage.cached == 0 for row in played.rows)


async def test_caches_are_deleted_after_a_failure(media: MediaLibrary, tmp_path: Path) -> None:
    offline = offline_answerer()

    def answer(ask: Ask) -> str:
        return "no JSON" if role_of(ask) == "recsys" and ask.used_ids else offline(ask)

    with GeminiServer(answer) as server:
        played = await play(server, media, tmp_path, DeliveryOptions(cache="explicit"))
        assert not server.shelf.live_caches() and server.shelf.caches
    assert played.threads[0].status == "failed"


@pytest.mark.slow
async def test_a_resumed_conversation_reads_the_cache_that_it_left(
    media: MediaLibrary, tmp_path: Path
) -> None:
    """As after a SIGKILL: nobody deleted the cache, and its row is there."""
    offline, reached = offline_answerer(), threading.Event()

    def answer(ask: Ask) -> str:
        if role_of(ask) == "listener" and len(ask.turns) > 3:
            reached.set()
        return offline(ask)

    with GeminiServer(answer) as server:
        options = DeliveryOptions(cache="explicit")
        async with playing(server, media, tmp_path, options) as (one, _, runtime):
            task = asyncio.create_task(one(0))
            await asyncio.to_thread(reached.wait, 60)
            for caches in runtime.delivery._caches.values():
                caches._keepers.clear()  # the process ends here, without a word to the provider
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        left = server.shelf.live_caches()
        played = await play(server, media, tmp_path, options)
        assert left and not server.shelf.live_caches()
    done(played)
    assert len(server.shelf.caches) == 2, "one for each agent, none made twice"


@pytest.mark.slow
async def test_uploads_are_shared_by_conversations(media: MediaLibrary, tmp_path: Path) -> None:
    with GeminiServer() as server:
        played = await play(server, media, tmp_path, DeliveryOptions(media="upload", cache="off"), sessions=3)
        labels = [held.label for held in server.shelf.files.values()]
    done(played)
    assert len(labels) == len(set(labels)) == server.meter.uploads


@pytest.mark.slow
async def test_failed_items_of_a_batch_go_with_a_later_wave(media: MediaLibrary, tmp_path: Path) -> None:
    from support.gemini.faults import Fault, FaultPlan

    faults = FaultPlan([None, Fault.INTERNAL, None, None, Fault.RATE_LIMIT, None, Fault.MALFORMED])
    with GeminiServer(faults=faults) as server:
        played = await play(server, media, tmp_path, DeliveryOptions(batch=True), sessions=2)
    done(played)
    assert played.counts["failed_calls"] == 2
    assert len(played.rows) == 2 * (2 + 2 * TURNS + 1) + 1, "one repair"
    assert server.meter.bill()["recsys"].batch["TEXT"] > 0


def test_a_cache_and_a_batch_do_not_go_together() -> None:
    with pytest.raises(ConfigError, match="--batch"):
        DeliveryOptions(cache="explicit", batch=True)


@pytest.mark.parametrize("mode", ["inline", "upload", "auto"])
async def test_the_stable_beginning_stays_the_same_byte_for_byte(
    media: MediaLibrary, tmp_path: Path, mode: Any
) -> None:
    """So that a provider that caches by itself finds it again, however media travel."""
    with GeminiServer() as server:
        done(await play(server, media, tmp_path, DeliveryOptions(media=mode, cache="implicit")))
    for agent in ("recsys", "listener"):
        bodies = [json.loads(e.raw) for e in server.exchanges if e.ask and role_of(e.ask) == agent]
        contents = [[json.dumps(part) for part in body["contents"]] for body in bodies]
        assert len(bodies) >= TURNS and len({json.dumps(body["systemInstruction"]) for body in bodies}) == 1
        for earlier, later in pairwise(contents):
            assert later[: len(earlier)] == earlier
