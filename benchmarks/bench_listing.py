"""CPU of the commands that list: a store of many conversations, made by copying the rows of a few that were played.

    python benchmarks/bench_listing.py [--conversations 10000] [--store URL]

Each command runs in a process of its own, three times; the least is told, starting Python and reading included.
States are not copied, as no listing may need them.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import sqlalchemy as sa
from segue import OpenStore, RunConfig, branch, open_store, play
from segue.checkpoints.store.schema import LEDGER, RUN_SESSIONS, SHARED_CALLS, THREADS
from segue.core.hashing import digest_of

TRUNKS, BRANCHES, TURNS = 9, 1, 8
"""Played: in the copies, too, one in ten is a branch."""
COMMANDS = (
    ("threads", "--json"),
    ("threads", "--newest", "--limit", "20"),
    ("threads", "--sort", "tokens", "--limit", "20"),
    ("threads",),
    ("runs",),
    ("cost",),
)
_AT_ONCE = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--store", help="an empty store; a SQLite file in a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() if options.store is None else nullcontext("") as folder:
        url = options.store or f"sqlite:///{folder}/listing.db"
        with open_store(url, create=True) as store:
            played = play_some(store)
            fill(store, options.conversations)
            check(store, played)
            print(f"{len(store.reader.threads.list()):,} conversations in {store.url.partition(':')[0]}")
        for command in COMMANDS:
            print(f"{measure(url, command):6.2f} s CPU  segue {' '.join(command)}", flush=True)


def play_some(store: OpenStore) -> list[str]:
    """The threads of a few conversations."""
    play(RunConfig(name="listing", sessions=TRUNKS, turns=TURNS, concurrency=4), store=store)
    for played in store.threads()[:BRANCHES]:
        branch(played.thread_id, turn=3, agent="recsys", seed=1, store=store)
    return [found.thread_id for found in store.threads()]


def fill(store: OpenStore, conversations: int) -> None:
    """Copy the rows of what is there until there are so many conversations."""
    rounds = -(-conversations // (TRUNKS + BRANCHES)) - 1
    with store.store.engine.connect() as connection:
        rows = {
            table: [dict(row) for row in connection.execute(table.select()).mappings()]
            for table in (THREADS, SHARED_CALLS, RUN_SESSIONS, LEDGER)
        }
    for table, originals in rows.items():
        for part in _parts(_copies(originals, rounds)):
            store.store.run(
                lambda connection, table=table, part=part: connection.execute(table.insert(), part)
            )
    with store.store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))


def _copies(rows: Sequence[Mapping[str, Any]], rounds: int) -> Iterator[dict[str, Any]]:
    for number in range(rounds):
        for row in rows:
            yield {name: _copied(name, value, number, len(rows)) for name, value in row.items()}


def _copied(name: str, value: Any, number: int, count: int) -> Any:
    """A copy's ids are other ones, of the same length."""
    if value is None:
        return None
    if name in ("thread_id", "parent", "key"):
        return digest_of([value, number])[: len(value)]
    if name == "keys":
        return [digest_of([key, number])[: len(key)] for key in value]
    if name == "position":
        return value + (number + 1) * count
    return f"{value}-{number}" if name == "session_id" else value


def _parts(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def check(store: OpenStore, played: Sequence[str]) -> None:
    """What is listed of the conversations that were played is what their states say."""
    listed = {row["thread_id"]: row for row in store.summaries()}
    assert all(listed[name] == store.conversation(name).summary() for name in played), "the list differs"


def measure(url: str, command: Sequence[str]) -> float:
    """Seconds of CPU, the least of three."""
    found = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = [sys.executable, "-m", "segue", "--store", url, *command]
        subprocess.run(whole, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


if __name__ == "__main__":
    main()
