"""CPCD's files read: both releases, versions of a song as one item, and what is wrong with a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import CatalogError
from segue.recommenders.walk.cpcd.dialogs import read_dialogs
from segue.recommenders.walk.cpcd.items import CpcdItems
from support.catalog.sources import shared
from support.recommenders.cpcd_dialogs import dialog, small_dialogs, song, turn, write_dialogs


def test_the_first_three_likes_of_every_turn_before_are_known(tmp_path: Path) -> None:
    [found] = read_dialogs(write_dialogs(tmp_path / "d.jsonl", small_dialogs(1)))
    assert found.seeds_before(0) == ()
    assert found.seeds_before(1) == ("0-0", "0-1", "0-2")
    assert found.seeds_before(2) == ("0-0", "0-1", "0-2", "1-0", "1-1", "1-2")


def test_versions_of_a_song_are_one_item(tmp_path: Path) -> None:
    row = dialog("d", [turn("hi")], [])
    row["tracks"]["other"] = row["tracks"][song(0, 0)] | {"track_ids": "other", "track_titles": "Live"}
    items = CpcdItems.of_dialogs(read_dialogs(write_dialogs(tmp_path / "d.jsonl", [row])))
    assert items.items(["other", song(0, 0), song(0, 1), "never told"]) == ("c0-0", "c0-1", "never told")
    assert items.table.texts[items.table.place_of["c0-0"]].title == "Song number 0"


def test_a_track_of_the_first_release_takes_its_cluster_from_the_second(tmp_path: Path) -> None:
    rows = [dialog("a", [turn("hi")], [], cluster=False), dialog("b", [turn("hi")], [])]
    for order in (rows, rows[::-1]):
        items = CpcdItems.of_dialogs(read_dialogs(write_dialogs(tmp_path / "d.jsonl", order)))
        assert items.item(song(0, 0)) == "c0-0"
        assert len(items.table.ids) == len(rows[0]["tracks"])


def test_a_track_without_a_cluster_is_an_item_of_its_own(tmp_path: Path) -> None:
    rows = [dialog("a", [turn("hi")], [], cluster=False)]
    items = CpcdItems.of_dialogs(read_dialogs(write_dialogs(tmp_path / "d.jsonl", rows)))
    assert items.item(song(0, 0)) == song(0, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "line 1"),
        ('{"id": "a", "turns": [], "tracks": {}}', "goal_playlist"),
        ('{"id": "a", "turns": [{}], "tracks": {}, "goal_playlist": []}', "user_query"),
        ("", "holds no conversations"),
    ],
)
def test_a_line_that_is_none_is_told_of(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=told):
        read_dialogs(path)


def test_a_conversation_that_is_there_twice_is_told_of(tmp_path: Path) -> None:
    write_dialogs(tmp_path / "a.jsonl", small_dialogs(1))
    write_dialogs(tmp_path / "b.jsonl", small_dialogs(1))
    with pytest.raises(CatalogError, match="'d0' was already read"):
        read_dialogs(tmp_path)


def test_both_releases_are_read() -> None:
    dialogs = read_dialogs(shared("cpcd"))
    items = CpcdItems.of_dialogs(dialogs)
    assert (len(dialogs), len(items.of_track), len(items.table.ids)) == (450, 15_418, 15_339)
