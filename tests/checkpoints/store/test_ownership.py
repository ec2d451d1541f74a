"""A database that is not a store's is never written to; a store says in its header whose it is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from segue.api.store import open_store
from segue.checkpoints.store.ownership import APPLICATION_ID, require_ours
from segue.checkpoints.store.store import Store
from segue.core.errors import NotFoundError, StoreError
from sqlalchemy.engine import make_url

GOLDEN = Path(__file__).parent / "golden"


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


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with Store.open(f"sqlite:///{tmp_path}/empty.db") as store:
        assert store.path == str(tmp_path / "empty.db")


def test_reading_makes_no_tables_on_a_server(postgres_url: str) -> None:
    url = postgres_url
    with pytest.raises(NotFoundError, match="no store in postgresql"):
        open_store(url)
    with open_store(url, create=True):
        pass
    with open_store(url) as store:
        assert list(store.threads()) == []
