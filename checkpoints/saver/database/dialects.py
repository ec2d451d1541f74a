"""The two databases behind SQLAlchemy: how each is reached, set up, locked, and how its errors are told."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from ....core.errors import ConfigError, CorruptionError, StoreError

Synchronous = Literal["FULL", "NORMAL"]

WAIT = 30
"""Seconds a SQLite connection waits for another writer."""
LEAST_HIDDEN = 4
"""Characters of a password from which it is struck out of what a driver says: shorter ones stand in any sentence, and
striking them out would tell them."""
_SETUP_LOCK = 0x5E67_0001
"""PostgreSQL's advisory lock that one process holds while it sets a store up."""
SWEEP_LOCK = 0x5E67_0002
"""Held shared by every writing transaction, and alone by one that removes chunks."""
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def parse_url(url: str | URL) -> URL:
    """The URL with our driver, and its password where it belongs.

    Raises:
        ConfigError: no store can have that address. What was given is not quoted: a password may be part of it.
    """
    if isinstance(url, str):
        _refuse_ambiguous(url)
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        # Without the cause: it quotes the address.
        raise ConfigError(
            "the store's address is not a URL",
            hint="for example sqlite:///segue.db or postgresql://user@host/name",
        ) from None
    given = parsed.query.get("password")
    if given is not None:  # where nothing would hide it
        password = given if isinstance(given, str) else given[-1]
        parsed = parsed.difference_update_query(["password"]).set(password=password)
    driver = _DRIVERS.get(parsed.drivername.partition("+")[0])
    if driver is None:
        raise ConfigError(
            f"a store cannot be a {parsed.drivername!r} database", hint="use sqlite:///FILE or postgresql://…"
        )
    if driver == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise ConfigError(
            "a store in memory is not supported: several connections must see it",
            hint="name a file, sqlite:///segue.db; without one, LangGraph's InMemorySaver serves",
        )
    return parsed.set(drivername=driver)


def _refuse_ambiguous(url: str) -> None:
    """Raise `ConfigError` for an address of which a part of the password would be taken for the host."""
    scheme, found, rest = url.partition("://")
    if not found or scheme.startswith("sqlite"):
        return
    before_query = rest.partition("?")[0]
    authority, _, path = before_query.partition("/")
    if authority.count("@") > 1 or "@" in path or ("#" in before_query and "@" in before_query):
        raise ConfigError(
            "the store's address cannot be read: its password seems to hold @, / or #",
            hint="in a password write %40 for @, %2F for /, %3A for :, %23 for #, %3F for ?",
        )


def make_engine(url: URL, synchronous: Synchronous) -> sa.Engine:
    """An engine whose connections are set up. It connects on first use."""
    if url.get_backend_name() != "sqlite":
        try:
            return sa.create_engine(url, pool_size=8, isolation_level="READ COMMITTED")
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs a driver that is not installed", hint="pip install 'segue[postgres]'"
            ) from error
    _require_place(Path(str(url.database)))
    engine = sa.create_engine(url, pool_size=8, connect_args={"timeout": WAIT, "check_same_thread": False})
    sa.event.listen(engine, "connect", _setup_sqlite(synchronous))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _require_place(path: Path) -> None:
    """A file that can be written, or a folder where one can be made."""
    folder = path.parent
    if not folder.is_dir():
        raise StoreError(f"no folder {str(folder)!r} for the store", hint=f"mkdir -p {folder}")
    if path.is_dir():
        raise StoreError(
            f"{str(path)!r} is a folder, not a store", hint=f"name a file in it: sqlite:///{path}/segue.db"
        )
    wanted = path if path.exists() else folder
    if not os.access(wanted, os.R_OK | os.W_OK):
        raise StoreError(f"no permission to read and write {str(wanted)!r}", hint="check owner and mode")


def _setup_sqlite(synchronous: Synchronous) -> Any:
    def setup(connection: sqlite3.Connection, _: object) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA page_size = 8192")
        _turn_on_wal(cursor)
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.close()

    return setup


def _turn_on_wal(cursor: sqlite3.Cursor) -> None:
    """Changing the journal mode does not wait for other processes by itself."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("segue_begun"):
        return
    # A deferred transaction that reads and then writes fails at once when another wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("segue_write") else "BEGIN")


@contextmanager
def exclusive(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other setup runs beside."""
    with engine.connect() as plain:
        connection = plain.execution_options(segue_write=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SETUP_LOCK})
            yield connection


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Errors of driver and SQLAlchemy as `StoreError`, without the password."""
    try:
        yield
    except Exception as error:
        cause = getattr(error, "orig", None) or error
        if not is_database_error(cause):
            raise
        raise store_error(cause, url) from error


def is_database_error(error: BaseException) -> bool:
    """Whether a driver, or SQLAlchemy, raised it."""
    return type(error).__module__.partition(".")[0] in ("sqlite3", "psycopg", "sqlalchemy")


def store_error(cause: BaseException, url: URL) -> StoreError:
    """The error that says what the database said, and what to do."""
    text = " ".join(str(cause).split())
    password = str(url.password or "")
    if len(password) >= LEAST_HIDDEN:
        text = text.replace(password, "***")
    where = url.render_as_string(hide_password=True)
    if "malformed" in text or "not a database" in text:
        return CorruptionError(f"store {where} is damaged or no store: {text}", hint="restore a backup")
    if "locked" in text:
        hint = "another program holds the store; wait for it or stop it"
    elif "disk" in text or "full" in text:
        hint = "check the free space on the disk"
    elif url.get_backend_name() == "postgresql":
        hint = "check that the server runs and that address, user and password are right"
    else:
        hint = "check that the file can be read and written"
    return StoreError(f"store {where}: {text}", hint=hint)
