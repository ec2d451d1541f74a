"""The store's schema versions: small named steps from each to the next, and the refusal of what is newer."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from ...core.errors import SchemaVersionError
from ..saver.database.dialects import exclusive
from .rows import now
from .schema import METADATA, RUN_SESSIONS, THREADS, VERSION

Step = Callable[[sa.Connection], None]


def create_tables(connection: sa.Connection) -> None:
    """Version 1: threads, runs, the ledger and its blobs."""
    METADATA.create_all(connection)


def add_run_manifests_imports_and_deliveries(connection: sa.Connection) -> None:
    """Version 2: what a run covers, published conversations word for word, and what lies with providers.

    Runs of version 1 cover the sessions that they played, in the order in which they began.
    """
    METADATA.create_all(connection)
    order = sa.func.row_number().over(
        partition_by=THREADS.c.run_id, order_by=(THREADS.c.created, THREADS.c.thread_id)
    )
    same = THREADS.c["session_id", "thread_id", "status"]
    trunks = sa.select(THREADS.c.run_id, order - 1, *same).where(THREADS.c.parent.is_(None))
    columns = ["run_id", "position", *same.keys()]
    connection.execute(RUN_SESSIONS.insert().from_select(columns, trunks))


def add_leases_on_jobs(connection: sa.Connection) -> None:
    """Version 3: leases on jobs of any kind, in place of those on a run's sessions, which stay as they are."""
    METADATA.create_all(connection)


STEPS: tuple[Step, ...] = (create_tables, add_run_manifests_imports_and_deliveries, add_leases_on_jobs)
"""STEPS[n] leads from version n to n + 1."""

LATEST = len(STEPS)


def read_version(connection: sa.Connection) -> int:
    """The store's schema version, 0 for a database without the store's tables."""
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


def migrate(engine: sa.Engine, where: str) -> None:
    """Bring the store to `LATEST`, in one transaction beside which no other setup runs. Raises as `require_known`."""
    with exclusive(engine) as connection:
        version = read_version(connection)
        require_known(version, where)
        for number, step in enumerate(STEPS[version:], start=version + 1):
            step(connection)
            row = {"version": number, "name": step.__name__, "applied": now()}
            connection.execute(VERSION.insert().values(**row))
