"""The viewer's reads on a store of many conversations, made by import: search, lists, conversations, a large tree.

    python benchmarks/bench_viewer.py [--conversations 100000] [--requests 10000] [--store URL]

A store that is named stays, so that a second time only the reads are measured. Pages are asked within the process, so that a browser's and the network's time are no part of it. Each time is told as
median, 95th percentile and most, beside the bytes of the largest answer.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from segue import OpenStore, open_store
from segue.checkpoints.store.imported import Import, ImportedRows
from segue.checkpoints.store.schema import THREADS
from segue.viewer.app import create_app
from starlette.testclient import TestClient
from synthetic import text, vocabulary

TURNS, SENTENCES, RUNS = 8, 20_000, 40
BRANCHES, BRANCH_TURNS = 200, 64
COUNTRIES = ("Brazil", "Japan", "France", "Germany", "Poland", "Colombia", "India", "Kenya")
TREE = "tree{:08x}"
"""Ids of its threads; the trunk is the first."""
HOST = "127.0.0.1:8347"
_AT_ONCE = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument(
        "--store", help="empty, or of an earlier time; a SQLite file in a temporary folder by default"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() if options.store is None else nullcontext("") as folder:
        url = options.store or f"sqlite:///{folder}/viewer.db"
        with open_store(url, create=True) as store:
            if is_empty(store):
                timed("imported", lambda: fill(store, options.conversations))
                add_tree(store)
            trunk = TREE.format(0)
            before = size(store)
            report = timed("read into the index", store.index)
            print(f"  {report.bytes / 1e6:,.0f} MB of index beside {before / 1e6:,.0f} MB of conversations")
            measure(store, trunk, options.requests)


def timed(what: str, work: Callable[[], Any]) -> Any:
    start, before = time.perf_counter(), time.process_time()
    result = work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    print(f"{what}: {seconds:,.1f} s, {cpu:,.1f} s of CPU", flush=True)
    return result


def fill(store: OpenStore, conversations: int) -> None:
    """Import made-up conversations, as many runs of them as `RUNS`."""
    draw = random.Random(0)
    sentences = [text(draw, draw.randint(20, 60)) for _ in range(SENTENCES)]
    rows = ImportedRows(store.store)
    at_once = max(1, min(_AT_ONCE, conversations // RUNS))
    for first in range(0, conversations, at_once):
        count = min(at_once, conversations - first)
        run = first * RUNS // conversations
        talks = [made(draw, sentences, first + number) for number in range(count)]
        rows.add(f"{run:010x}", f"data set {run}", talks, first)


def made(draw: random.Random, sentences: Sequence[str], number: int) -> Import:
    """One conversation of the published layout."""
    said = iter(draw.choices(sentences, k=4 * TURNS))
    messages = []
    for turn in range(1, TURNS + 1):
        for role, content, thought in (
            ("user", next(said), next(said)),
            ("music", f"track-{draw.randrange(50_000)}", next(said)),
            ("assistant", next(said), None),
        ):
            messages.append({"turn_number": turn, "role": role, "content": content, "thought": thought})
    labels = ("MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL")
    goal = {"category": draw.choice("ABCDEFGHIJK"), "specificity": draw.choice(("LL", "HL", "LH", "HH"))}
    row = {
        "session_id": f"user{number // 4}__{number:06}",
        "user_profile": {"country_name": draw.choice(COUNTRIES), "age_group": "20s"},
        "conversation_goal": {**goal, "listener_goal": draw.choice(sentences)},
        "conversations": messages,
        "goal_progress_assessments": [
            {"turn_number": turn, "goal_progress_assessment": draw.choice(labels)}
            for turn in range(2, TURNS + 1)
        ],
    }
    return Import("train", row, None, (), {"session_id": row["session_id"], "turns": TURNS, **goal})


def add_tree(store: OpenStore) -> None:
    """A trunk of `BRANCH_TURNS` turns with `BRANCHES` branches, as rows; a tree reads nothing else."""
    draw = random.Random(1)
    names = [TREE.format(number) for number in range(BRANCHES + 1)]
    shared = {"run_id": f"{0:010x}", "session_id": "tree", "config": {}, "status": "done", "retries": 0}
    rows = []
    for number, name in enumerate(names):
        parent = names[draw.randrange(number)] if number else None
        fork = {
            "turn": draw.randint(1, BRANCH_TURNS),
            "agent": "recsys",
            "reason": "",
            "edits": {"seed": number},
        }
        moment = f"2026-01-01T00:00:{number // 10:02}.{number % 10}00+00:00"
        rows.append(
            {**shared, "thread_id": name, "parent": parent, "fork": fork if number else None, "error": None}
            | {"turns": BRANCH_TURNS, "category": "A", "specificity": "LL", "altered": False}
            | {"created": moment, "updated": moment}
        )
    store.store.run(lambda connection: connection.execute(THREADS.insert(), rows))


def is_empty(store: OpenStore) -> bool:
    with store.store.read() as connection:
        return connection.execute(sa.select(THREADS.c.thread_id).limit(1)).first() is None


def size(store: OpenStore) -> int:
    """Bytes of the store."""
    with store.store.read() as connection:
        if store.store.dialect == "postgresql":
            return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
        pages = connection.scalar(sa.text("PRAGMA page_count")) or 0
        return int(pages * (connection.scalar(sa.text("PRAGMA page_size")) or 0))


def measure(store: OpenStore, trunk: str, requests: int) -> None:
    """Times of each kind of read, and the memory over all of them."""
    draw, client = random.Random(2), TestClient(create_app(store, {HOST}), base_url=f"http://{HOST}")
    ids = [row["thread_id"] for row in store.page(limit=1000, order="session").rows]
    kinds: dict[str, Callable[[], int]] = {
        "search, library": lambda: searched(store, draw),
        "search, page": lambda: asked(client, f"/search?words={'+'.join(words(draw))}"),
        "list, library": lambda: len(store.page(limit=100, **narrowed(draw)).rows),
        "list, page": lambda: asked(client, "/threads?" + as_query(narrowed(draw))),
        "conversation, page": lambda: asked(client, f"/threads/{draw.choice(ids)}"),
        "tree, page": lambda: asked(client, f"/threads/{trunk}/tree"),
    }
    for name, work in kinds.items():
        work()
        tell(name, [one(work) for _ in range(100)])
    paths = list(kinds.values())[1:5]
    for number in range(requests):
        paths[number % len(paths)]()
        if (number + 1) % 1000 == 0:
            print(f"after {number + 1:,} requests: {memory() / 1e6:.1f} MB of memory", flush=True)


def searched(store: OpenStore, draw: random.Random) -> int:
    run = f"{draw.randrange(RUNS):010x}" if draw.random() < 0.3 else None
    return len(store.search(" ".join(words(draw)), run=run).hits)


def words(draw: random.Random) -> Iterator[str]:
    """One to three words, frequent and rare ones alike, the last of them the beginning of one now and then."""
    for place in range(count := draw.randint(1, 3)):
        word = draw.choice(vocabulary())
        yield f"{word[:4]}*" if place == count - 1 and len(word) > 4 and draw.random() < 0.2 else word


def narrowed(draw: random.Random) -> dict[str, Any]:
    """A filter and an order such as people ask for."""
    wanted: dict[str, Any] = draw.choice(
        [
            {},
            {"country": draw.choice(COUNTRIES)},
            {"topic": draw.choice("ABCDEFGHIJK"), "specificity": "HL"},
            {"progress": "0.9.."},
            {"run": f"{draw.randrange(RUNS):010x}"},
            {"status": "failed"},
            {"failed_agent": "recsys"},
            {"score": "..2"},
            {"model": "offline"},
        ]
    )
    return {**wanted, "order": draw.choice(("created", "session", "progress", "turns", "tokens", "goal"))}


def as_query(wanted: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in wanted.items())


def asked(client: TestClient, path: str) -> int:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return len(answer.content)


def one(work: Callable[[], int]) -> tuple[float, float, int]:
    """(seconds, seconds of the processor, length of the answer)."""
    start, before = time.perf_counter(), time.process_time()
    length = work()
    return time.perf_counter() - start, time.process_time() - before, length


def tell(name: str, found: Sequence[tuple[float, float, int]]) -> None:
    most = max(length for _, _, length in found)
    what = f"{most / 1000:8,.0f} KB" if name.endswith("page") else f"{most:8,} rows"
    clock, cpu = (sorted(1000 * each[place] for each in found) for place in (0, 1))
    print(f"{name:20} {spread(clock)}; CPU {spread(cpu)} {what}", flush=True)


def spread(times: Sequence[float]) -> str:
    """Milliseconds in order, in a few words."""
    at = int(0.95 * len(times))
    return f"median {times[len(times) // 2]:7.1f} ms, 95 % {times[at]:7.1f} ms, most {times[-1]:7.1f} ms"


def memory() -> int:
    """Bytes of resident memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main()
