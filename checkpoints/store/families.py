"""Threads with what they were branched from, and what names of threads and runs stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa

from ...core.errors import NotFoundError
from .reader import StoreReader
from .schema import THREADS

T = TypeVar("T")


def families(connection: sa.Connection) -> tuple[dict[str, str | None], dict[str, str]]:
    """Thread -> its parent; thread -> its run."""
    rows = connection.execute(sa.select(THREADS.c.thread_id, THREADS.c.parent, THREADS.c.run_id)).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def named_in(reader: StoreReader, names: Sequence[str]) -> tuple[set[str], set[str]]:
    """The runs and the threads that the names stand for; a run's name goes before the start of an id.

    Raises:
        NotFoundError: a name stands for nothing, or for several things.
    """
    runs: set[str] = set()
    threads: set[str] = set()
    for name in names:
        run, thread = reader.runs.named(name), None
        if run is None:
            run, thread = _found(reader.runs.find, name), _found(reader.threads.get, name)
        if run is not None and thread is not None:
            both = f"{name!r} is the start of a run's id and of a thread's: {run}, {thread.thread_id}"
            raise NotFoundError(both, hint="type more of the id")
        if run is None and thread is None:
            raise _nothing(reader, name)
        runs |= {run} if run is not None else set()
        threads |= {thread.thread_id} if thread is not None else set()
    return runs, threads


def _found(find: Callable[[str], T], name: str) -> T | None:
    try:
        return find(name)
    except NotFoundError:
        return None


def _nothing(reader: StoreReader, name: str) -> NotFoundError:
    """Why a name stands for no run and no thread: there is none, or it is the start of several ids."""
    for find in (reader.runs.find, reader.threads.get):
        try:
            find(name)
        except NotFoundError as error:
            if " is the start of several " in error.message:
                return error
    return NotFoundError(
        f"no run and no thread {name!r}", hint="`segue runs` and `segue threads` list what there is"
    )


def above(thread_id: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    above = parents.get(thread_id)
    while above is not None:
        yield above
        above = parents.get(above)


def parents_first(threads: Iterable[str], parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """The threads, each after what it was branched from."""
    return tuple(sorted(threads, key=lambda each: (len(list(above(each, parents))), each)))


def with_ancestors(
    reader: StoreReader, names: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The runs and the threads that the names stand for, or all there are; with the threads' ancestors, these first.

    Raises:
        NotFoundError: a name stands for nothing, or for several things.
    """
    with reader.store.read() as connection:
        parents, run_of = families(connection)
    if names is None:
        runs, threads = {run.run_id for run in reader.runs.runs()}, set(run_of)
    else:
        runs, threads = named_in(reader, names)
        threads |= {thread_id for thread_id, run_id in run_of.items() if run_id in runs}
    threads |= {each for thread_id in threads for each in above(thread_id, parents)}
    return tuple(sorted(runs)), parents_first(threads, parents)
