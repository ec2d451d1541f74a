"""Conversations with slates as data sets: walked ones, and people's of either release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from segue.core.errors import CatalogError
from segue.dataset.opening import open_dataset
from support.catalog.sources import shared
from support.recommenders.cpcd_dialogs import small_dialogs, write_dialogs
from support.recommenders.walked import wording

FIRST = "cpcd/first-release-2023-04/cpcd_v1.dialogs.dev.train.jsonl"
CURRENT = "cpcd/cpcd_v1.dialogs.dev.val.jsonl"


def test_walked_rows_show_the_whole_slate(tmp_path: Path) -> None:
    file = tmp_path / "walks.jsonl"
    file.write_bytes(wording().generator.chunk(0, 5))
    opened, made = open_dataset(file), [json.loads(line) for line in file.read_bytes().splitlines()]
    rows = list(opened.rows())
    assert opened.splits == {"walks": 5} and [row["session_id"] for row in rows] == [
        row["id"] for row in made
    ]
    for row, whole in zip(rows, made, strict=True):
        for turn in whole["turns"]:
            number = whole["turns"].index(turn) + 1
            said = [m for m in row["conversations"] if m["turn_number"] == number]
            assert [m["content"] for m in said if m["role"] == "music"] == turn["slate"]
            assert (said[0]["content"], said[-1]["content"]) == (turn["user"], turn["reply"])
    assert opened.tracks() == {} and "thought" not in rows[0]["conversations"][0]


def test_a_silent_helper_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "walks.jsonl"
    file.write_bytes(wording(replies=False).generator.line(0))
    [row] = open_dataset(file).rows()
    assert {message["role"] for message in row["conversations"]} == {"user", "music"}


def test_people_s_dialogs_bring_their_tracks(tmp_path: Path) -> None:
    opened = open_dataset(write_dialogs(tmp_path / "d.jsonl", small_dialogs()))
    first = next(iter(opened.tracks().values()))
    assert first["artist_name"] == ["Amber Tide"] and first["album_name"] == ["Collected"]
    music = [m for row in opened.rows() for m in row["conversations"] if m["role"] == "music"]
    assert music and all(message["content"] in opened.tracks() for message in music)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: is not JSON"),
        ('{"session_id": "x", "conversations": []}', "line 2, field 'turns': is no conversation with slates"),
        ('{"id": "x", "turns": [{"user": "a", "slate": ["t"]}]}', "line 2: lacks 'reply'"),
        ('{"id": "x", "turns": [{"user": 1, "slate": ["t"], "reply": ""}]}', "line 2, field 'conversations"),
        ('{"id": "x", "turns": [{"user": "a", "slate": 3, "reply": ""}]}', "line 2: is no conversation"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "walks.jsonl"
    file.write_bytes(wording().generator.line(0) + line.encode() + b"\n")
    with pytest.raises(CatalogError) as told:
        list(open_dataset(file).rows())
    assert said in str(told.value)


@pytest.mark.parametrize(("name", "words", "talks"), [(CURRENT, 10.46, 50), (FIRST, 10.54, 400)])
def test_both_releases_are_read(name: str, words: float, talks: int) -> None:
    opened = open_dataset(shared(name))
    assert sum(opened.splits.values()) == talks == sum(1 for _ in opened.rows())
    said = [m["content"] or "" for row in opened.rows() for m in row["conversations"] if m["role"] == "user"]
    assert sum(len(text.split()) for text in said) / len(said) == pytest.approx(words, abs=0.08)
