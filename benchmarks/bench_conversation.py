"""CPU of one conversation at zero model latency, and its wall time over the sum of its model latencies.

Run: `python benchmarks/bench_conversation.py [--conversations 40] [--json FILE]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from segue.catalog.demo import open_demo
from segue.catalog.media import MediaLibrary
from segue.checkpoints import Store
from segue.core.places import cache_folder
from segue.models.costs.budget import UnlimitedBudget
from segue.models.factory import open_model
from segue.models.ledger import MemoryLedger
from segue.models.limits import Limits
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.runs.conversation import Conversations
from segue.runs.plan import RunPlan
from segue.runs.preparation.first_states import Preparation
from segue.runs.runtime import Runtime, make_runtime
from segue.runs.settings.config import PlaySettings
from segue.runs.settings.modalities import parse_modalities
from segue.sessions.sampling import MIN_TRACKS
from segue.state.values import Agent

LATENCY = 0.2
TARGETS = {"cpu_ms": 150.0, "graph_and_rendering_ms": 60.0, "wall_ratio": 1.05}


class Bench:
    """The demo catalogue, prepared once, and the plans of a few seeds over its sessions."""

    def __init__(self, conversations: int) -> None:
        self.catalog, self.prompts = open_demo(), PromptLibrary()
        self.media = MediaLibrary(cache_folder() / "media")
        sessions = list(self.catalog.session_ids(min_tracks=MIN_TRACKS))
        self.work = [(seed, s) for seed in range(1 + conversations // len(sessions)) for s in sessions]
        self.work = self.work[:conversations]

    def plan(self, seed: int) -> RunPlan:
        return RunPlan(
            catalog_digest=self.catalog.digest,
            prompts_digest=self.prompts.digest_all(),
            models=dict.fromkeys(Agent, ModelSpec()),
            modalities=parse_modalities([], self.catalog.coverage()),
            seed=seed,
        )

    def runtime(self, store: Store) -> Runtime:
        return make_runtime(store, PlaySettings(), Limits(8), UnlimitedBudget(), media=self.media)

    def preparation(self, seed: int) -> Preparation:
        return Preparation(self.plan(seed), self.catalog, self.media, self.prompts)


async def whole(bench: Bench, folder: Path) -> float:
    """CPU milliseconds a conversation, everything included: model, graph, rendering, store on disk."""
    with Store.open(f"sqlite:///{folder / 'bench.db'}") as store:
        runtime = bench.runtime(store)
        runs = {
            seed: Conversations(bench.plan(seed), bench.preparation(seed), runtime) for seed, _ in bench.work
        }
        begin = time.process_time()
        for seed, session in bench.work:
            thread = await runs[seed].play(session)
            assert thread.status == "done", thread.error
        return 1000 * (time.process_time() - begin) / len(bench.work)


async def recorded(bench: Bench, folder: Path) -> tuple[float, float]:
    """(graph and rendering, the same with the offline model), CPU milliseconds, nothing stored on disk."""
    ledger, store = MemoryLedger(), Store.open(f"sqlite:///{folder / 'unused.db'}")
    played: list[float] = []
    for _ in ("first time, with the model", "again, from the ledger"):
        runtime = replace(bench.runtime(store), saver=InMemorySaver(), ledger=ledger)
        spent = 0.0
        for seed, session in bench.work:
            plan = bench.plan(seed)
            first = bench.preparation(seed).first_state(session)
            begin = time.process_time()
            await runtime.play(plan.thread_id(session), plan, plan.stream(session), first=first)
            spent += time.process_time() - begin
        played.append(1000 * spent / len(bench.work))
    store.close()
    return played[1], played[0]


async def wall(bench: Bench, folder: Path) -> float:
    """Wall time of one conversation over the sum of its model latencies at `LATENCY` seconds a call."""
    ratios, store = [], Store.open(f"sqlite:///{folder / 'unused.db'}")
    slow = partial(open_model, latency=LATENCY)
    for seed, session in bench.work[:3]:
        plan = bench.plan(seed)
        ledger = MemoryLedger()
        runtime = replace(bench.runtime(store), saver=InMemorySaver(), ledger=ledger, opening=slow)
        first = bench.preparation(seed).first_state(session)
        begin = time.perf_counter()
        await runtime.play(plan.thread_id(session), plan, plan.stream(session), first=first)
        ratios.append((time.perf_counter() - begin) / (LATENCY * len(ledger.calls)))
    store.close()
    return statistics.median(ratios)


async def measure(conversations: int) -> dict[str, Any]:
    bench = Bench(conversations)
    for seed, session in bench.work:  # clips and covers are prepared once; not what is measured
        bench.preparation(seed).first_state(session)
    with tempfile.TemporaryDirectory() as folder:
        cpu = await whole(bench, Path(folder))
        graph, with_model = await recorded(bench, Path(folder))
        ratio = await wall(bench, Path(folder))
    return {
        "conversations": len(bench.work),
        "cpu_ms": cpu,
        "graph_and_rendering_ms": graph,
        "offline_model_ms": with_model - graph,
        "wall_ratio": ratio,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = asyncio.run(measure(options.conversations))
    for name, value in figures.items():
        target = f"  (target: at most {TARGETS[name]:g})" if name in TARGETS else ""
        print(f"{name:>24}  {value:.3f}{target}" if isinstance(value, float) else f"{name:>24}  {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
