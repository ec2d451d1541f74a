"""Both databases: which addresses are stores, what is said where none can be, and errors told without a password."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from segue.checkpoints.saver.database.dialects import (
    exclusive,
    is_database_error,
    make_engine,
    parse_url,
    store_error,
    translated,
)
from segue.core.errors import ConfigError, CorruptionError, StoreError


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///some.db", "sqlite"),
        ("sqlite+aiosqlite:///some.db", "sqlite"),
        ("postgresql://me@host/name", "postgresql+psycopg"),
        ("postgresql+psycopg2://me@host/name", "postgresql+psycopg"),
        ("postgres://me@host/name", "postgresql+psycopg"),
    ],
)
def test_an_address_is_given_our_driver_and_stays_what_it_was(url: str, driver: str) -> None:
    parsed = parse_url(url)
    assert parsed.drivername == driver
    assert parsed.set(drivername="x") == sa.make_url(url).set(drivername="x")
    assert parse_url(parsed) == parsed


@pytest.mark.parametrize(
    ("url", "words", "hint"),
    [
        ("", "the store's address is not a URL", "sqlite:///segue.db"),
        ("segue:db", "the store's address is not a URL", "sqlite:///segue.db"),
        ("sqlite://segue.db", "two slashes", "sqlite:///segue.db"),
        ("mysql://me@host/name", "a store cannot be a 'mysql' database", "sqlite:///FILE"),
        ("sqlite://", "a store in memory is not supported", "name a file"),
        ("sqlite:///:memory:", "a store in memory is not supported", "name a file"),
    ],
)
def test_what_no_store_can_be_is_named(url: str, words: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_url(url)
    assert words in caught.value.message and hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    "path", ["my.db", "segue", "./x/y.sqlite", "/a/b:c?.db", "a%20b.db", "./me:you@home.db"]
)
def test_a_bare_path_is_a_sqlite_file(path: str) -> None:
    assert parse_url(path) == sa.URL.create("sqlite", database=path)
    assert parse_url(Path(path)).database == str(Path(path))
    assert sa.make_url(parse_url(path).render_as_string()).database == parse_url(path).database


def test_places_without_a_folder_or_without_a_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no folder") as missing:
        make_engine(parse_url(f"sqlite:///{tmp_path / 'none' / 'segue.db'}"), "FULL")
    assert missing.value.hint == f"mkdir -p {tmp_path / 'none'}"
    with pytest.raises(StoreError, match="is a folder, not a store") as folder:
        make_engine(parse_url(f"sqlite:///{tmp_path}"), "FULL")
    assert f"sqlite:///{tmp_path}/segue.db" in (folder.value.hint or "")


@pytest.mark.parametrize(("synchronous", "number"), [("FULL", 2), ("NORMAL", 1)])
def test_a_connection_is_set_up_for_many_readers_and_a_writer(
    tmp_path: Path, synchronous: str, number: int
) -> None:
    engine = make_engine(parse_url(f"sqlite:///{tmp_path / 'segue.db'}"), synchronous)  # type: ignore[arg-type]
    try:
        with engine.connect() as connection:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "page_size", "busy_timeout")
            }
    finally:
        engine.dispose()
    assert found == {
        "journal_mode": "wal", "synchronous": number, "page_size": 8192, "busy_timeout": 30_000,
    }  # fmt: skip


def test_what_is_begun_to_write_holds_others_off_from_its_first_statement(tmp_path: Path) -> None:
    path = tmp_path / "segue.db"
    engine = make_engine(parse_url(f"sqlite:///{path}"), "FULL")
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        with exclusive(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        with engine.connect() as reading, reading.begin():
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    finally:
        other.close()
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "said", "kind", "hint"),
    [
        ("sqlite:///a.db", "database disk image is malformed", CorruptionError, "restore a backup"),
        ("sqlite:///a.db", "file is not a database", CorruptionError, "restore a backup"),
        ("sqlite:///a.db", "database is locked", StoreError, "another program holds the store"),
        ("sqlite:///a.db", "disk I/O error", StoreError, "free space"),
        ("sqlite:///a.db", "database or disk is full", StoreError, "free space"),
        ("sqlite:///a.db", "attempt to write a readonly database", StoreError, "can be read and written"),
        ("postgresql://me:hush@host/n", "connection of\n  me:hush refused", StoreError, "server runs"),
    ],
)
def test_an_error_says_what_the_database_said_and_what_to_do(
    url: str, said: str, kind: type[StoreError], hint: str
) -> None:
    error = store_error(sqlite3.OperationalError(said), parse_url(url))
    assert type(error) is kind and hint in (error.hint or "")
    assert "hush" not in str(error) and "\n" not in error.message
    assert error.message.endswith(" ".join(said.split()).replace("hush", "***"))


def test_only_a_database_s_errors_are_translated() -> None:
    url = parse_url("sqlite:///a.db")
    with pytest.raises(StoreError, match=r"store sqlite:///a\.db: no such table"), translated(url):
        raise sqlite3.OperationalError("no such table")
    wrapped = sa.exc.OperationalError("SELECT", {}, sqlite3.OperationalError("no such column"))
    with pytest.raises(StoreError, match=r"store sqlite:///a\.db: no such column"), translated(url):
        raise wrapped
    with pytest.raises(KeyError), translated(url):
        raise KeyError("ours")
    assert is_database_error(wrapped) and not is_database_error(ValueError("ours"))
