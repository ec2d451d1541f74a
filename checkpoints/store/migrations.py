"""The schema's versions: small named steps from each to the next, and the refusal of what is newer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
import zstandard

from ...core.errors import SchemaVersionError
from ..saver.database.tables import COUNTER, DICTIONARY, METADATA, VERSION
from ..saver.packing.compression import packaged_dictionary

Step = Callable[[sa.Connection], None]

FIRST_DICTIONARY = 1


def create_tables(connection: sa.Connection) -> None:
    """Version 1: all tables, the counters, and the dictionary that comes with the package."""
    from . import ledger, threads  # noqa: F401 - they register their tables

    METADATA.create_all(connection)
    if connection.dialect.name == "postgresql":
        # Packed bytes do not shrink further; without this the server would try, at a cost.
        for table, column in (("pack", "data"), ("checkpoint", "body"), ("pending_write", "body")):
            connection.exec_driver_sql(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    connection.execute(COUNTER.insert(), [{"name": "pack", "number": 1}, {"name": "epoch", "number": 0}])
    data = zstandard.ZstdCompressor(level=19, write_checksum=True).compress(packaged_dictionary())
    connection.execute(DICTIONARY.insert().values(number=FIRST_DICTIONARY, data=data))


def add_run_manifests_imports_and_deliveries(connection: sa.Connection) -> None:
    """Version 2: what a run covers, published conversations word for word, and what lies with providers."""
    from . import deliveries, imported, run_sessions
    from .threads import RUN_SESSIONS

    added = (RUN_SESSIONS, run_sessions.NAMES, run_sessions.STARTS, imported.IMPORTED, *deliveries.TABLES)
    for table in added:
        table.create(connection, checkfirst=True)
    _cover_what_was_played(connection)


def _cover_what_was_played(connection: sa.Connection) -> None:
    """Runs of version 1 cover the sessions that they played, in the order in which they began."""
    from .threads import RUN_SESSIONS, THREADS

    order = sa.func.row_number().over(
        partition_by=THREADS.c.run_id, order_by=(THREADS.c.created, THREADS.c.thread_id)
    )
    same = THREADS.c["session_id", "thread_id", "status"]
    trunks = sa.select(THREADS.c.run_id, order - 1, *same).where(THREADS.c.parent.is_(None))
    columns = ["run_id", "position", *same.keys()]
    connection.execute(RUN_SESSIONS.insert().from_select(columns, trunks))


STEPS: tuple[Step, ...] = (create_tables, add_run_manifests_imports_and_deliveries)
"""STEPS[n] leads from version n to n + 1."""

LATEST = len(STEPS)


def read_version(connection: sa.Connection) -> int:
    """The store's schema version, 0 for an empty database."""
    if not sa.inspect(connection).has_table(VERSION.name):
        return 0
    return int(connection.execute(sa.select(sa.func.max(VERSION.c.version))).scalar() or 0)


def require_known(version: int, where: str) -> None:
    """Raises `SchemaVersionError` for a version that a newer program wrote; nothing is guessed at."""
    if version > LATEST:
        raise SchemaVersionError(
            f"store {where} has schema version {version}; this segue knows versions up to {LATEST}",
            hint="use the newer segue that wrote it; nothing was changed",
        )


def migrate(connection: sa.Connection, where: str) -> None:
    """Bring the store to `LATEST` inside the caller's transaction, which no other setup runs beside."""
    version = read_version(connection)
    require_known(version, where)
    for number, step in enumerate(STEPS[version:], start=version + 1):
        step(connection)
        applied = datetime.now(UTC).isoformat(timespec="seconds")
        connection.execute(VERSION.insert().values(version=number, name=step.__name__, applied=applied))
