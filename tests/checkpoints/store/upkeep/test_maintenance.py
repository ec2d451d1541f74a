"""Upkeep: damage found and named, backups that open, pruning counted first, sweeping that takes only what is free."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.saver.removal import Removed
from segue.checkpoints.store.blobs import put_blobs
from segue.checkpoints.store.upkeep.maintenance import (
    backup,
    check,
    plan_prune,
    prune_threads,
    sweep,
    thread_ids,
)
from segue.core.errors import CorruptionError, InputError, StoreError
from support.checkpoints.saving import POOL, config_of, everything, message, put, put_chain


def flip(path: str, table: str, column: str, where: str) -> None:
    """Flip one bit in the middle of one value."""
    connection = sqlite3.connect(path)
    (data,) = connection.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (bytes(flipped),))
    connection.commit()
    connection.close()


def test_a_sound_store_has_no_problems(store_url: str) -> None:
    with Store.open(store_url) as store:
        saver = SQLAlchemySaver(store)
        configs = put_chain(saver, "a", 20)
        saver.fork_thread("a", configs[9]["configurable"]["checkpoint_id"], "b")
        store.run(lambda connection: put_blobs(connection, [b"text"]))
        report = check(store)
    assert report.sound
    assert (report.lines, report.blobs, report.unused_packs, report.threads) == (2, 1, 0, [])
    assert report.packs == 21


@pytest.mark.parametrize(
    ("table", "column", "where", "threads"),
    [
        ("pack", "data", "pack = (SELECT max(pack) FROM pack)", ["b"]),
        ("pack", "data", "pack = (SELECT min(pack) FROM pack)", ["a", "b", "fork"]),
        ("checkpoint", "body", "line = 2 AND depth = 0", ["b"]),
        ("checkpoint", "body", "line = 1 AND depth = 2", ["a", "fork"]),
        ("pending_write", "body", "line = 2 AND task = (SELECT max(task) FROM pending_write)", ["b"]),
    ],
)
def test_a_flipped_bit_is_found_and_the_threads_it_touches_are_named(
    sqlite_url: str, table: str, column: str, where: str, threads: list[str]
) -> None:
    with Store.open(sqlite_url) as store:
        saver = SQLAlchemySaver(store)
        configs = put_chain(saver, "a", 4)
        put_chain(saver, "b", 4)
        saver.fork_thread("a", configs[3]["configurable"]["checkpoint_id"], "fork")
        path = str(store.path)
    flip(path, table, column, where)
    with Store.open(sqlite_url) as store:
        report = check(store)
        assert report.threads == threads
        assert report.problems
        with pytest.raises(CorruptionError):
            [everything(SQLAlchemySaver(store), thread) for thread in threads]


def test_a_missing_piece_and_a_damaged_text_are_found(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        put_chain(SQLAlchemySaver(store), "a", 2)
        store.run(lambda connection: put_blobs(connection, [b"some text " * 50]))
        path = str(store.path)
    flip(path, "blob", "data", "1 = 1")
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM pack WHERE pack = 2")
    connection.commit()
    connection.close()
    with Store.open(sqlite_url) as store:
        problems = [problem.what for problem in check(store).problems]
        with pytest.raises(CorruptionError, match="lacks 1 packs"):
            SQLAlchemySaver(store).get_tuple(config_of("a"))
    assert len(problems) == 2
    assert problems[0] == "pack 2 is missing"
    assert problems[1].startswith("text ")


def test_a_damaged_file_is_found(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        put_chain(SQLAlchemySaver(store), "a", 40)
        path = Path(str(store.path))
    data = bytearray(path.read_bytes())
    for page in range(8192 * 3, len(data), 8192 * 4):
        data[page : page + 40] = bytes(40)
    path.write_bytes(data)
    with pytest.raises(StoreError) as found, Store.open(sqlite_url) as store:
        report = check(store)
        if not report.sound:
            raise CorruptionError(report.problems[0].what)
    assert isinstance(found.value, CorruptionError)


def test_a_backup_opens_and_holds_everything_while_the_store_is_in_use(
    sqlite_url: str, tmp_path: Path
) -> None:
    with Store.open(sqlite_url) as store:
        saver = SQLAlchemySaver(store)
        configs = put_chain(saver, "a", 5)
        before = everything(saver, "a")
        backup(store, tmp_path / "copy.sqlite")
        put(saver, configs[-1], {"x": 1}, version=9)
        with pytest.raises(InputError, match="exists"):
            backup(store, tmp_path / "copy.sqlite")
        with pytest.raises(StoreError, match="cannot write"):
            backup(store, tmp_path / "missing" / "copy.sqlite")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.sqlite", "segue.db"]
    with Store.open(f"sqlite:///{tmp_path / 'copy.sqlite'}") as store:
        assert everything(SQLAlchemySaver(store), "a") == before
        assert check(store).sound


def test_a_backup_of_a_server_is_refused_with_the_way_to_make_one(postgres_url: str, tmp_path: Path) -> None:
    with Store.open(postgres_url) as store, pytest.raises(StoreError, match="pg_dump"):
        backup(store, tmp_path / "copy.sqlite")


def test_pruning_is_counted_before_it_is_done_and_sweeping_frees_the_rest(store_url: str) -> None:
    with Store.open(store_url) as store:
        saver = SQLAlchemySaver(store)
        put_chain(saver, "a", 10)
        put_chain(saver, "b", 3)
        kept = everything(saver, "a")[0], everything(saver, "b")
        planned = plan_prune(store, ["a", "nobody"])
        assert (planned.checkpoints, planned.writes) == (9, 9)
        assert len(everything(saver, "a")) == 10

        assert prune_threads(store, ["a", "nobody"]) == planned

        assert (everything(saver, "a")[0][1:3], everything(saver, "b")) == (kept[0][1:3], kept[1])
        assert sweep(store) == 0
        saver.delete_thread("a")
        assert sweep(store) == 10
        assert sweep(store) == 0
        assert everything(saver, "b") == kept[1]
        assert check(store).sound
        assert thread_ids(store) == ["b"]


def test_what_was_swept_is_stored_again_when_it_is_needed_again(store_url: str) -> None:
    with Store.open(store_url) as store, Store.open(store_url) as other:
        saver, elsewhere = SQLAlchemySaver(store), SQLAlchemySaver(other)
        put_chain(saver, "a", 3)
        last = put_chain(elsewhere, "b", 3)[-1]
        elsewhere.delete_thread("a")
        elsewhere.delete_thread("b")
        swept = sweep(other)
        assert swept == 4 + 4

        values = {"pool": POOL, "messages": [message("b", n) for n in range(4)]}
        put(elsewhere, last, values, version=4, step=3)
        put_chain(saver, "a", 3)

        assert check(store).sound
        assert everything(saver, "b")[0][1]["channel_values"] == values
        assert len(everything(elsewhere, "a")) == 3


def test_a_damaged_store_is_not_swept(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        put_chain(SQLAlchemySaver(store), "a", 2)
        path = str(store.path)
    flip(path, "checkpoint", "body", "depth = 0")
    with Store.open(sqlite_url) as store:
        before = check(store).packs
        with pytest.raises(CorruptionError, match="'a' is damaged"):
            sweep(store)
        assert check(store).packs == before


def test_an_unknown_way_of_pruning_is_refused(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, pytest.raises(InputError, match="'some'"):
        prune_threads(store, ["a"], strategy="some")


def test_what_is_removed_from_several_threads_is_counted_together() -> None:
    assert Removed(2, 3) + Removed(10, 20) == Removed(12, 23)
