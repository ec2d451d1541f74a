"""Commands that read change nothing, and read a store wherever it lies."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command
from support.places import read_only_copy

GOLDEN = Path(__file__).parents[1] / "golden"
TRUNK, BRANCH, IMPORTED = "f2852e3c36ab", "09a5285de612", "acd3eaf29caa"

READING = (
    ["threads", "--json"],
    ["runs", "--json"],
    ["runs", "first", "--json"],
    ["cost", "--json"],
    ["stats", "--json"],
    ["show", TRUNK, "--json"],
    ["history", TRUNK, "--json"],
    ["history", IMPORTED, "--json"],
    ["tree", TRUNK, "--json"],
    ["replay", TRUNK, BRANCH, "--json"],
    ["replay", TRUNK, BRANCH, "--verify", "--json"],
    ["compare", TRUNK, BRANCH, "--json"],
    ["audit", TRUNK, "--json"],
    ["audit", "--data", "first", "--json"],
    ["judge", "--report", "--json"],
    ["estimate", "--sessions", "1", "--json"],
    ["export", "{out}", "--run", "first"],
    ["store", "check", "--json"],
    ["store", "path"],
    ["store", "backup", "{out}"],
    ["store", "prune", TRUNK, "--json"],
)


def said(command: Command, arguments: list[str], store: Path, out: Path) -> str:
    """What the command prints of the store."""
    shutil.rmtree(out, ignore_errors=True)
    out.unlink(missing_ok=True)
    filled = [argument.format(out=out) for argument in arguments]
    printed = command("--store", f"sqlite:///{store}", *filled).out
    return printed.replace(str(store), "STORE").replace(str(out), "OUT")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the store of schema version 2, to read alone."""
    folder = tmp_path_factory.mktemp("kept")
    shutil.copy(GOLDEN / "store.db", folder / "segue.db")
    return folder


@pytest.fixture(scope="module")
def sealed(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same where nothing can be written."""
    with read_only_copy(kept, tmp_path_factory.mktemp("media") / "sealed") as folder:
        yield folder


@pytest.mark.parametrize("arguments", READING, ids=[" ".join(each) for each in READING])
def test_reading_leaves_every_byte_as_it_was(
    arguments: list[str], kept: Path, command: Command, tmp_path: Path
) -> None:
    before = contents(kept)
    assert said(command, arguments, kept / "segue.db", tmp_path / "out") is not None
    assert contents(kept) == before


@pytest.mark.slow
@pytest.mark.parametrize("arguments", READING, ids=[" ".join(each) for each in READING])
def test_a_store_on_a_read_only_medium_is_read(
    arguments: list[str], kept: Path, sealed: Path, command: Command, tmp_path: Path
) -> None:
    here = said(command, arguments, kept / "segue.db", tmp_path / "out")
    assert said(command, arguments, sealed / "segue.db", tmp_path / "out") == here


@pytest.mark.parametrize("arguments", [["run"], ["retry", "first"], ["store", "prune", "--really"]])
def test_what_writes_says_that_it_cannot(arguments: list[str], sealed: Path, command: Command) -> None:
    told = command("--store", f"sqlite:///{sealed / 'segue.db'}", *arguments, code=1).err
    assert f"no permission to read and write '{sealed / 'segue.db'}'" in told


def test_a_store_of_an_earlier_version_is_brought_up_to_date_when_asked(kept: Path, tmp_path: Path) -> None:
    shutil.copy(kept / "segue.db", tmp_path / "segue.db")
    command = Command(tmp_path, tmp_path)
    before = command("threads", "--json").out
    assert (tmp_path / "segue.db").read_bytes() == (kept / "segue.db").read_bytes()
    assert "is up to date" in command("store", "upgrade").err
    assert (tmp_path / "segue.db").read_bytes() != (kept / "segue.db").read_bytes()
    assert json.loads(before.splitlines()[0]) == command("threads", "--json").rows[0]


def test_an_emptied_store_is_noticed(command: Command) -> None:
    command.write("", "segue.db")
    os.utime(command.folder / "segue.db", (0, 0))
    for arguments in (["threads"], ["run"], ["store", "check"]):
        told = command(*arguments, code=1).err
        assert "'segue.db' is empty: a store was emptied" in told and "rm segue.db" in told
    assert (command.folder / "segue.db").stat().st_size == 0
