"""Run sessions: which sessions each run covers and how they stand, how a run was started, and its names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import islice
from typing import Any, Literal

import sqlalchemy as sa

from ...core.errors import InputError, NotFoundError
from ...core.suggestions import choices
from .rows import columns_of, find_id, now, put_row, read_as
from .schema import LEASES, RUN_NAMES, RUN_SESSIONS, RUN_STARTS, RUNS, THREADS
from .store import Store
from .threads import Status

Standing = Literal["pending"] | Status
STANDINGS: tuple[Standing, ...] = ("pending", "running", "done", "failed", "stopped")

_TOGETHER = 500
"""Sessions entered in one transaction, so that a large run holds up no other writer."""
_ROWS = 1000
"""Rows fetched together."""


@dataclass(frozen=True)
class RunSession:
    """One session of a run. `country`, `age_group`, `gender`: of the listener, None where not known."""

    session_id: str
    thread_id: str
    country: str | None = None
    age_group: str | None = None
    gender: str | None = None
    status: Standing = "pending"
    position: int = -1


@dataclass(frozen=True)
class StoredRun:
    """One run: `names` are sorted; `counts` has the standings that occur."""

    run_id: str
    created: str
    catalog: str
    names: tuple[str, ...]
    counts: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """{run, names, created, catalog, conversations} and how many of these stand how, by `STANDINGS`."""
        counted = {str(standing): self.counts.get(standing, 0) for standing in STANDINGS}
        return {
            "run": self.run_id,
            "names": list(self.names),
            "created": self.created,
            "catalog": self.catalog,
            "conversations": sum(self.counts.values()),
            **counted,
        }


@dataclass(frozen=True)
class Standings:
    """How many conversations of one kind stand alike.

    Attributes:
        kind: topic, specificity, country, age_group, gender -> value, None where not known.
    """

    kind: Mapping[str, str | None]
    status: Standing
    count: int


class RunSessions:
    """Reading and writing of the run's side of the store. Threads keep the standings up to date themselves."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def cover(self, run_id: str, entries: Iterable[RunSession]) -> None:
        """Add the sessions that the run does not cover yet, behind those it does; a few at a time."""
        left = iter(entries)
        while part := list(islice(left, _TOGETHER)):
            await self.store.submit(partial(_add, run_id=run_id, entries=part))

    def covered(self, run_id: str) -> set[str]:
        """The ids of the threads that stand for the conversations on the run's sessions."""
        with self.store.read() as connection:
            return set(
                connection.scalars(sa.select(RUN_SESSIONS.c.thread_id).where(RUN_SESSIONS.c.run_id == run_id))
            )

    def entries(self, run_id: str, *, statuses: Sequence[Standing] = STANDINGS) -> Iterator[RunSession]:
        """The run's sessions in order, those that stand so; read as they are asked for."""
        columns = [RUN_SESSIONS.c[field.name] for field in fields(RunSession)]
        query = sa.select(*columns).where(
            RUN_SESSIONS.c.run_id == run_id, RUN_SESSIONS.c.status.in_(statuses)
        )
        with self.store.read() as connection:
            found = connection.execution_options(yield_per=_ROWS).execute(
                query.order_by(RUN_SESSIONS.c.position)
            )
            for row in found:
                yield RunSession(**row._mapping)

    def failed(self, run_id: str) -> tuple[RunSession, ...]:
        """The sessions that failed and did not succeed since, in order; also where the next try was cut off."""
        kept = sa.cast(THREADS.c.error, sa.Text) != "null"
        status = RUN_SESSIONS.c.status
        query = sa.select(*(RUN_SESSIONS.c[field.name] for field in fields(RunSession))).outerjoin(
            THREADS, THREADS.c.thread_id == RUN_SESSIONS.c.thread_id
        )
        wanted = query.where(
            RUN_SESSIONS.c.run_id == run_id, (status == "failed") | ((status != "done") & kept)
        )
        with self.store.read() as connection:
            rows = connection.execute(wanted.order_by(RUN_SESSIONS.c.position))
            return tuple(read_as(RunSession, row) for row in rows)

    def leases(self, run_id: str) -> dict[str, tuple[str, str]]:
        """Thread id -> (who is at work on it, until when unless that is renewed), of the run's sessions."""
        query = sa.select(LEASES.c.key, LEASES.c.holder, LEASES.c.until).join(
            RUN_SESSIONS, RUN_SESSIONS.c.thread_id == LEASES.c.key
        )
        with self.store.read() as connection:
            found = connection.execute(query.where(RUN_SESSIONS.c.run_id == run_id))
            return {row.key: (row.holder, row.until) for row in found}

    def runs(self, run_id: str | None = None) -> list[StoredRun]:
        """All runs, or the one, in order of creation."""
        runs = sa.select(RUNS.c.run_id, RUNS.c.created, RUNS.c.catalog)
        runs = runs.order_by(RUNS.c.created, RUNS.c.run_id)
        counts = sa.select(RUN_SESSIONS.c.run_id, RUN_SESSIONS.c.status, sa.func.count()).group_by(
            RUN_SESSIONS.c.run_id, RUN_SESSIONS.c.status
        )
        names = sa.select(RUN_NAMES.c.run_id, RUN_NAMES.c.name).order_by(RUN_NAMES.c.name)
        if run_id is not None:
            runs, counts = runs.where(RUNS.c.run_id == run_id), counts.where(RUN_SESSIONS.c.run_id == run_id)
        with self.store.read() as connection:
            counted: dict[str, dict[str, int]] = {}
            for run, status, count in connection.execute(counts):
                counted.setdefault(run, {})[status] = count
            named: dict[str, list[str]] = {}
            for run, name in connection.execute(names):
                named.setdefault(run, []).append(name)
            return [
                StoredRun(run, created, catalog, tuple(named.get(run, ())), counted.get(run, {}))
                for run, created, catalog in connection.execute(runs)
            ]

    def standings(self, run_id: str) -> list[Standings]:
        """How the run's conversations stand, counted by kind."""
        told = {"topic": THREADS.c.category, "specificity": THREADS.c.specificity}
        kinds = told | {name: RUN_SESSIONS.c[name] for name in ("country", "age_group", "gender")}
        joined = RUN_SESSIONS.outerjoin(THREADS, THREADS.c.thread_id == RUN_SESSIONS.c.thread_id)
        query = (
            sa.select(
                *(column.label(name) for name, column in kinds.items()),
                RUN_SESSIONS.c.status,
                sa.func.count(),
            )
            .select_from(joined)
            .where(RUN_SESSIONS.c.run_id == run_id)
            .group_by(*kinds.values(), RUN_SESSIONS.c.status)
        )
        with self.store.read() as connection:
            return [
                Standings(dict(zip(kinds, row[:-2], strict=True)), row[-2], row[-1])
                for row in connection.execute(query)
            ]

    def find(self, text: str) -> str:
        """The id of the run that has this name, or whose id starts so.

        Raises:
            NotFoundError: when there is none, or more than one.
        """
        named = self.named(text)
        if named is not None:
            return named
        with self.store.read() as connection:
            try:
                return find_id(connection, RUNS.c.run_id, text, "run")
            except NotFoundError as error:
                if "several" not in error.message:
                    error.hint = self._known(connection, text)
                raise

    def chosen(self, text: str | None) -> str | None:
        """The id of the run that is meant; None for none, which stands for all."""
        return None if text is None else self.find(text)

    def _known(self, connection: sa.Connection, text: str) -> str:
        """The runs there are, by name where they have one, as a hint to who asked for `text`."""
        named = RUNS.outerjoin(RUN_NAMES, RUN_NAMES.c.run_id == RUNS.c.run_id)
        either = sa.func.coalesce(RUN_NAMES.c.name, RUNS.c.run_id)
        known = list(connection.scalars(sa.select(either).select_from(named).order_by(RUNS.c.created.desc())))
        if not known:
            return "no run is kept here yet: `segue run` plays one"
        return choices(text, known, what="`segue runs` lists them:")

    def named(self, name: str) -> str | None:
        """The id of the run of that name."""
        with self.store.read() as connection:
            return connection.scalar(sa.select(RUN_NAMES.c.run_id).where(RUN_NAMES.c.name == name))

    async def bind(self, name: str, run_id: str) -> str:
        """Give the run a name that is free, and return the id of the run that has it now."""

        def write(connection: sa.Connection) -> str:
            known = connection.scalar(sa.select(RUN_NAMES.c.run_id).where(RUN_NAMES.c.name == name))
            if known is None:
                connection.execute(RUN_NAMES.insert().values(name=name, run_id=run_id, created=now()))
            return known or run_id

        return await self.store.submit(write)

    def rename(self, run: str, name: str) -> str:
        """Give a run another name in place of the one it has, or the first one; its id. Where it has that one, too, the
        other goes.

        Args:
            run: the name to replace; or the run's id, or the start of it, where it has no more than one.

        Raises:
            NotFoundError: there is no such run, or more than one.
            InputError: the new name is taken, or it is not said which of several is to go.
        """
        run_id = self.find(run)

        def write(connection: sa.Connection) -> str:
            names = sa.select(RUN_NAMES.c.name).where(RUN_NAMES.c.run_id == run_id).order_by(RUN_NAMES.c.name)
            had = list(connection.scalars(names))
            holder = connection.scalar(sa.select(RUN_NAMES.c.run_id).where(RUN_NAMES.c.name == name))
            dropped = holder == run_id and run in had and run != name
            if holder is not None and not dropped:
                raise InputError(f"the name {name!r} is taken, by run {holder}", hint="choose another one")
            if len(had) > 1 and run not in had:
                raise InputError(
                    f"run {run_id} has several names: {', '.join(had)}", hint="say which of them is to go"
                )
            old = run if run in had else next(iter(had), name)
            connection.execute(RUN_NAMES.delete().where(RUN_NAMES.c.name == old))
            if not dropped:
                connection.execute(RUN_NAMES.insert().values(name=name, run_id=run_id, created=now()))
            return run_id

        return self.store.run(write)

    async def note_start(self, run_id: str, settings: Mapping[str, Any]) -> None:
        """Keep how the run was started; only the last start is kept."""
        values = {"settings": dict(settings), "updated": now()}

        await self.store.submit(
            lambda connection: put_row(connection, RUN_STARTS, {"run_id": run_id}, values)
        )

    def start(self, run_id: str) -> Mapping[str, Any]:
        """How the run was last started; empty for one that was never started by its own command."""
        with self.store.read() as connection:
            found = connection.scalar(sa.select(RUN_STARTS.c.settings).where(RUN_STARTS.c.run_id == run_id))
        return found or {}


def _add(connection: sa.Connection, run_id: str, entries: Sequence[RunSession]) -> None:
    threads = [entry.thread_id for entry in entries]
    known = sa.select(RUN_SESSIONS.c.thread_id).where(
        RUN_SESSIONS.c.run_id == run_id, RUN_SESSIONS.c.thread_id.in_(threads)
    )
    there = set(connection.scalars(known))
    begun = sa.select(THREADS.c.thread_id, THREADS.c.status).where(THREADS.c.thread_id.in_(threads))
    status = {row.thread_id: row.status for row in connection.execute(begun)}
    last = connection.scalar(
        sa.select(sa.func.max(RUN_SESSIONS.c.position)).where(RUN_SESSIONS.c.run_id == run_id)
    )
    position = -1 if last is None else last
    rows = []
    for entry in entries:
        if entry.thread_id in there:
            continue
        position += 1
        row = columns_of(entry)
        standing = status.get(entry.thread_id, entry.status)
        rows.append({**row, "run_id": run_id, "position": position, "status": standing})
    if rows:
        connection.execute(RUN_SESSIONS.insert(), rows)
