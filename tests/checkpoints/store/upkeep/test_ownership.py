"""A database that is not a store's is never written to; a store says in its header whose it is."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest
from segue.api.store import open_store
from segue.checkpoints.store.schema import VERSION
from segue.checkpoints.store.store import Store
from segue.checkpoints.store.upkeep.migrations import LATEST
from segue.checkpoints.store.upkeep.ownership import APPLICATION_ID, require_ours
from segue.core.errors import NotFoundError, SchemaVersionError, StoreError
from sqlalchemy.engine import make_url


def foreign(path: Path, number: int = 0) -> bytes:
    """Another program's database, and its bytes."""
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {number}")
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("number", [0, 0x1234])
def test_another_program_s_database_is_left_as_it_was(tmp_path: Path, create: bool, number: int) -> None:
    path = tmp_path / "other.db"
    before = foreign(path, number)
    with pytest.raises(StoreError, match=r"another program's database \(it holds songs\); nothing of it"):
        open_store(f"sqlite:///{path}", create=create)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_tables_of_ours_under_a_foreign_id_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with Store.open(f"sqlite:///{path}"):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 7")
    connection.close()
    with pytest.raises(StoreError, match="another program's"):
        Store.open(f"sqlite:///{path}")


def test_a_new_store_says_whose_it_is_and_an_older_one_opens(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/new.db"):
        pass
    connection = sqlite3.connect(tmp_path / "new.db")
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()
    require_ours(make_url(f"sqlite:///{tmp_path}/new.db"))


@pytest.mark.parametrize("create", [True, False])
def test_an_emptied_store_is_not_made_anew(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    os.utime(path, (0, 0))
    with pytest.raises(StoreError, match=r"empty.db' is empty: a store was emptied") as told:
        open_store(f"sqlite:///{path}", create=create)
    assert told.value.hint == f"restore a backup, or begin anew: rm {path}"
    assert path.read_bytes() == b"" and list(tmp_path.iterdir()) == [path]


def test_a_store_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    path.touch()
    with Store.open(f"sqlite:///{tmp_path}/made.db"):
        pass
    filling = threading.Timer(0.2, (tmp_path / "made.db").replace, (path,))
    filling.start()
    with open_store(f"sqlite:///{path}") as store:
        assert store.threads() == []
    filling.join()


def test_reading_makes_no_tables_on_a_server(postgres_url: str) -> None:
    url = postgres_url
    with pytest.raises(NotFoundError, match="no store in postgresql"):
        open_store(url)
    with open_store(url, create=True):
        pass
    with open_store(url) as store:
        assert list(store.threads()) == []


def test_a_server_s_store_of_an_earlier_version_names_the_command_that_upgrades_it(postgres_url: str) -> None:
    with open_store(postgres_url, create=True) as store, store.store.write() as connection:
        connection.execute(VERSION.delete().where(VERSION.c.version == LATEST))
    with pytest.raises(SchemaVersionError, match=f"has schema version {LATEST - 1}") as told:
        open_store(postgres_url, read_only=True)
    assert told.value.hint and "segue store upgrade" in told.value.hint
    with open_store(postgres_url):
        pass
    with open_store(postgres_url, read_only=True) as store:
        assert store.threads() == []
