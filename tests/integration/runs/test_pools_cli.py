"""Pools beyond what a prompt can show, at the command line: played, branched, proved and told without the catalogue."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.command import Command

RUN = ("run", "--pool", "catalogue", "--shortlist", 8, "--modalities", "text", "--turns", 3)


def begun(command: Command) -> Command:
    """A finished conversation on the demo catalogue in a folder."""
    command("catalog", "demo", "music")
    command(*RUN, "--catalog", "music", "--json")
    return command


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Command:
    """For tests that read."""
    return begun(Command(tmp_path_factory.mktemp("pools"), cache))


@pytest.fixture
def own(command: Command) -> Command:
    """The same, and its catalogue, to write into and to move."""
    return begun(command)


@pytest.fixture
def thread(shared: Command) -> str:
    return str(shared("threads", "--json").rows[0]["thread_id"])


def unseen(command: Command, thread: str, catalog: Path) -> str:
    """A track that the conversation never heard of."""
    known = command.show(thread)["tracks"]
    rows = (catalog / "tracks.jsonl").read_text("utf-8").splitlines()
    return next(i for line in rows if (i := str(json.loads(line)["track_id"])) not in known)


@pytest.mark.slow
def test_what_is_shown_of_it(shared: Command, thread: str) -> None:
    told = shared(*RUN, "--catalog", "music")
    assert "bm25 finds 8 of them for the recsys each turn" in told.err
    document = shared.show(thread)
    assert [(each["turn"], len(each["track_ids"])) for each in document["shortlists"]] == [
        (1, 8),
        (2, 8),
        (3, 8),
    ]
    picks = [turn["recsys"]["track_id"] for turn in document["turns"]]
    assert all(pick in each["track_ids"] for pick, each in zip(picks, document["shortlists"], strict=True))
    rows = shared("history", thread, "--json").rows
    assert [(row["turn"], row["agent"]) for row in rows[3:6]] == [
        (1, "listener"),
        (1, "retriever"),
        (1, "recsys"),
    ]
    assert "shortlists: 8 tracks" in shared("history", thread).out
    assert "♪" in shared("show", thread).out


@pytest.mark.slow
def test_reading_needs_no_catalogue(own: Command, thread: str, tmp_path: Path) -> None:
    shutil.move(own.folder / "music", tmp_path / "away")
    assert own("replay", thread, "--verify").out.endswith("checkpoints equal\n")
    report = own("audit", "--json").document
    assert report["sound"] and report["matrix"]["listener"]["shortlists"]["searched"]
    assert report["matrix"]["recsys"]["shortlists"]["rule"] == "reads"
    own("export", "out")
    [extra] = _rows(own.folder / "out", "extras")
    document = own.show(thread)
    found = {i for each in document["shortlists"] for i in each["track_ids"]}
    assert set(extra["pool"]) == {*document["pool"], *found}
    assert {row["track_id"] for row in _rows(own.folder / "out", "tracks")} >= found
    own("stats")
    own("audit", "--data", "out", "--json", code=(0, 1))


def _rows(folder: Path, part: str) -> list[dict[str, Any]]:
    return [row for file in (folder / part).rglob("*.parquet") for row in pl.read_parquet(file).to_dicts()]


@pytest.mark.slow
def test_any_track_of_the_pool_can_be_played(own: Command, thread: str) -> None:
    track = unseen(own, thread, own.folder / "music")
    flags = ("branch", thread, "--turn", 2, "--agent", "recsys", "--json")
    [row] = own(*flags, "--track", track).rows
    made = own.show(row["thread_id"])
    assert made["turns"][1]["recsys"]["track_id"] == track
    [spoken] = own(*flags, "--track", track, "--say", "Try this one.").rows
    assert own.show(spoken["thread_id"])["turns"][1]["recsys"]["message"] == "Try this one."
    refused = own(*flags, "--track", "no-such-track", code=2)
    assert "not in the pool" in refused.err and "of the catalogue" in refused.err
    assert (
        own("replay", row["thread_id"], spoken["thread_id"], "--verify").out.count("checkpoints equal") >= 2
    )
    assert own("audit", "--json").document["sound"]


def test_a_catalogue_that_was_moved_is_named(own: Command, thread: str, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    start = ("branch", thread, "--turn", 2, "--agent", "recsys", "--seed", 5, "--json")
    shutil.move(own.folder / "music", moved)
    assert "name it with --catalog" in own(*start, code=2).err
    [row] = own(*start, "--catalog", moved).rows
    assert row["status"] == "done"
    first = (moved / "sessions.jsonl").read_text("utf-8").splitlines()[0]
    (moved / "sessions.jsonl").write_text(first + "\n", "utf-8")
    other = own(*start, "--catalog", moved, code=2)
    assert "is not the catalogue of run" in other.err and "--catalog" in other.err


@pytest.mark.slow
def test_workers_find_the_same(shared: Command, tmp_path: Path) -> None:
    own = Command(tmp_path, shared.cache)
    flags = (*RUN, "--catalog", shared.folder / "music", "--sessions", 3, "--json")
    rows = own(*flags, "--engine", "processes").rows
    here = Command(tmp_path / "here", shared.cache)
    here.folder.mkdir()
    assert [row["thread_id"] for row in here(*flags).rows] == [row["thread_id"] for row in rows]
    for row in rows:
        assert here.show(row["thread_id"])["shortlists"] == own.show(row["thread_id"])["shortlists"]
    made = own(
        "branch", rows[0]["thread_id"], "--turn", 2, "--agent", "recsys", "--engine", "processes", "--seed", 3
    )
    assert "done" in made.out


@pytest.mark.slow
def test_it_is_estimated_and_taken_up_again(shared: Command, tmp_path: Path) -> None:
    own = Command(tmp_path, shared.cache)
    flags = ("--pool", "catalogue", "--modalities", "text", "--turns", 2, "--answer-rules", 3)
    model = ("--model", "google_genai:gemini-2.5-flash")
    whole = own("estimate", *flags[2:], *model, "--json").document
    wide = own("estimate", *flags, *model, "--json").document
    assert wide["by_agent"]["recsys"]["calls"] == whole["by_agent"]["recsys"]["calls"] == 2
    name = own("run", *flags, "--name", "wide", "--json").rows[0]["thread_id"]
    assert own("retry", "wide").code == 0
    assert own.show(name)["goal"]["criteria"]["track_ids"]


def test_settings_that_do_not_go_together(command: Command) -> None:
    assert "add --shortlist 32" in command("run", "--pool-size", 5000, code=2).err
    assert "add --pool catalogue" in command("run", "--retriever", "dense", code=2).err
    told = command("run", "--pool", "catalogue", "--prompt-layout", "own", code=2).err
    assert "the pool is not shown" in told
