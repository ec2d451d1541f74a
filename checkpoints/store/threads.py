"""Runs and threads: which conversations there are, where each came from and how it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import sqlalchemy as sa

from ...core.errors import NotFoundError
from .listing import ThreadFilter, note_shared
from .rows import columns_of, find_id, now, put_row, read_as
from .schema import RUN_SESSIONS, RUNS, THREADS
from .store import Store

Status = Literal["running", "done", "failed", "stopped", "imported"]
STATUSES: tuple[Status, ...] = get_args(Status)

_IDS = 500
"""Ids asked about in one query; databases bound the number of parameters."""


@dataclass(frozen=True)
class Thread:
    """One stored line of a conversation.

    Attributes:
        parent: the thread it was branched from, None for a trunk.
        fork: for a branch: {checkpoint, turn, agent, reason, edits}.
        config: the plan it runs under, as `RunPlan.to_json` gives it, with the stream's name.
        turns: finished turns.
        retries: how often it failed on invalid answers and was taken up again.
        error: {type, message, turn, agent, raw} of the failure it stands at.
        altered: made under a widened or narrowed partition; left out of exports.
    """

    thread_id: str
    run_id: str
    session_id: str
    config: Mapping[str, Any]
    parent: str | None = None
    fork: Mapping[str, Any] | None = None
    status: Status = "running"
    turns: int = 0
    retries: int = 0
    error: Mapping[str, Any] | None = None
    category: str | None = None
    specificity: str | None = None
    altered: bool = False
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)

    @property
    def recommender(self) -> str | None:
        """What sits in the recsys's chair; None for a chat model."""
        found: str | None = self.config.get("recsys")
        return found


def _enter(connection: sa.Connection, trunk: Thread) -> None:
    """Note among the run's sessions how a trunk stands; one that no run had announced is added to its run."""
    covered = RUN_SESSIONS.c.thread_id == trunk.thread_id
    if connection.execute(RUN_SESSIONS.update().where(covered).values(status=trunk.status)).rowcount:
        return
    last = sa.select(sa.func.max(RUN_SESSIONS.c.position)).where(RUN_SESSIONS.c.run_id == trunk.run_id)
    place = connection.execute(last).scalar()
    row = {"run_id": trunk.run_id, "session_id": trunk.session_id, "thread_id": trunk.thread_id}
    position = 0 if place is None else place + 1
    connection.execute(RUN_SESSIONS.insert().values(**row, position=position, status=trunk.status))


class Threads:
    """Reading and writing of runs and threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_run(self, run_id: str, plan: Mapping[str, Any], catalog: str) -> None:
        """Note the run, once; a run of that id is the same run."""
        values = {"run_id": run_id, "plan": dict(plan), "catalog": catalog, "created": now()}

        def write(connection: sa.Connection) -> None:
            known = connection.execute(sa.select(RUNS.c.run_id).where(RUNS.c.run_id == run_id)).first()
            if known is None:
                connection.execute(RUNS.insert().values(**values))

        await self._store.submit(write)

    async def put(self, thread: Thread, *, calls: Collection[str] | None = None) -> None:
        """Insert the thread or replace it.

        Args:
            calls: keys of all calls behind it, where it has ended.
        """
        values = columns_of(thread)
        key = {"thread_id": values.pop("thread_id")}

        def write(connection: sa.Connection) -> None:
            put_row(connection, THREADS, key, values)
            if thread.parent is None:
                _enter(connection, thread)
            if calls is not None:
                note_shared(connection, thread.thread_id, calls)

        await self._store.submit(write)

    async def update(self, thread: Thread, *, calls: Collection[str] | None = None, **changes: Any) -> Thread:
        """`thread` with `changes`, stored. `calls`: see `put`."""
        changed = replace(thread, **changes, updated=now())
        await self.put(changed, calls=calls)
        return changed

    def run_ids(self, thread_ids: Sequence[str]) -> set[str]:
        """The runs that these threads belong to."""
        found: set[str] = set()
        with self._store.read() as connection:
            for at in range(0, len(thread_ids), _IDS):
                chosen = THREADS.c.thread_id.in_(thread_ids[at : at + _IDS])
                found |= set(connection.scalars(sa.select(THREADS.c.run_id).where(chosen).distinct()))
        return found

    def find(self, thread_id: str) -> Thread | None:
        """The thread of exactly that id."""
        with self._store.read() as connection:
            row = connection.execute(THREADS.select().where(THREADS.c.thread_id == thread_id)).first()
        return read_as(Thread, row) if row is not None else None

    async def look_up(self, thread_id: str) -> Thread | None:
        """`find`, without holding up the event loop over a network."""
        return await self._store.looking_up(lambda: self.find(thread_id))

    def get(self, prefix: str) -> Thread:
        """The one thread whose id starts with `prefix`.

        Raises:
            NotFoundError: when there is none, or more than one.
        """
        with self._store.read() as connection:
            found = find_id(connection, THREADS.c.thread_id, prefix, "thread")
            row = connection.execute(THREADS.select().where(THREADS.c.thread_id == found)).one()
        return read_as(Thread, row)

    def chosen(self, wanted: ThreadFilter) -> list[Thread]:
        """The threads that are wanted, in that order."""
        query = wanted.applied(THREADS.select())
        with self._store.read() as connection:
            return [read_as(Thread, row) for row in connection.execute(query)]

    def list(self, **wanted: Any) -> list[Thread]:
        """The threads that a `ThreadFilter` of these fields lets through, in its order."""
        return self.chosen(ThreadFilter(**wanted))

    def known_runs(self, run_ids: Iterable[str]) -> set[str]:
        """Those of the runs that were begun here."""
        with self._store.read() as connection:
            return set(connection.scalars(sa.select(RUNS.c.run_id).where(RUNS.c.run_id.in_(list(run_ids)))))

    def run(self, run_id: str) -> Mapping[str, Any]:
        """{run_id, plan, catalog, created} of one run. Raises `NotFoundError` where there is none."""
        with self._store.read() as connection:
            row = connection.execute(RUNS.select().where(RUNS.c.run_id == run_id)).mappings().first()
        if row is None:
            raise NotFoundError(f"no run {run_id!r}", hint="`segue threads` shows the runs there are")
        return dict(row)
