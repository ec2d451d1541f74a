"""A deletion or a copy that is killed at one of its statements, after which others look at what is left.

Run as a script: `python killing_upkeep.py STORE FOLDER delete|copy SEED` prints one JSON list of what was found.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from segue import open_store

TRIED = 12
"""Statements at which it is killed, of all that there are."""


def watched(work: Callable[[], object], most: int) -> tuple[int, bool]:
    """How many statements a process came to that does the work and is killed before the one numbered `most`; whether
    it was."""
    reader, writer = os.pipe()
    number = os.fork()
    if not number:
        done = 0

        def count(_: str) -> None:
            nonlocal done
            if done == most:
                os.kill(os.getpid(), signal.SIGKILL)
            done += 1
            os.write(writer, b".")

        sa.event.listen(sa.pool.Pool, "connect", lambda each, _: each.set_trace_callback(count))
        try:
            work()
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        done = len(pipe.read())
    _, status = os.waitpid(number, 0)
    return done, os.WIFSIGNALED(status)


def told(store: Path) -> dict[str, Any]:
    """Thread -> all that is told of it; and whether the store is sound."""
    with open_store(store) as opened:
        found = {each.thread_id: [each.document, each.summary()] for each in opened.threads()}
        return {"sound": opened.check().sound, "threads": json.loads(json.dumps(found, default=str))}


def deleted(store: Path, folder: Path, most: int) -> dict[str, Any]:
    """Two conversations are deleted from a copy of the store."""
    own = folder / f"{most}.db"
    shutil.copy(store, own)

    def work() -> None:
        with open_store(own) as opened:
            opened.delete([each.thread_id for each in opened.threads()][:2], really=True)

    done, killed = watched(work, most)
    return {"done": done, "killed": killed, "left": told(own)}


def copied(store: Path, folder: Path, most: int) -> dict[str, Any]:
    """Everything is copied into a new store; then once more, to the end."""
    own = folder / f"{most}.db"

    def work() -> None:
        with open_store(store, read_only=True) as opened:
            opened.copy(own)

    done, killed = watched(work, most)
    with open_store(own, create=True):
        pass
    left = told(own)
    work()
    return {"done": done, "killed": killed, "left": left, "again": told(own)}


def main(store: str, folder: str, what: str, seed: str) -> None:
    tried = {"delete": deleted, "copy": copied}[what]
    whole = tried(Path(store), Path(folder), 1 << 30)
    numbers = random.Random(int(seed)).sample(range(whole["done"]), TRIED - 3)
    ends = (whole["done"] - 3, whole["done"] - 2, whole["done"] - 1)
    print(json.dumps([whole, *(tried(Path(store), Path(folder), each) for each in {*numbers, *ends})]))


if __name__ == "__main__":
    main(*sys.argv[1:])
