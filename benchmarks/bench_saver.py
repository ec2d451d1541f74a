"""Measures the saver beside LangGraph's own for SQLite and PostgreSQL, in the same rounds of the same run.

    PYTHONPATH=tests python benchmarks/bench_saver.py [--rounds 5] [--quick] [--json FILE]

Every figure is for one conversation of eight turns (20 checkpoints, 19 writes) unless it says otherwise. Times are
medians over the rounds, in milliseconds; `cpu` is this process's, not the server's. Bytes are those of the database
files, or tables with indexes; `stored KB` is all of them over 65 conversations, the growth is without the empty store.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from segue.checkpoints import SQLAlchemySaver
from support.checkpoints.postgres import NoServerError, new_database, server
from synthetic import build, first_state

NUMBERS = itertools.count()
SEQUENCE, AT_ONCE, READ = 8, 64, 6
GROWTH = (8, 16, 32, 64)


@dataclass
class Place:
    """An empty database of one kind, and how to open a saver on it and tell its size."""

    kind: str
    target: str
    ours: bool

    @asynccontextmanager
    async def saver(self) -> AsyncIterator[Any]:
        """A saver as its users open it; nothing is known to it yet."""
        async with AsyncExitStack() as stack:
            if self.kind == "none":
                yield None
            elif self.ours:
                url = self.target if self.kind == "postgres" else f"sqlite:///{self.target}"
                yield await stack.enter_async_context(SQLAlchemySaver.from_url(url))
            else:
                theirs = AsyncSqliteSaver if self.kind == "sqlite" else AsyncPostgresSaver
                saver = await stack.enter_async_context(theirs.from_conn_string(self.target))
                await saver.setup()
                yield saver

    def size(self) -> int:
        """Bytes stored."""
        if self.kind == "sqlite":
            connection = sqlite3.connect(self.target)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
            return Path(self.target).stat().st_size
        if self.kind == "none":
            return 0
        with psycopg.connect(self.target, autocommit=True) as connection:
            connection.execute("VACUUM")
            sql = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
            row = connection.execute(sql).fetchone()
        return int(row[0]) if row and row[0] else 0


@dataclass
class Bench:
    """Makes places and collects figures: (saver, measure) -> one value a round."""

    folder: Path
    server_url: str | None
    figures: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def kinds(self) -> list[str]:
        server = ["postgres", "segue postgres"] if self.server_url else []
        return ["none", "sqlite", "segue sqlite", *server]

    def place(self, name: str) -> Place:
        """A new, empty database for the saver of that name."""
        kind = name.removeprefix("segue ")
        number = next(NUMBERS)
        target = str(self.folder / f"{number}.db")
        if kind == "postgres" and self.server_url:
            target = new_database(self.server_url, f"bench_{number}")
        return Place(kind, target, name.startswith("segue"))

    def add(self, name: str, measure: str, value: float) -> None:
        self.figures.setdefault((name, measure), []).append(value)

    def median(self, name: str, measure: str) -> float | None:
        values = self.figures.get((name, measure))
        return statistics.median(values) if values else None


def config(thread: object, checkpoint_id: str | None = None) -> dict[str, Any]:
    named = {"checkpoint_id": checkpoint_id} if checkpoint_id else {}
    place = {"thread_id": f"thread-{thread}", "checkpoint_ns": "", **named}
    return {"configurable": place, "recursion_limit": 1000}


async def play(saver: Any, seed: int, turns: int = 8, *, pool: bool = True) -> None:
    """One conversation from its start to its end."""
    durability: dict[str, Any] = {"durability": "sync"} if saver is not None else {}
    start = first_state(seed, turns, pool=pool)
    await build(saver).ainvoke(start, config(seed), **durability)


async def timed(work: Callable[[], Any], count: int) -> tuple[float, float]:
    """CPU and wall milliseconds for each of `count`."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work()
    return (time.process_time() - cpu) / count * 1e3, (time.perf_counter() - wall) / count * 1e3


async def measure_playing(bench: Bench, name: str, round_: int) -> None:
    """In sequence, then 64 at once on another database."""

    async def sequence() -> None:
        for seed in range(SEQUENCE):
            await play(saver, round_ * 1000 + seed)

    async def at_once() -> None:
        await asyncio.gather(*(play(saver, round_ * 1000 + 500 + n) for n in range(AT_ONCE)))

    for label, work, count in (("", sequence, SEQUENCE), (" x64", at_once, AT_ONCE)):
        place = bench.place(name)
        async with place.saver() as saver:
            await play(saver, round_ * 1000 + 999)
            cpu, wall = await timed(work, count)
        bench.add(name, f"cpu{label}", cpu)
        bench.add(name, f"wall{label}", wall)
        if label and name != "none":
            bench.add(name, "stored KB", place.size() / (count + 1) / 1024)
            await measure_reading(bench, name, place, round_ * 1000 + 500, 8, "")


