"""Faults of the machine: full disks, folders that cannot be written, no home, a damaged or locked store."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command import Command, Played
from support.places import enlarge, read_only_copy, small_place
from support.published import made_row, write_rows

RUN = ("run", "--turns", 2, "--json")
IMAGES = ("run", "--turns", 1, "--modalities", "text,image", "--json")
TEXT = (*RUN, "--modalities", "text")


def complaints(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("segue: ")]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "processes"])
def test_a_full_disk_is_one_message_and_the_same_command_goes_on(
    command: Command, tmp_path: Path, engine: str
) -> None:
    with small_place(tmp_path / "small", "500k") as folder:
        flags = ("--store", f"sqlite:///{folder / 's.db'}", *TEXT, "--sessions", 12, "--concurrency", 8)
        full = command.alone(*flags, "--engine", engine, code=1)
        [told] = complaints(full.err)
        assert "full" in told and "check the free space on its disk" in full.err
        assert "never retrieved" not in full.err and "Traceback" not in full.err
        enlarge(folder, "64m")
        done = command.alone(*flags, "--engine", engine)
        assert [row["status"] for row in done.rows] == ["done"] * 12
        assert command("--store", flags[1], "store", "check", "--json").document["sound"]


@pytest.mark.slow
def test_a_full_cache_is_one_message_and_the_same_command_goes_on(command: Command, tmp_path: Path) -> None:
    with small_place(tmp_path / "small", "20k") as folder:
        flags = IMAGES
        full = command.alone(*flags, code=1, SEGUE_CACHE=str(folder / "cache"))
        [told] = complaints(full.err)
        assert told.startswith("segue: cannot keep ") and "No space left on device" in told
        assert "SEGUE_CACHE" in full.err and "Traceback" not in full.err
    done = command.alone(*flags)
    assert [row["status"] for row in done.rows] == ["done"]


@pytest.mark.slow
def test_a_page_that_finds_no_room_leaves_none_behind(command: Command, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    command(*TEXT)
    command("judge", "--model", "offline", "--json")
    with small_place(tmp_path / "small", "8k") as folder:
        full = command("judge", "--report", "--html", folder / "page.html", code=2)
        assert "cannot write" in full.err and "No space left on device" in full.err
        assert list(folder.iterdir()) == []


def test_what_cannot_be_written_elsewhere_is_named(command: Command, tmp_path: Path) -> None:
    command(*TEXT)
    (tmp_path / "empty").mkdir()
    with read_only_copy(tmp_path / "empty", tmp_path / "sealed") as folder:
        for code, arguments in (
            (2, ["export", folder / "data"]),
            (1, ["store", "backup", folder / "copy.db"]),
        ):
            err = command(*arguments, code=code).err
            assert str(folder) in err and "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", "processes"])
def test_a_cache_that_cannot_be_written_is_stood_in_for(
    command: Command, tmp_path: Path, engine: str
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "temporary").mkdir()
    with read_only_copy(tmp_path / "source", tmp_path / "sealed") as folder:
        environ = {"SEGUE_CACHE": str(folder / "cache"), "TMPDIR": str(tmp_path / "temporary")}
        done = command.alone(*IMAGES, "--engine", engine, **environ)
    assert done.rows[0]["status"] == "done"
    made = tmp_path / "temporary" / f"segue-cache-{os.getuid()}"
    [told] = complaints(done.err)
    assert told == (
        f"segue: the cache folder {folder / 'cache'} cannot be written; what is made is kept in {made} (SEGUE_CACHE "
        "names a folder that can be written)"
    )
    assert made.stat().st_mode & 0o077 == 0 and any(made.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("home", ["/nonexistent", "/proc/1/nothing"])
def test_a_home_that_is_not_there_is_no_matter(command: Command, tmp_path: Path, home: str) -> None:
    (tmp_path / "temporary").mkdir()
    with read_only_copy(tmp_path / "temporary", tmp_path / "sealed") as sealed:
        place = str(sealed / "home") if home == "/nonexistent" else home
        done = command.alone(*IMAGES, HOME=place, SEGUE_CACHE="", TMPDIR=str(tmp_path / "temporary"))
    assert done.rows[0]["status"] == "done" and len(complaints(done.err)) == 1


@pytest.mark.slow
def test_a_store_that_is_held_is_waited_for_and_the_holder_named(command: Command) -> None:
    command(*TEXT)
    holder = sqlite3.connect(command.folder / "segue.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        begun = time.monotonic()
        held = command.alone(*TEXT, "--sessions", 2, "--lock-seconds", 2, code=1)
        assert time.monotonic() - begun >= 2
        [said] = [line for line in held.err.splitlines() if "waiting for it" in line]
        assert "segue.db' is held by process" in said and "2 s at most (--lock-seconds)" in said
        assert f"hint: process {os.getpid()} (" in held.err and "--lock-seconds" in held.err
        assert command("threads", "--json").rows, "reading waits for nobody"
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert len(command.alone(*TEXT, "--sessions", 2).rows) == 2


@pytest.mark.slow
def test_whatever_writes_waits_as_long_as_it_is_told(command: Command, tmp_path: Path) -> None:
    command(*TEXT)
    run = command("runs", "--json").rows[0]["run"]
    command("--store", "new.db", *TEXT)
    rows = write_rows(tmp_path / "made.jsonl", [made_row()])
    holder = sqlite3.connect(command.folder / "segue.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        for line in (
            ("import", rows),
            ("store", "prune", "--really"),
            ("delete", run, "--yes"),
            ("rename", run, "other"),
            ("--store", "new.db", "copy", "--to", "segue.db"),
        ):
            begun = time.monotonic()
            held = command(*line, "--lock-seconds", 0.2, code=1)
            assert time.monotonic() - begun < 20 and "--lock-seconds" in held.err, held.err
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    command("rename", run, "other")


@pytest.mark.slow
def test_a_store_that_is_let_go_of_in_time_is_gone_on_with(command: Command) -> None:
    command(*TEXT)
    with closing(sqlite3.connect(command.folder / "segue.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with command.start(*TEXT, "--sessions", 2) as process:
            assert process.stderr is not None
            said = next((line for line in process.stderr if "waiting for it" in line), "")
            holder.execute("ROLLBACK")
            out, err = process.communicate(timeout=60)
    assert "30 s at most" in said and "waiting for it" not in err
    assert len(out.splitlines()) == 2 and process.returncode == 0


READING = (
    ["threads"],
    ["show", "{thread}"],
    ["replay", "{thread}"],
    ["replay", "--verify", "{thread}"],
    ["cost"],
    ["stats"],
    ["audit"],
    ["store", "check"],
)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), bit=st.integers(0, 7), number=st.integers(0, len(READING) - 1))
def test_a_flipped_bit_is_never_a_trace(
    at: float, bit: int, number: int, played: Played, tmp_path: Path
) -> None:
    data = bytearray((played.command.folder / "segue.db").read_bytes())
    data[int(at * (len(data) - 1))] ^= 1 << bit
    (tmp_path / "damaged.db").write_bytes(data)
    words = [word.format(thread=played.thread) for word in READING[number]]
    done = played.command("--store", f"sqlite:///{tmp_path / 'damaged.db'}", *words, code=(0, 1))
    assert "Traceback" not in done.err, done.err
    assert done.code in (0, 1)
    if done.code == 1 and words[:2] != ["store", "check"] and "no thread" not in done.err:
        assert "segue store check" in done.err
