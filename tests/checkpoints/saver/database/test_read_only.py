"""Databases opened for reading alone: nothing is written, nothing is left, and what cannot be read says why."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from segue.checkpoints import SQLAlchemySaver
from segue.checkpoints.saver.database.database import Database
from segue.checkpoints.saver.database.read_only import ReadOnlyFile
from segue.core.errors import StoreError
from support.checkpoints.saving import config_of, put
from support.places import read_only_copy


def filled(path: Path) -> str:
    """A database with one checkpoint; its URL."""
    with SQLAlchemySaver.from_url(f"sqlite:///{path}") as saver:
        put(saver, config_of("one"), {"messages": ["hello"]}, version=1, step=0)
    return f"sqlite:///{path}"


def messages(database: Database) -> list[str]:
    found = SQLAlchemySaver(database).get_tuple(config_of("one"))
    assert found is not None
    texts: list[str] = found.checkpoint["channel_values"]["messages"]
    return texts


def interrupted(path: Path, beside: tuple[str, ...]) -> Path:
    """A copy of a database that is open, as a killed process leaves it, with these files beside it."""
    path.parent.mkdir()
    source = path.with_name("source.db")
    with SQLAlchemySaver.from_url(f"sqlite:///{source}") as saver:
        put(saver, config_of("one"), {"messages": ["hello"]}, version=1, step=0)
        for name in ("", *beside):
            shutil.copy(f"{source}{name}", f"{path}{name}")
    source.unlink()
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_reading_changes_neither_file_nor_folder(tmp_path: Path) -> None:
    url = filled(tmp_path / "x.db")
    before = (tmp_path / "x.db").read_bytes()
    with Database.open(url, read_only=True) as database:
        assert messages(database) == ["hello"]
        assert database.first("SELECT count(*) FROM checkpoint", ()) == (1,)
    assert names(tmp_path) == ["x.db"] and (tmp_path / "x.db").read_bytes() == before


def test_whatever_writes_is_refused(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        put(saver, config_of("one"), {"messages": ["hello"]}, version=1, step=0)
    with Database.open(store_url, read_only=True) as database:
        with pytest.raises(StoreError, match="opened for reading alone"):
            put(SQLAlchemySaver(database), config_of("one"), {}, version=2, step=1)
        with pytest.raises(StoreError, match="opened for reading alone"), database.write():
            raise AssertionError("it was opened for writing")
        with pytest.raises(StoreError, match="opened for reading alone"):
            asyncio.run(database.submit(lambda connection: None))
        # The database itself refuses, too.
        with pytest.raises(StoreError, match=r"readonly|read-only"), database.read() as connection:
            connection.exec_driver_sql("DELETE FROM checkpoint")
        assert messages(database) == ["hello"]


def test_others_write_while_it_is_read(tmp_path: Path) -> None:
    url = filled(tmp_path / "x.db")
    with Database.open(url, read_only=True) as database, SQLAlchemySaver.from_url(url) as saver:
        assert messages(database) == ["hello"]
        put(saver, config_of("one"), {"messages": ["more"]}, version=2, step=1)
        assert messages(database) == ["more"]
    assert names(tmp_path) == ["x.db"]


@pytest.mark.parametrize("beside", [("-wal",), ("-wal", "-shm")])
def test_what_a_killed_process_left_in_its_journal_is_read_and_left(
    beside: tuple[str, ...], tmp_path: Path
) -> None:
    path = interrupted(tmp_path / "a" / "x.db", beside)
    before = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    with Database.open(f"sqlite:///{path}", read_only=True) as database:
        assert messages(database) == ["hello"]
    assert (path.read_bytes(), Path(f"{path}-wal").read_bytes()) == before


def test_on_a_read_only_medium_a_journal_with_its_index_is_read(tmp_path: Path) -> None:
    path = interrupted(tmp_path / "a" / "x.db", ("-wal", "-shm"))
    with (
        read_only_copy(path.parent, tmp_path / "sealed") as folder,
        Database.open(f"sqlite:///{folder / 'x.db'}", read_only=True) as database,
    ):
        assert messages(database) == ["hello"]


def test_on_a_read_only_medium_a_journal_alone_is_never_left_out(tmp_path: Path) -> None:
    path = interrupted(tmp_path / "a" / "x.db", ("-wal",))
    with read_only_copy(path.parent, tmp_path / "sealed") as folder:
        with pytest.raises(StoreError, match=r"the newest part of .*x.db' lies in 'x.db-wal'") as told:
            Database.open(f"sqlite:///{folder / 'x.db'}", read_only=True)
        assert told.value.hint and f"cp {folder / 'x.db'} {folder / 'x.db-wal'} FOLDER" in told.value.hint


def test_a_file_that_is_read_without_locks_and_is_written_meanwhile_is_noticed(tmp_path: Path) -> None:
    url = filled(tmp_path / "x.db")
    with read_only_copy(tmp_path, tmp_path.with_name(f"{tmp_path.name}-sealed")) as folder:
        found = ReadOnlyFile.of(folder / "x.db")
        assert "immutable" in found.how
    changed = ReadOnlyFile(tmp_path / "x.db", found.how, ReadOnlyFile.of(tmp_path / "x.db").seen or (1, 1))
    with pytest.raises(StoreError, match="was written while it was read") as told:
        changed.require_unchanged()
    assert told.value.hint and "run the command again" in told.value.hint
    with Database.open(url) as database:
        assert messages(database) == ["hello"]


def test_a_database_in_another_journal_mode_keeps_it(tmp_path: Path) -> None:
    url = filled(tmp_path / "x.db")
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    before = (tmp_path / "x.db").read_bytes()
    with Database.open(url, read_only=True) as database:
        assert messages(database) == ["hello"]
    assert (tmp_path / "x.db").read_bytes() == before


def test_what_is_no_database_of_ours_gets_no_tables(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="is no store"):
        Database.open(f"sqlite:///{tmp_path / 'x.db'}", read_only=True)
    with pytest.raises(StoreError, match="no store at"):
        Database.open(f"sqlite:///{tmp_path / 'none.db'}", read_only=True)
    assert names(tmp_path) == ["x.db"] and os.path.getsize(tmp_path / "x.db")
