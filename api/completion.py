"""What a shell may complete: ids of threads and names of runs, from a store that is there."""

from __future__ import annotations

import sqlalchemy as sa

from ..checkpoints.store.rows import ids_from
from ..checkpoints.store.schema import RUN_NAMES, RUNS, THREADS
from ..core.errors import SegueError
from .store import Address, reading

_MOST = 50


def thread_ids(store: Address, start: str) -> list[str]:
    """Ids of threads that start so; none where there is no store to look into."""
    return _found(store, (THREADS.c.thread_id,), start)


def run_names(store: Address, start: str) -> list[str]:
    """Names and ids of runs that start so."""
    return _found(store, (RUN_NAMES.c.name, RUNS.c.run_id), start)


def _found(store: Address, columns: tuple[sa.Column[str], ...], start: str) -> list[str]:
    try:
        with reading(store) as opened, opened.store.read() as connection:
            return [each for column in columns for each in ids_from(connection, column, start, _MOST)]
    except SegueError:
        return []  # a shell has no place for an error
