"""Leases: jobs claimed for a while, so that no two commands do the same, and what a lost one had begun goes on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import uuid4

import sqlalchemy as sa

from .rows import read_as
from .schema import LEASES
from .store import Store


class Leases:
    """One holder's claims on jobs. Nobody else gets a job that is held, until its lease runs out.

    What a process of this machine holds that is no more is free at once. Times are the database's on PostgreSQL,
    this machine's on SQLite.

    Args:
        seconds: how long a claim holds without being renewed.

    Attributes:
        holder: who this is; never used twice.
    """

    def __init__(self, store: Store, *, seconds: float = 30.0) -> None:
        if not seconds > 0:
            raise ValueError(f"a lease must last longer than {seconds} s")
        self.seconds = seconds
        self.holder = f"{_machine()}/{os.getpid()}/{uuid4().hex[:8]}"
        self._store = store

    async def claim(self, kind: str, key: str) -> bool:
        """Lease the job; False when another holder is at it."""

        def write(connection: sa.Connection) -> bool:
            moment = _now(connection)
            values = {"kind": kind, "key": key, "holder": self.holder, "until": self._until(moment)}
            found = sa.select(LEASES.c.holder, LEASES.c.until).where(_job(kind, key))
            row = connection.execute(found.with_for_update()).first()
            if row is None:
                # Another database connection may insert it between the two statements.
                names = ", ".join(values)
                marks = ", ".join(f":{name}" for name in values)
                insert = f"INSERT INTO lease ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
                return connection.execute(sa.text(insert), values).rowcount == 1
            if row.holder != self.holder and row.until >= moment and not _is_gone(row.holder):
                return False
            connection.execute(LEASES.update().where(_job(kind, key)).values(**values))
            return True

        return await self._store.submit(write)

    async def renew(self) -> set[tuple[str, str]]:
        """Lease all that is held for another while: (kind, key) of what is this holder's still."""

        def write(connection: sa.Connection) -> set[tuple[str, str]]:
            mine = LEASES.update().where(LEASES.c.holder == self.holder)
            renewed = mine.values(until=self._until(_now(connection))).returning(LEASES.c.kind, LEASES.c.key)
            return {(row.kind, row.key) for row in connection.execute(renewed)}

        return await self._store.submit(write)

    async def release(self, kind: str, key: str) -> None:
        """The holder is through with the job, however it ended. Another's lease stays."""
        mine = sa.and_(_job(kind, key), LEASES.c.holder == self.holder)
        await self._store.submit(lambda connection: connection.execute(LEASES.delete().where(mine)))

    def _until(self, moment: str) -> str:
        return _text(datetime.fromisoformat(moment) + timedelta(seconds=self.seconds))


@dataclass(frozen=True)
class Lease:
    """A job that somebody is at work on."""

    kind: str
    key: str
    holder: str
    until: str


def live_leases(connection: sa.Connection) -> list[Lease]:
    """The leases that hold: neither run out, nor of a process that is gone."""
    found = connection.execute(LEASES.select().where(LEASES.c.until >= _now(connection)))
    return [read_as(Lease, row) for row in found.all() if not _is_gone(row.holder)]


def _job(kind: str, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(LEASES.c.kind == kind, LEASES.c.key == key)


@cache
def _machine() -> str:
    """This machine's name, and within it the space in which its process ids count."""
    try:
        return f"{platform.node()}:{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that has ended."""
    machine, _, rest = holder.rpartition("/")[0].rpartition("/")
    if machine != _machine() or os.name != "posix":
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it lives, as another user's
        return False
    return False


def _now(connection: sa.Connection) -> str:
    if connection.dialect.name == "postgresql":
        moment = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return _text(moment.astimezone(UTC))
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    """As `rows.now` writes times, so that they compare as text."""
    return moment.isoformat(timespec="milliseconds")
