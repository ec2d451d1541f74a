"""Ledger rows by the thousand, put into a store as they are: for what sums them up."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from segue.checkpoints import Store
from segue.checkpoints.store.rows import now
from segue.checkpoints.store.schema import CACHES, DELIVERY_NOTES, LEDGER, THREADS

FLASH, PRO = "google_genai:gemini-2.5-flash", "google_genai:gemini-2.5-pro"


def call_rows(
    threads: Iterable[str], *, turns: int = 8, model: str = FLASH, seed: int = 0
) -> Iterator[dict[str, Any]]:
    """The ledger's rows of whole conversations, with tokens drawn at random."""
    draw = random.Random(seed)
    for thread in threads:
        asked = [("profile", 0), ("goal", 0), *(("listener", t) for t in range(1, turns + 2))]
        for agent, turn in (*asked, *(("recsys", t) for t in range(1, turns + 1))):
            yield call_row(thread, agent, turn, model=model, draw=draw)


def call_row(
    thread: str, agent: str, turn: int, *, model: str, draw: random.Random, **tokens: int
) -> dict[str, Any]:
    """One row; `tokens` such as `text_tokens` in place of drawn ones."""
    drawn = {
        "text_tokens": draw.randrange(1, 9000),
        "image_tokens": 258 * draw.randrange(40),
        "audio_tokens": 96 * draw.randrange(40),
        "cached_tokens": draw.choice([0, draw.randrange(1, 1000)]),
        "thinking_tokens": draw.randrange(3),
        "output_tokens": draw.randrange(20, 900),
    }
    return {
        "key": f"{draw.getrandbits(128):032x}",
        "thread_id": thread,
        "turn": turn,
        "agent": agent,
        "attempt": 0,
        "model": model,
        "params": "{}",
        "stream": "0" * 16,
        "request_digest": "0" * 32,
        "request": b"\0" * 16 * (2 * turn + 4),
        "reply": b"\0" * 16,
        "finish": "stop",
        **drawn,
        **tokens,
        "latency": 0.5,
        "created": now(),
    }


def thread_row(thread: str, run: str, *, status: str = "done", parent: str | None = None) -> dict[str, Any]:
    """A conversation without checkpoints."""
    values: dict[str, Any] = {"thread_id": thread, "run_id": run, "session_id": thread, "parent": parent}
    fixed: dict[str, Any] = {"config": {}, "turns": 8, "retries": 0, "altered": False}
    return {**values, **fixed, "status": status, "created": now(), "updated": now()}


def fill(
    store: Store,
    *,
    calls: Iterable[dict[str, Any]] = (),
    threads: Iterable[dict[str, Any]] = (),
    notes: Iterable[dict[str, Any]] = (),
    caches: Iterable[dict[str, Any]] = (),
) -> None:
    """Insert the rows."""
    tables = ((LEDGER, calls), (THREADS, threads), (DELIVERY_NOTES, notes), (CACHES, caches))
    for table, rows in tables:
        listed = list(rows)
        if listed:
            store.run(lambda connection, t=table, r=listed: connection.execute(t.insert(), r))  # type: ignore[misc]
