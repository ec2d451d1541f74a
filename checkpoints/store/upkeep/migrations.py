"""The store's schema versions: small named steps from each to the next, and the refusal of what is newer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from ....core.errors import SchemaVersionError
from ...saver.database.dialects import exclusive
from ..rows import now
from ..schema import LEDGER_SUMS, METADATA, RUN_SESSIONS, SHARED_CALLS, THREADS, VERSION

Step = Callable[[sa.Connection], None]


def create_tables(connection: sa.Connection) -> None:
    """Version 1: threads, runs, the ledger and its blobs."""
    METADATA.create_all(connection)


def add_run_manifests_imports_and_deliveries(connection: sa.Connection) -> None:
    """Version 2: what a run covers, published conversations word for word, and what lies with providers.

    Runs of version 1 cover the sessions that they played, in the order in which they began.
    """
    METADATA.create_all(connection)
    connection.execute(_covered_sessions())


def _covered_sessions() -> sa.Insert:
    order = sa.func.row_number().over(
        partition_by=THREADS.c.run_id, order_by=(THREADS.c.created, THREADS.c.thread_id)
    )
    same = THREADS.c["session_id", "thread_id", "status"]
    trunks = sa.select(THREADS.c.run_id, order - sa.literal_column("1"), *same)
    columns = ["run_id", "position", *same.keys()]
    return RUN_SESSIONS.insert().from_select(columns, trunks.where(THREADS.c.parent.is_(None)))


def add_leases_on_jobs(connection: sa.Connection) -> None:
    """Version 3: leases on jobs of any kind, in place of those on a run's sessions, which stay as they are."""
    METADATA.create_all(connection)


def note_shared_calls(connection: sa.Connection) -> None:
    """Version 4: which calls a conversation shares with others, and an index for their sums.

    Only conversations on one session can share any. Those that share a session in a store of an earlier version are
    noted when they are played on.
    """
    METADATA.create_all(connection)
    LEDGER_SUMS.create(connection, checkfirst=True)
    connection.execute(sa.text("DROP INDEX IF EXISTS ix_ledger_thread_id"))
    connection.execute(_sharing_nothing())


def _sharing_nothing() -> sa.Insert:
    once = sa.func.count() == sa.literal_column("1")
    alone = sa.select(THREADS.c.session_id).group_by(THREADS.c.session_id).having(once)
    rows = sa.select(THREADS.c.thread_id, sa.literal_column("'[]'")).where(THREADS.c.session_id.in_(alone))
    return SHARED_CALLS.insert().from_select(["thread_id", "keys"], rows)


def note_models_that_answered(connection: sa.Connection) -> None:
    """Version 5: which calls another model answered than was asked. Of earlier calls nobody knows."""
    METADATA.create_all(connection)


def note_estimated_calls(connection: sa.Connection) -> None:
    """Version 6: which calls' tokens nobody counted. Of earlier calls it is in their replies alone."""
    METADATA.create_all(connection)


def add_studies(connection: sa.Connection) -> None:
    """Version 7: human studies, with their conversations, raters and ratings."""
    METADATA.create_all(connection)


STEPS: tuple[Step, ...] = (
    create_tables,
    add_run_manifests_imports_and_deliveries,
    add_leases_on_jobs,
    note_shared_calls,
    note_models_that_answered,
    note_estimated_calls,
    add_studies,
)
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


def read_through(engine: sa.Engine, version: int, where: str) -> None:
    """Let a store of an earlier version be read as one of `LATEST`, without changing it: the tables that it lacks are
    made for each connection alone. Every step so far adds tables.

    Raises:
        SchemaVersionError: a server's store, where connections may make no tables of their own.
    """
    if engine.dialect.name != "sqlite":
        raise SchemaVersionError(
            f"store {where} has schema version {version}, and reading changes nothing",
            hint="`segue store upgrade` brings it up to date, and so does whatever writes to it",
        )
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
    lacking = [str(CreateTable(t).compile(engine)) for t in METADATA.sorted_tables if t.name not in there]
    statements = [text.replace("CREATE TABLE", "CREATE TEMP TABLE", 1) for text in lacking]
    fillings = {2: _covered_sessions, 4: _sharing_nothing}
    statements += [str(fill().compile(engine)) for number, fill in fillings.items() if version < number]

    def add(connection: Any, _: object) -> None:
        connection.execute("PRAGMA query_only = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA query_only = ON")

    engine.dispose()
    sa.event.listen(engine, "connect", add)
