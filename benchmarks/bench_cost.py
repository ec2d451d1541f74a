"""What conversations cost at Gemini 2.5 Flash's prices, metered by a server on the loopback address.

Sessions of 5 + 32 tracks with clips, covers and lyrics, eight turns. First the shape of the original pipeline's
requests on the same sessions, then segue in each of its modes. The server counts and bills by itself alone.

Run: `python benchmarks/bench_cost.py [--conversations 8] [--json FILE]`
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
from segue.core.places import cache_folder
from segue.models.budget import UnlimitedBudget
from segue.models.delivery import Delivery
from segue.models.delivery_options import DeliveryOptions
from segue.models.factory import open_model
from segue.models.gemini.batches import Waves
from segue.models.limits import Limits
from segue.models.prices import load_prices
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.runs.config import PlaySettings
from segue.runs.conversation import Conversations
from segue.runs.modalities import parse_modalities
from segue.runs.plan import RunPlan
from segue.runs.preparation import Preparation
from segue.runs.runner import play_all
from segue.runs.runtime import make_runtime
from segue.state.values import Agent
from support.gemini_meter import Line, kinds
from support.gemini_server import GeminiServer
from support.original_shape import OriginalShape

POOL, TURNS = 32, 8
LATENCY_S, SCALE = 0.2, 10.0
"""A call takes 0.2 s, and the server's clock runs ten times as fast: caches are stored as for calls of 2 s."""
ORIGINAL_USD = 103.97
"""USD for 1,000 conversations of the original's own code on such sessions, counted the same way."""
SHARE = 0.40

MODES: dict[str, DeliveryOptions] = {
    "inline, no cache": DeliveryOptions(media="inline", cache="off"),
    "uploads, no cache": DeliveryOptions(media="upload", cache="off"),
    "implicit (server grants nothing)": DeliveryOptions(cache="implicit"),
    "explicit where it pays (default)": DeliveryOptions(),
    "batch": DeliveryOptions(batch=True),
}


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

    def plan(self, seed: int, url: str) -> RunPlan:
        return RunPlan(
            catalog_digest=self.catalog.digest,
            prompts_digest=self.prompts.digest_all(),
            models=dict.fromkeys(Agent, ModelSpec(name="google_genai:gemini-2.5-flash", base_url=url)),
            modalities=parse_modalities([], self.catalog.coverage()),
            seed=seed,
            pool_size=POOL,
            turns=TURNS,
        )

    def preparation(self, plan: RunPlan) -> Preparation:
        return Preparation(plan, self.catalog, self.media, self.prompts)


async def play(bench: Bench, name: str, options: DeliveryOptions, folder: Path) -> Measured:
    """All conversations in one mode, on a server and a store of their own."""
    clock = FastClock()
    with (
        GeminiServer(latency=LATENCY_S, clock=clock, keep=False, batch_s=SCALE) as server,
        Store.open(f"sqlite:///{folder / name.partition(' ')[0]}.db") as store,
    ):
        registry = StoredDeliveries(store)
        waves = Waves(registry, quiet_s=0.5, poll_s=0.2) if options.batch else None
        delivery = Delivery(options, registry, bench.media.read, load_prices(), waves, clock)
        opening = partial(open_model, environ={"GOOGLE_API_KEY": "test"})
        plain = make_runtime(store, PlaySettings(), Limits(10_000), UnlimitedBudget(), media=bench.media)
        runtime = replace(plain, opening=opening, delivery=delivery)
        for seed, sessions in bench.work:
            plan = bench.plan(seed, server.url)
            conversations = Conversations(plan, bench.preparation(plan), runtime)
            async for thread in play_all(
                conversations, sessions, concurrency=8 if not options.batch else 10_000
            ):
                if thread.status != "done":
                    raise SystemExit(f"{name}: {thread.error}")
        await runtime.aclose()
        assert not server.shelf.live_caches(), "a cache was left behind"
        return measured(name, bench, server, dict(delivery.counts))


async def original(bench: Bench) -> Measured:
    """The shape of the original's requests on the same sessions."""
    shape = OriginalShape(bench.media.read, TURNS)
    with GeminiServer(shape.answer, keep=False) as server:
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
    default = next(one for one in found if "default" in one.name)
    met = default.usd <= SHARE * min(ORIGINAL_USD, base.usd)
    print(f"target: at most {SHARE:.0%} by default: {'met' if met else 'NOT met'}")


async def measure(conversations: int, modes: Sequence[str]) -> list[Measured]:
    bench = Bench(conversations)
    found = [await original(bench)]
    print_table(found[0])
    with tempfile.TemporaryDirectory() as folder:
        for name, options in MODES.items():
            if not modes or any(mode in name for mode in modes):
                found.append(await play(bench, name, options, Path(folder)))
                print_table(found[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=8)
    parser.add_argument(
        "--mode", action="append", default=[], help="a part of a mode's name; all when left out"
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    os.environ.pop("GOOGLE_API_KEY", None)
    found = asyncio.run(measure(options.conversations, options.mode))
    if any("default" in one.name for one in found):
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
