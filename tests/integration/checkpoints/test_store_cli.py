"""`segue store`: where the store is, whether it is sound, a copy of it, and what pruning would take."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support.command import Command, Played


def flip_a_byte(file: Path) -> None:
    """Damage the largest pack of chunks by one bit, as a bad disk would."""
    with sqlite3.connect(file) as connection:
        number, data = connection.execute(
            "SELECT pack, data FROM pack ORDER BY length(data) DESC LIMIT 1"
        ).fetchone()
        damaged = bytearray(data)
        damaged[len(damaged) // 2] ^= 0x10
        connection.execute("UPDATE pack SET data = ? WHERE pack = ?", (bytes(damaged), number))
    connection.close()


def test_path_names_the_file_and_hides_a_password(command: Command) -> None:
    assert command("store", "path").out == f"{command.folder / 'segue.db'}\n"
    shown = command("--store", "postgresql://me:secret@127.0.0.1/x", "store", "path").out
    assert "secret" not in shown and "127.0.0.1/x" in shown


def test_a_store_is_a_file_or_an_address_before_the_command_or_after_it(own: Command) -> None:
    (own.folder / "segue.db").rename(own.folder / "my.db")
    lines = [
        own(*before, "threads", *after, "--json").out
        for before, after in (
            (["--store", "my.db"], []),
            ([], ["--store=my.db"]),
            ([], ["--store", "sqlite:///my.db"]),
        )
    ]
    assert len(lines[0].splitlines()) == 2 and len(set(lines)) == 1
    assert own("store", "path", "--store", "./my.db").out == f"{own.folder / 'my.db'}\n"
    twice = own("--store", "my.db", "threads", "--store", "other.db", code=2)
    assert "'--store': it is given twice" in twice.err
    assert "'mysql'" in own("threads", "--store", "mysql://h/db", code=2).err
    assert "three slashes" in own("threads", "--store", "sqlite://my.db", code=2).err


def test_a_reader_that_goes_away_is_no_defect(command: Command) -> None:
    with command.start("store", "path") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.wait(60) == 1 and process.stderr.read() == ""


def test_a_sound_store_is_sound(played: Played) -> None:
    report = played.command("store", "check", "--json").document
    assert report["sound"] and report["problems"] == [] and report["packs"] > 10


def test_a_flipped_byte_is_found_and_its_thread_named(own: Command) -> None:
    threads = {row["thread_id"] for row in own("threads", "--json").rows}
    flip_a_byte(own.folder / "segue.db")
    report = own("store", "check", "--json", code=1).document
    assert not report["sound"] and report["threads"] and set(report["threads"]) <= threads
    said = own("store", "check", code=1).out
    assert "damaged: " in said and report["threads"][0] in said
    shown = own("show", report["threads"][0], code=1)
    assert "digest" in shown.err or "unpack" in shown.err
    assert "segue store check" in shown.err


@pytest.mark.slow
def test_a_backup_is_a_store_and_overwrites_nothing(own: Command) -> None:
    own("store", "backup", "copy.sqlite")
    copied = own("--store", "sqlite:///copy.sqlite", "threads", "--json").rows
    assert copied == own("threads", "--json").rows
    assert "--overwrite replaces" in own("store", "backup", "copy.sqlite", code=2).err
    own("run", "--modalities", "text", "--turns", 1, "--sessions", 1, "--seed", 9)
    own("store", "backup", "copy.sqlite", "--overwrite")
    assert len(own("--store", "sqlite:///copy.sqlite", "threads", "--json").rows) == len(copied) + 1
    assert "is the store itself" in own("store", "backup", "segue.db", "--overwrite", code=2).err
    assert own("store", "check").code == 0


@pytest.mark.slow
def test_pruning_counts_first_and_takes_only_old_checkpoints(own: Command) -> None:
    thread = own("threads", "--json").rows[0]["thread_id"]
    before = own("show", thread, "--json").document
    counted = own("store", "prune", thread, "--json").document
    assert counted["checkpoints"] > 0 and not counted["removed"]
    assert len(own("history", thread, "--json").rows) > 1
    assert own("store", "prune", thread, "--really", "--json").document["removed"]
    assert len(own("history", thread, "--json").rows) == 1
    assert own("show", thread, "--json").document == before
    assert own("store", "check", "--json").document["sound"]


def test_a_store_of_a_newer_segue_is_refused(own: Command) -> None:
    with sqlite3.connect(own.folder / "segue.db") as connection:
        connection.execute("INSERT INTO schema_version VALUES (999, 'from_the_future', '2100-01-01')")
    connection.close()
    refused = own("threads", code=1)
    assert "999" in refused.err and "newer segue" in refused.err
