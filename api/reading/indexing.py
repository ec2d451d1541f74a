"""Where an index lies that is not in the store, and what is told while conversations are read into one."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from ...checkpoints.saver.database.database import Database
from ...checkpoints.store.reader import StoreReader
from ...runs.events import Events, Silent


def index_aside(reader: StoreReader) -> Database:
    """A database for an index outside of the store; both go with the reader."""
    folder = tempfile.TemporaryDirectory(prefix="segue-index-")
    made = Database.open(Path(folder.name) / "index.db", synchronous="NORMAL")

    def close() -> None:
        made.close()
        folder.cleanup()

    weakref.finalize(reader, close)
    return made


def told_of_reading(events: Events) -> Callable[[int], Callable[[str], None]]:
    """What is told how many conversations are to be read, then of each; of a single one nothing is told."""

    def begin(total: int) -> Callable[[str], None]:
        if total > 1:
            events.begin(total, "conversations read into the index")
        return events.ended if total > 1 else Silent().ended

    return begin
