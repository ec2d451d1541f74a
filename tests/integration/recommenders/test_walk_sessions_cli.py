"""Simulated listening sessions: written, played on, and learned from beside others."""

from __future__ import annotations

import json

import pytest
import segue
from support.command import Command


@pytest.mark.slow
def test_conversations_on_simulated_sessions_are_learned_from_beside_others(command: Command) -> None:
    made = command("walk", "sessions", "simulated", "--count", 12, "--json").document
    assert made["sessions"] == 12 and 0 < made["qualifying"] <= 12
    lines = (command.folder / "simulated" / "sessions.jsonl").read_text("utf-8").splitlines()
    sessions = [json.loads(line) for line in lines]
    assert {each["origin"] for each in sessions} == {"simulated"}
    assert all(len(set(each["track_ids"])) == len(each["track_ids"]) for each in sessions)
    other = ("--store", "sqlite:///other.db")
    command("run", "--catalog", "simulated", "--sessions", 2, "--turns", 2, "--modalities", "text", *other)
    command("export", "more", "--split", "none", "--no-pictures", "--catalog", "simulated", *other)
    command("run", "--sessions", 4, "--turns", 2, "--modalities", "text")
    plain = command("talkplay", "data", "td", "--json").document
    whole = command("talkplay", "data", "td2", "--more", "more", "--json").document
    assert whole["more"] and not plain["more"]
    assert whole["counts"]["train_conversations"] == plain["counts"]["train_conversations"] + 2
    assert whole["counts"]["test_conversations"] == plain["counts"]["test_conversations"]
    said = command("talkplay", "data", "td3", "--data", "more", "--more", "more", code=2).err
    assert "is on the session" in said and not (command.folder / "td3").exists()


def test_what_is_there_or_cannot_be_played_on_is_refused(command: Command) -> None:
    command("walk", "sessions", "simulated", "--count", 3)
    assert "is there already" in command("walk", "sessions", "simulated", code=2).err
    said = command("walk", "sessions", "short", "--count", 3, "--turns", 2, "--slate", 2, code=2).err
    assert "no session has the 21 tracks" in said and not (command.folder / "short").exists()


def test_the_same_seed_gives_the_same_sessions(command: Command) -> None:
    files = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        segue.walk_sessions(command.folder / name, 5, seed=seed)
        files.append((command.folder / name / "sessions.jsonl").read_bytes())
    assert files[0] == files[1] != files[2]


def test_counts_are_bounded(command: Command) -> None:
    with pytest.raises(segue.SegueError, match="count"):
        segue.walk_sessions(command.folder / "none", 0)
