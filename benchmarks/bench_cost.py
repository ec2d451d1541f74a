"""What conversations cost at Gemini 2.5 Flash's prices, metered by a server on the loopback address.

Sessions of 5 + 32 tracks with clips, covers and lyrics, eight turns; answers as long as the original's, tokens of as
many characters as logged. First the shape of the original pipeline's requests on the same sessions, then segue in each
of its modes. The server counts and bills by itself alone.

Run: `python benchmarks/bench_cost.py [--conversations 8] [--mode MODE] [--short] [--plain-tokens] [--json FILE]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from segue.catalog.demo import open_demo
from segue.catalog.media import MediaLibrary
from segue.checkpoints import Store
from segue.checkpoints.store.deliveries import StoredDeliveries
from segue.checkpoints.store.threads import Thread
from segue.core.places import cache_folder
from segue.models.costs.budget import UnlimitedBudget
from segue.models.costs.prices import load_prices
from segue.models.delivery import Delivery
from segue.models.delivery_options import DeliveryOptions
from segue.models.factory import open_model
from segue.models.gemini.batches import Waves
from segue.models.limits import Limits
from segue.models.spec import ModelSpec
from segue.models.usage import ANSWER_CHARACTERS, PROMPT_CHARACTERS
from segue.prompts.layouts import Layout
from segue.prompts.library import PromptLibrary
from segue.runs.conversation import Conversations
from segue.runs.plan import RunPlan
from segue.runs.preparation.first_states import Preparation
from segue.runs.runtime import make_runtime
from segue.runs.settings.config import PlaySettings
from segue.runs.settings.modalities import parse_modalities
from segue.state.values import Agent
from support.gemini.answerers import Answerer, offline_answerer
from support.gemini.meter import Line, kinds
from support.gemini.server import GeminiServer
from support.models.long_answers import lengthened
from support.models.original_shape import OriginalShape

POOL, TURNS = 32, 8
RATIOS: tuple[dict[str, float], dict[str, float]] = (dict(PROMPT_CHARACTERS), dict(ANSWER_CHARACTERS))
"""Characters of a token by role, of prompts and of answers."""
LATENCY_S, SCALE = 0.2, 10.0
"""A call takes 0.2 s, and the server's clock runs ten times as fast: caches are stored as for calls of 2 s."""
ORIGINAL_USD = 103.97
"""USD for 1,000 conversations of the original's own code on such sessions, counted the same way."""
SHARES = {"auto, provider caches nothing": 0.36, "auto, provider caches by itself": 0.27}
"""Mode -> share of the original's cost that it is to stay under."""

MODES: dict[str, tuple[DeliveryOptions, Layout, bool]] = {
    "nothing cached": (DeliveryOptions(cache="off"), "shared", False),
    "explicit, layout of its own": (DeliveryOptions(cache="explicit"), "own", False),
    "explicit": (DeliveryOptions(cache="explicit"), "shared", False),
    "auto, provider caches nothing": (DeliveryOptions(), "shared", False),
    "implicit alone": (DeliveryOptions(cache="implicit"), "shared", True),
    "auto, provider caches by itself": (DeliveryOptions(), "shared", True),
    "batch": (DeliveryOptions(batch=True), "shared", False),
}
"""Mode -> how calls travel, the order of prompts, and whether the provider reads repeated beginnings cached by itself."""


class FastClock:
    """Seconds since 1970, passing `SCALE` times as fast."""

    def __init__(self) -> None:
        self._begin = time.time()

    def __call__(self) -> float:
        return self._begin + SCALE * (time.time() - self._begin)


@dataclass
class Measured:
    """One mode's bill. `lines` by role; money in USD for 1,000 conversations."""

    name: str
    conversations: int
    lines: dict[str, Line]
    uploads: int
    received_mb: float
    counts: dict[str, int]

    @property
    def usd(self) -> float:
        return sum(line.total() for line in self.lines.values()) * 1000 / self.conversations


class Bench:
    """The demo catalogue's sessions with enough tracks, in as many seeds as are needed."""

    def __init__(self, conversations: int) -> None:
        self.catalog, self.prompts = open_demo(), PromptLibrary()
        self.media = MediaLibrary(cache_folder() / "media")
        sessions = list(self.catalog.session_ids(min_tracks=5 + POOL))
        if not sessions:
            raise SystemExit(f"the demo catalogue has no session of {5 + POOL} tracks")
        rounds = 1 + (conversations - 1) // len(sessions)
        self.work = [(seed, sessions) for seed in range(rounds)]
        left = conversations - len(sessions) * (rounds - 1)
        self.work[-1] = (rounds - 1, sessions[:left])
        self.conversations = conversations

    def plan(self, seed: int, url: str, layout: Layout = "shared") -> RunPlan:
        return RunPlan(
            catalog_digest=self.catalog.digest,
            prompts_digest=self.prompts.laid_out(layout).digest_all(),
            layout=layout,
            models=dict.fromkeys(Agent, ModelSpec(name="google_genai:gemini-2.5-flash", base_url=url)),
            modalities=parse_modalities([], self.catalog.coverage()),
            seed=seed,
            pool_size=POOL,
            turns=TURNS,
        )

    def preparation(self, plan: RunPlan) -> Preparation:
        return Preparation(plan, self.catalog, self.media, self.prompts)


