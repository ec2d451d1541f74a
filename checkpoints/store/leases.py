"""Leases: sessions of a run claimed for a while, so that what a lost worker had begun goes on elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from .schema import RUN_SESSIONS
from .store import Store

_TOGETHER = 500
"""Sessions written in one statement."""


@dataclass(frozen=True)
class Claim:
    """What a worker was given.

    Attributes:
        sessions: to be played now.
        outstanding: sessions of the crew are not settled yet, these included; when none are, the work is done.
    """

    sessions: tuple[str, ...]
    outstanding: bool


class Leases:
    """One crew's claims on the sessions of a run. A crew is everything that one command sets to work.

    Whoever is enlisted but not leased is free; whose lease has run out is free again; whose work is settled is
    not given out again to the same crew. Times are the database's on PostgreSQL, this machine's on SQLite.

    Args:
        seconds: how long a claim holds without being renewed.
    """

    def __init__(self, store: Store, run_id: str, crew: str, *, seconds: float = 30.0) -> None:
        if not seconds > 0:
            raise ValueError(f"a lease must last longer than {seconds} s")
        self.run_id = run_id
        self.crew = crew
        self.seconds = seconds
        self._store = store
        self._positions: dict[str, int] = {}

    async def enlist(self, session_ids: Sequence[str]) -> int:
        """Give the sessions to the crew, but for those that another one is at work on; how many it got."""
        got = 0
        for start in range(0, len(session_ids), _TOGETHER):
            part = list(session_ids[start : start + _TOGETHER])

            def write(connection: sa.Connection, part: list[str] = part) -> int:
                free = RUN_SESSIONS.c.lease_until.is_(None) | (RUN_SESSIONS.c.lease_until < _now(connection))
                chosen = sa.and_(self._run, RUN_SESSIONS.c.session_id.in_(part), free)
                values = {"worker": self._free, "lease_until": None}
                return connection.execute(RUN_SESSIONS.update().where(chosen).values(**values)).rowcount

            got += await self._store.submit(write)
        return got

    async def enlisted(self, session_ids: Sequence[str]) -> list[str]:
        """Those of the sessions that are the crew's, in the order given."""
        crew = self._run & RUN_SESSIONS.c.worker.startswith(self.crew, autoescape=True)
        with self._store.read() as connection:
            found = set(connection.scalars(sa.select(RUN_SESSIONS.c.session_id).where(crew)))
        return [session_id for session_id in session_ids if session_id in found]

    async def claim(self, worker: str, count: int) -> Claim:
        """Up to `count` sessions in the run's order, one or more, each leased to `worker` alone."""

        def write(connection: sa.Connection) -> tuple[dict[str, int], bool]:
            moment = _now(connection)
            taken = RUN_SESSIONS.c.worker.startswith(f"{self.crew}/", autoescape=True)
            lost = taken & (RUN_SESSIONS.c.lease_until < moment)
            free = sa.and_(self._run, (RUN_SESSIONS.c.worker == self._free) | lost)
            query = (
                sa.select(RUN_SESSIONS.c.position, RUN_SESSIONS.c.session_id)
                .where(free)
                .order_by(RUN_SESSIONS.c.position)
            )
            rows = connection.execute(query.limit(count).with_for_update(skip_locked=True)).all()
            if rows:
                chosen = self._run & RUN_SESSIONS.c.position.in_([row.position for row in rows])
                connection.execute(
                    RUN_SESSIONS.update().where(chosen).values(**self._held_by(worker, moment))
                )
                return {row.session_id: row.position for row in rows}, True
            open_ = (RUN_SESSIONS.c.worker == self._free) | (RUN_SESSIONS.c.lease_until.is_not(None) & taken)
            left = connection.execute(
                sa.select(RUN_SESSIONS.c.position).where(self._run, open_).limit(1)
            ).first()
            return {}, left is not None

        found, outstanding = await self._store.submit(write)
        self._positions |= found
        return Claim(tuple(found), outstanding)

    async def renew(self, worker: str, session_ids: Iterable[str]) -> set[str]:
        """Lease them for another while; those that are still this worker's. The others were given away."""
        wanted = list(session_ids)

        def write(connection: sa.Connection) -> set[str]:
            moment = _now(connection)
            mine = self._of(worker) & self._among(wanted)
            statement = RUN_SESSIONS.update().where(mine).values(**self._held_by(worker, moment))
            return set(connection.scalars(statement.returning(RUN_SESSIONS.c.session_id)))

        return await self._store.submit(write) if wanted else set()

    async def settle(self, worker: str, session_id: str) -> None:
        """The worker is through with the session, however it ended."""
        mine = self._of(worker) & self._among([session_id])
        statement = RUN_SESSIONS.update().where(mine).values(lease_until=None)
        await self._store.submit(lambda connection: connection.execute(statement))
        self._positions.pop(session_id, None)

    async def release(self, worker: str) -> int:
        """The worker plays no more: what it had claimed is free for its crew at once; how many sessions."""
        statement = RUN_SESSIONS.update().where(self._of(worker)).values(worker=self._free, lease_until=None)
        return await self._store.submit(lambda connection: connection.execute(statement).rowcount)

    async def dismiss(self) -> None:
        """Nobody of the crew is at work any more; what it had claimed is free for others at once."""
        crew = self._run & RUN_SESSIONS.c.worker.startswith(self.crew, autoescape=True)
        statement = RUN_SESSIONS.update().where(crew).values(lease_until=None)
        await self._store.submit(lambda connection: connection.execute(statement))

    @property
    def _run(self) -> sa.ColumnElement[bool]:
        return RUN_SESSIONS.c.run_id == self.run_id

    @property
    def _free(self) -> str:
        return self.crew

    def _among(self, session_ids: Sequence[str]) -> sa.ColumnElement[bool]:
        """By position where it is known from claiming them: a run may cover a hundred thousand sessions."""
        places = [self._positions[each] for each in session_ids if each in self._positions]
        if len(places) == len(session_ids):
            return RUN_SESSIONS.c.position.in_(places)
        return RUN_SESSIONS.c.session_id.in_(session_ids)

    def _of(self, worker: str) -> sa.ColumnElement[bool]:
        held = RUN_SESSIONS.c.lease_until.is_not(None)
        return sa.and_(self._run, RUN_SESSIONS.c.worker == f"{self.crew}/{worker}", held)

    def _held_by(self, worker: str, moment: str) -> dict[str, str]:
        until = datetime.fromisoformat(moment) + timedelta(seconds=self.seconds)
        return {"worker": f"{self.crew}/{worker}", "lease_until": _text(until)}


def _now(connection: sa.Connection) -> str:
    if connection.dialect.name == "postgresql":
        moment = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return _text(moment.astimezone(UTC))
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    """As `threads.now` writes times, so that they compare as text."""
    return moment.isoformat(timespec="milliseconds")