async def measure_reading(bench: Bench, name: str, place: Place, first: int, turns: int, label: str) -> None:
    """States at three turns and the history, each thread read for the first time by this saver."""
    ids: dict[int, list[str]] = {}
    async with place.saver() as saver:
        for seed in range(first, first + READ):
            ids[seed] = [t.config["configurable"]["checkpoint_id"] async for t in saver.alist(config(seed))]
    for turn in (1, turns // 2, turns):
        async with place.saver() as saver:
            graph = build(saver)
            await graph.aget_state(config(first + READ))
            for seed in range(first, first + READ):
                number = ids[seed][-(4 + 2 * turn)]
                wall = time.perf_counter()
                await graph.aget_state(config(seed, number))
                bench.add(name, f"state@{turn}{label}", (time.perf_counter() - wall) * 1e3)
    async with place.saver() as saver:
        graph = build(saver)
        await graph.aget_state(config(first + READ))
        for seed in range(first, first + READ):
            wall = time.perf_counter()
            assert len([s async for s in graph.aget_state_history(config(seed))]) == 4 + 2 * turns
            bench.add(name, f"history{label}", (time.perf_counter() - wall) * 1e3)


async def measure_growth(bench: Bench, name: str, count: int) -> None:
    """Bytes and CPU of longer conversations, with the pool in the state and without."""
    for seed in range(count):
        await play(None, seed, max(GROWTH))
    for turns in GROWTH:
        for pool in (True, False):
            place = bench.place(name)

            async def work(saver: Any, turns: int = turns, pool: bool = pool) -> None:
                for seed in range(count):
                    await play(saver, seed, turns, pool=pool)

            async with place.saver() as saver:
                empty = place.size()
                cpu, _ = await timed(lambda saver=saver: work(saver), count)
            label = f" {turns} turns{'' if pool else ' no pool'}"
            bench.add(name, f"cpu{label}", cpu)
            bench.add(name, "empty store KB", empty / 1024)
            bench.add(name, f"KB{label}", (place.size() - empty) / count / 1024)
            if turns == GROWTH[-1] and pool:
                await measure_reading(bench, name, place, 0, turns, " of 64")


async def measure_branches(bench: Bench, name: str) -> None:
    """Ten branches of one conversation, each with four new turns of new words."""
    place = bench.place(name)
    async with place.saver() as saver:
        for seed in range(SEQUENCE):
            await play(saver, seed)
        ids = [t.config["configurable"]["checkpoint_id"] async for t in saver.alist(config(0))]
        at = ids[-(4 + 2 * 4)]
        before = place.size()
        heads = []
        wall = time.perf_counter()
        for branch in range(10):
            if place.ours:
                await saver.afork_thread("thread-0", at, f"thread-branch-{branch}")
                heads.append(config(f"branch-{branch}"))
            else:
                heads.append(
                    await build(saver).aupdate_state(config(0, at), {"seed": 900 + branch}, as_node="recsys")
                )
        bench.add(name, "fork ms", (time.perf_counter() - wall) * 100)
        forked = place.size()
        for branch, head in enumerate(heads):
            graph = build(saver)
            cpu = time.process_time()
            if place.ours:
                head = await graph.aupdate_state(head, {"seed": 900 + branch}, as_node="recsys")
            await graph.ainvoke(None, {**head, "recursion_limit": 1000}, durability="sync")
            bench.add(name, "branch cpu", (time.process_time() - cpu) * 1e3)
        bench.add(name, "fork KB", (forked - before) / 10 / 1024)
        bench.add(name, "branch KB", (place.size() - forked) / 10 / 1024)


def table(bench: Bench) -> str:
    """All figures, with ours over theirs where both are."""
    measures = list(dict.fromkeys(measure for _, measure in bench.figures))
    kinds = bench.kinds()
    pairs = [(f"segue {kind}", kind) for kind in ("sqlite", "postgres") if kind in kinds]
    lines = [f"{'':22}" + "".join(f"{k:>15}" for k in kinds) + "".join(f"{'/ ' + t:>12}" for _, t in pairs)]
    for measure in measures:
        cells = [bench.median(kind, measure) for kind in kinds]
        shown = "".join(f"{c:15.2f}" if c is not None else f"{'-':>15}" for c in cells)
        lines.append(
            f"{measure:22}" + shown + "".join(f"{ratio(bench, o, t, measure):>12}" for o, t in pairs)
        )
    return "\n".join(lines)


def ratio(bench: Bench, ours: str, theirs: str, measure: str) -> str:
    """Ours over theirs: the median of the rounds' own ratios."""
    both = zip(bench.figures.get((ours, measure), []), bench.figures.get((theirs, measure), []), strict=False)
    ratios = [a / b for a, b in both if b > 0]
    return f"{statistics.median(ratios):.3f}" if ratios else "-"


async def run(bench: Bench, rounds: int, growth: int) -> None:
    for round_ in range(rounds):
        # The words are made up on first use; nobody's time shall hold that.
        for seed in range(SEQUENCE):
            await play(None, round_ * 1000 + seed)
        for seed in [*range(500, 500 + AT_ONCE), 999]:
            await play(None, round_ * 1000 + seed)
        for name in bench.kinds():
            await measure_playing(bench, name, round_)
    for name in bench.kinds()[1:]:
        await measure_branches(bench, name)
        if growth:
            await measure_growth(bench, name, growth)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds for the times")
    parser.add_argument("--quick", action="store_true", help="one round, no growth")
    parser.add_argument("--json", type=Path, help="write all single figures to this file")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="segue-bench-"))
    try:
        measure(folder, asked)
    finally:
        shutil.rmtree(folder)


def measure(folder: Path, asked: argparse.Namespace) -> None:
    """Run all of it, with a server where one can be started, and print the table."""
    starting = server()
    try:
        url: str | None = starting.__enter__()
    except NoServerError as error:
        print(f"without PostgreSQL: {error}", file=sys.stderr)
        url = None
    bench = Bench(folder, url)
    try:
        asyncio.run(run(bench, 1 if asked.quick else asked.rounds, 0 if asked.quick else 8))
    finally:
        if url is not None:
            starting.__exit__(None, None, None)
    print(table(bench))
    if asked.json:
        figures = {f"{name}: {measure}": values for (name, measure), values in bench.figures.items()}
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