async def play(bench: Bench, name: str, answerer: Answerer, folder: Path) -> Measured:
    """All conversations in one mode, on a server and a store of their own."""
    clock, (options, layout, implicit) = FastClock(), MODES[name]
    with (
        GeminiServer(
            answerer,
            latency=LATENCY_S,
            clock=clock,
            keep=False,
            batch_s=SCALE,
            implicit=implicit,
            ratios=RATIOS,
        ) as server,
        Store.open(f"sqlite:///{folder / name}.db") as store,
    ):
        registry = StoredDeliveries(store)
        waves = Waves(registry, quiet_s=0.5, poll_s=0.2) if options.batch else None
        delivery = Delivery(options, registry, bench.media.read, load_prices(), waves, clock)
        opening = partial(open_model, environ={"GOOGLE_API_KEY": "test"})
        plain = make_runtime(store, PlaySettings(), Limits(10_000), UnlimitedBudget(), media=bench.media)
        runtime = replace(plain, opening=opening, delivery=delivery)
        for seed, sessions in bench.work:
            plan = bench.plan(seed, server.url, layout)
            conversations = Conversations(plan, bench.preparation(plan), runtime)
            for thread in await _all(conversations, sessions, 8 if not options.batch else 10_000):
                if thread.status != "done":
                    raise SystemExit(f"{name}: {thread.error}")
        await runtime.aclose()
        assert not server.shelf.live_caches(), "a cache was left behind"
        return measured(name, bench, server, dict(delivery.counts))


async def _all(conversations: Conversations, sessions: Sequence[str], at_once: int) -> list[Thread]:
    gate = asyncio.Semaphore(at_once)

    async def one(session: str) -> Thread:
        async with gate:
            return await conversations.play(session)

    return await asyncio.gather(*map(one, sessions))


async def original(bench: Bench) -> Measured:
    """The shape of the original's requests on the same sessions."""
    shape = OriginalShape(bench.media.read, TURNS)
    with GeminiServer(shape.answer, keep=False, ratios=RATIOS) as server:
        model = open_model(
            ModelSpec(name="google_genai:gemini-2.5-flash", base_url=server.url),
            environ={"GOOGLE_API_KEY": "test"},
        )
        for seed, sessions in bench.work:
            plan = bench.plan(seed, server.url)
            preparation = bench.preparation(plan)
            for session in sessions:
                await shape.play(model, preparation.first_state(session))
        await model.aclose()
        return measured("the original's requests", bench, server, {})


def measured(name: str, bench: Bench, server: GeminiServer, counts: dict[str, int]) -> Measured:
    lines = server.meter.bill(server.shelf.storage())
    size = server.meter.received_bytes / 1e6
    return Measured(name, bench.conversations, lines, server.meter.uploads, size, counts)


def print_table(one: Measured) -> None:
    """Tokens a conversation and USD for 1,000 conversations, by role and kind."""
    per = one.conversations
    print(f"\n{one.name}: USD {one.usd:.2f} for 1,000 conversations")
    heads = ("role", "calls", "text", "image", "audio", "cached", "cache made", "token hours", "output")
    print("  " + "".join(f"{head:>12}" for head in heads) + "   USD / 1,000: " + ", ".join(kinds()))
    for role in ("profile", "goal", "recsys", "listener"):
        line = one.lines.get(role, Line())
        tokens = [line.fresh[k] + line.batch[k] for k in ("TEXT", "IMAGE", "AUDIO")]
        numbers = [
            *(line.calls, *tokens, line.read.total(), line.created.total()),
            *(line.storage_hours, line.output + line.batch_output),
        ]
        usd = line.usd()
        money = " + ".join(f"{usd[kind] * 1000 / per:.2f}" for kind in kinds() if usd[kind])
        total = line.total() * 1000 / per
        print(f"  {role:>12}" + "".join(f"{n / per:>12,.0f}" for n in numbers) + f"   {money} = {total:.2f}")
    what = ", ".join(f"{name} {count}" for name, count in sorted(one.counts.items()) if count)
    print(
        f"  {one.uploads} uploads, {one.received_mb / per:.1f} MB a conversation"
        + (f"; {what}" if what else ""),
        flush=True,
    )


def print_end(found: Sequence[Measured]) -> None:
    base = found[0]
    print(f"\n{'':>36}{'USD / 1,000':>14}{'of the shape':>14}{f'of {ORIGINAL_USD}':>14}")
    for one in found:
        print(f"{one.name:>36}{one.usd:>14.2f}{one.usd / base.usd:>14.1%}{one.usd / ORIGINAL_USD:>14.1%}")
    for one in (one for one in found if one.name in SHARES):
        met = one.usd <= SHARES[one.name] * min(ORIGINAL_USD, base.usd)
        print(f"target: {one.name}: at most {SHARES[one.name]:.0%}: {'met' if met else 'NOT met'}")


async def measure(conversations: int, modes: Sequence[str], *, short: bool) -> list[Measured]:
    bench = Bench(conversations)
    answerer = offline_answerer() if short else lengthened(offline_answerer())
    found = [await original(bench)]
    print_table(found[0])
    with tempfile.TemporaryDirectory() as folder:
        for name in MODES:
            if not modes or name in modes:
                found.append(await play(bench, name, answerer, Path(folder)))
                print_table(found[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=8)
    parser.add_argument(
        "--mode", action="append", default=[], choices=MODES, help="all when left out; may be repeated"
    )
    parser.add_argument("--short", action="store_true", help="answers as long as the offline model's")
    parser.add_argument(
        "--plain-tokens", action="store_true", help="count four characters a token everywhere"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ.pop("GOOGLE_API_KEY", None)
    if options.plain_tokens:
        RATIOS[0].clear()
        RATIOS[1].clear()
    found = asyncio.run(measure(options.conversations, options.mode, short=options.short))
    print_end(found)
    if options.json:
        figures: dict[str, Any] = {
            one.name: {
                "usd_per_1000": one.usd,
                "by_role": {role: line.usd() for role, line in one.lines.items()},
                "counts": one.counts,
            }
            for one in found
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
