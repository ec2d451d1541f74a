"""Waiting for a SQLite file that another holds: as long as was told, with a word after a second."""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from segue.checkpoints.saver.database.waiting import begin_write, turn_on_wal
from segue.core.told import LockWarning


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A file, and the connection that is writing to it."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("CREATE TABLE t (x)")
        holder.execute("BEGIN EXCLUSIVE")
        yield path, holder


def busy_ms(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA busy_timeout").fetchone()[0])


@contextmanager
def let_go_when_told(holder: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The file is held until its wait has been told of, however long that takes here; what was told."""
    told: list[str] = []

    def hear(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        assert category is LockWarning
        told.append(str(message))
        holder.execute("ROLLBACK")

    with warnings.catch_warnings():
        warnings.simplefilter("always", LockWarning)
        monkeypatch.setattr(warnings, "showwarning", hear)
        yield told


@pytest.mark.slow
def test_a_long_wait_is_told_of_and_given_up_in_time(held: tuple[Path, sqlite3.Connection]) -> None:
    with closing(sqlite3.connect(held[0], timeout=1.5, isolation_level=None)) as waiting:
        begun = time.monotonic()
        with (
            pytest.warns(LockWarning, match=r"a.db' is held by .*: waiting for it, 1.5 s at most"),
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            begin_write(waiting)
        assert time.monotonic() - begun >= 1.4 and busy_ms(waiting) == 1500


def test_a_short_wait_is_not_told_of(
    held: tuple[Path, sqlite3.Connection], recwarn: pytest.WarningsRecorder
) -> None:
    with closing(sqlite3.connect(held[0], timeout=0.2, isolation_level=None)) as waiting:
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            begin_write(waiting)
        held[1].execute("ROLLBACK")
        begin_write(waiting)
        assert waiting.in_transaction and not recwarn.list


def test_what_is_let_go_of_is_gone_on_with(
    held: tuple[Path, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(held[0], timeout=30, isolation_level=None)) as waiting:
        with let_go_when_told(held[1], monkeypatch) as told:
            begin_write(waiting)
        assert len(told) == 1 and "30 s at most" in told[0]
        assert waiting.in_transaction and busy_ms(waiting) == 30_000


def test_so_is_the_change_of_the_journal(
    held: tuple[Path, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(held[0], timeout=0, isolation_level=None)) as waiting:
        with let_go_when_told(held[1], monkeypatch) as told:
            turn_on_wal(waiting, 30)
        assert len(told) == 1 and "30 s at most" in told[0]
        assert waiting.execute("PRAGMA journal_mode").fetchone() == ("wal",)
