"""The two databases behind SQLAlchemy: how each is reached, set up, locked, and how its errors are told."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from ....core.errors import ConfigError, CorruptionError, StoreError
from ....core.time_limits import LOCK_SECONDS
from ..packing.compression import DAMAGED
from .holders import holders_of
from .read_only import ReadOnlyFile
from .waiting import begin_write, turn_on_wal

Synchronous = Literal["FULL", "NORMAL"]
Address = str | os.PathLike[str]
"""Of a store: a URL, or the path of a SQLite file."""

WAIT = LOCK_SECONDS
"""Seconds a SQLite connection waits for another writer, unless it is told otherwise."""
LEAST_HIDDEN = 4
"""Characters of a password from which it is struck out of what a driver says: shorter ones stand in any sentence, and
striking them out would tell them."""
_SETUP_LOCK = 0x5E67_0001
"""PostgreSQL's advisory lock that one process holds while it sets a store up."""
SWEEP_LOCK = 0x5E67_0002
"""Held shared by every writing transaction, and alone by one that removes chunks."""
_URL_LIKE = re.compile(r"^[A-Za-z][\w+.-]*:|^(?!\.|/[^/]).*(?::.*@|password=)")
"""What a text begins with or holds that is no bare path: a scheme, or what may be a password."""
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def parse_url(url: Address | URL) -> URL:
    """The URL with our driver, and its password where it belongs; of a bare path, that of the SQLite file there.

    Raises:
        ConfigError: no store can have that address. What was given is not quoted: a password may be part of it.
    """
    parsed = url if isinstance(url, URL) else _as_url(url)
    given = parsed.query.get("password")
    if given is not None:  # where nothing would hide it
        password = given if isinstance(given, str) else given[-1]
        parsed = parsed.difference_update_query(["password"]).set(password=password)
    driver = _DRIVERS.get(parsed.drivername.partition("+")[0])
    if driver is None:
        raise ConfigError(
            f"a store cannot be a {parsed.drivername!r} database", hint="use sqlite:///FILE or postgresql://…"
        )
    if driver == "sqlite" and parsed.host:
        raise ConfigError(
            "a store's address with two slashes names a server, and SQLite has none",
            hint="a file takes three slashes, sqlite:///segue.db, or none: segue.db",
        )
    if driver == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise ConfigError(
            "a store in memory is not supported: several connections must see it",
            hint="name a file, sqlite:///segue.db; without one, LangGraph's InMemorySaver serves",
        )
    return parsed.set(drivername=driver)


def _as_url(address: Address) -> URL:
    """The URL in a text, or the one of the file that a path leads to."""
    text = os.fspath(address)
    if not isinstance(address, str) or (text and not _URL_LIKE.search(text)):
        return URL.create("sqlite", database=text)
    _refuse_ambiguous(text)
    try:
        return sa.make_url(text)
    except (ArgumentError, ValueError):
        # Without the cause: it quotes the address.
        raise ConfigError(
            "the store's address is not a URL",
            hint="for example segue.db, sqlite:///segue.db or postgresql://user@host/name",
        ) from None


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


def make_engine(
    url: URL, synchronous: Synchronous, *, read_only: ReadOnlyFile | bool = False, wait: float = WAIT
) -> sa.Engine:
    """An engine whose connections are set up. It connects on first use.

    Args:
        read_only: nothing can be written; of a SQLite file, how it is opened so.
        wait: seconds for another program that holds a SQLite file.
    """
    if url.get_backend_name() != "sqlite":
        return _server_engine(url, read_only=bool(read_only))
    if isinstance(read_only, ReadOnlyFile):
        engine = sa.create_engine(url, pool_size=8, creator=partial(read_only.connect, wait))
        sa.event.listen(engine, "connect", _leave_transactions)
    else:
        _require_place(Path(str(url.database)))
        engine = sa.create_engine(
            url, pool_size=8, connect_args={"timeout": wait, "check_same_thread": False}
        )
        sa.event.listen(engine, "connect", _setup_sqlite(synchronous, wait))
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server_engine(url: URL, *, read_only: bool) -> sa.Engine:
    try:
        engine = sa.create_engine(url, pool_size=8, isolation_level="READ COMMITTED")
    except ModuleNotFoundError as error:
        raise StoreError(
            "PostgreSQL needs a driver that is not installed", hint="pip install 'segue[postgres]'"
        ) from error
    if read_only:
        sa.event.listen(engine, "connect", _read_only_session)
    return engine


def _read_only_session(connection: Any, _: object) -> None:
    connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def readable_file(url: URL) -> ReadOnlyFile:
    """How the SQLite file at the URL is opened for reading alone.

    Raises:
        StoreError: it is not there, is no file, or may not be read.
    """
    path = Path(str(url.database))
    _require_place(path, os.R_OK)
    if not path.exists():
        raise StoreError(f"no store at {str(path)!r}", hint="check the address")
    return ReadOnlyFile.of(path)


def _require_place(path: Path, mode: int = os.R_OK | os.W_OK) -> None:
    """A file that can be used, or a folder where one can be made."""
    folder = path.parent
    if not folder.is_dir():
        raise StoreError(f"no folder {str(folder)!r} for the store", hint=f"mkdir -p {folder}")
    if path.is_dir():
        raise StoreError(
            f"{str(path)!r} is a folder, not a store", hint=f"name a file in it: sqlite:///{path}/segue.db"
        )
    wanted = path if path.exists() else folder
    if not os.access(wanted, mode):
        verb = "read and write" if mode & os.W_OK else "read"
        raise StoreError(f"no permission to {verb} {str(wanted)!r}", hint="check owner and mode")


def _leave_transactions(connection: sqlite3.Connection, _: object) -> None:
    # The driver must not begin transactions by itself: it would begin them deferred.
    connection.isolation_level = None


def _setup_sqlite(synchronous: Synchronous, wait: float) -> Any:
    def setup(connection: sqlite3.Connection, _: object) -> None:
        _leave_transactions(connection, _)
        cursor = connection.cursor()
        cursor.execute("PRAGMA page_size = 8192")
        turn_on_wal(connection, wait)
        cursor.execute(f"PRAGMA synchronous = {synchronous}")
        cursor.close()

    return setup


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if options.get("segue_begun"):
        return
    # A deferred transaction that reads and then writes fails at once when another wrote in between.
    if options.get("segue_write"):
        begin_write(cast(sqlite3.Connection, connection.connection.driver_connection))
    else:
        connection.exec_driver_sql("BEGIN")


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
        return CorruptionError(f"store {where} is damaged or no store: {text}", hint=DAMAGED)
    if "locked" in text:
        held = holders_of(Path(str(url.database))) if url.database else []
        verb = "hold" if len(held) > 1 else "holds"
        who = " and ".join(held) or "another program"
        hint = f"{who} {verb} the store: wait for it, stop it, or wait longer with --lock-seconds"
    elif "disk" in text or "full" in text or "No space left" in text:
        hint = "check the free space on its disk; what was kept before stays, and the same command goes on"
    elif url.get_backend_name() == "postgresql":
        hint = "check that the server runs and that address, user and password are right"
    else:
        hint = "check that the file can be read and written"
    return StoreError(f"store {where}: {text}", hint=hint)
