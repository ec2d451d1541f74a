"""Collections, walks through them, and what is said on the way."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import ConfigError
from segue.recommenders.embeddings.arrays import of_length_1
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.collections import (
    FoundCollections,
    collections_of_dialogs,
    sorted_out,
    telling_title,
)
from segue.recommenders.walk.cpcd.dialogs import read_dialogs
from segue.recommenders.walk.cpcd.items import CpcdItems
from segue.recommenders.walk.generating import Generator
from segue.recommenders.walk.items import ItemTable
from segue.recommenders.walk.phrases import FIELDS, phrases_of
from segue.recommenders.walk.space import WalkSpace
from segue.recommenders.walk.walk_rows import RowLayout
from segue.recommenders.walk.walk_settings import LANGUAGES, WalkSettings
from segue.recommenders.walk.walking import walked
from support.recommenders.cpcd_dialogs import small_dialogs, write_dialogs

TAGS = ("soul", "dub", "folk", "house")


@cache
def found() -> FoundCollections:
    """Four tags of twenty tracks by four artists each."""
    texts = [
        TrackText(
            f"Song {i}", (f"Artist {i // 5}",), None, (TAGS[i // 20], "music"), f"{1970 + i // 20 * 10}", ""
        )
        for i in range(80)
    ]
    items = ItemTable(tuple(f"t{i}" for i in range(80)), tuple(texts))
    tags = [("tag", tag, range(20 * n, 20 * n + 20)) for n, tag in enumerate(TAGS)]
    artists = [("artist", f"Artist {n}", range(5 * n, 5 * n + 5)) for n in range(16)]
    return sorted_out(items, [*tags, *artists], 5, 50)


@cache
def vectors() -> Any:
    rng = np.random.default_rng(0)
    return of_length_1((np.repeat(np.eye(4), 20, axis=0) + 0.05 * rng.random((80, 4))).astype(np.float32))


def rows_of(count: int, layout: RowLayout = "segue", **settings: Any) -> list[dict[str, Any]]:
    generator = Generator(found(), vectors(), WalkSettings(**settings), 3, layout)
    return [json.loads(line) for _, part in generator.lines(count) for line in part.splitlines()]


def test_what_is_too_small_too_large_or_there_twice_is_counted() -> None:
    groups = [
        ("tag", "a", range(5)),
        ("tag", "b", range(4)),
        ("tag", "c", range(60)),
        ("tag", "d", [4, 3, 2, 1, 0, 0]),
    ]
    made = sorted_out(found().items, groups, 5, 50)
    assert [each.name for each in made.kept] == ["tag: a"]
    assert sum(made.left_out.values()) == 3 and len(made.left_out) == 3
    with pytest.raises(ConfigError, match="no collection"):
        sorted_out(found().items, groups[1:2], 5, 50)


def test_a_collection_is_told_by_what_it_has_more_often_than_others() -> None:
    by_name = {each.name: each.words for each in found().kept}
    assert by_name["tag: soul"] == ("soul",)
    assert by_name["artist: Artist 4"] == ("Artist 4", "dub"), "`music` is on all tracks"


def test_a_playlist_is_told_by_its_title_where_that_says_something() -> None:
    groups: list[Any] = [("playlist", name, range(5 * n, 5 * n + 5)) for n, name in enumerate("abcd")]
    titles = {"a": "rainy sunday drives", "b": "My Playlist", "c": "🎉 2017"}
    made = sorted_out(found().items, groups, 5, 50, titles)
    assert [each.words[0] for each in made.kept] == ["rainy sunday drives", "soul", "soul", "soul"]
    assert made.untitled == 3 and made.to_json()["untitled"] == 3


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("🤩🤪Post Teen Pop🤪🤩", "Post Teen Pop"),
        ("School Dance (Clean)", "School Dance (Clean)"),
        ("Hard Rock Workout!", "Hard Rock Workout"),
        ("my playlist 3", ""),
        ("2017", ""),
        ("a", ""),
        ("x" * 51, ""),
    ],
)
def test_what_of_a_title_tells_something(title: str, told: str) -> None:
    assert telling_title(title) == told


@given(st.text(max_size=60))
def test_a_telling_title_is_a_short_one_with_words(title: str) -> None:
    told = telling_title(title)
    assert told in title
    assert not told or (len(told) <= 50 and any(sign.isalpha() for sign in told))


def test_collections_are_drawn_alike_by_size_or_by_source() -> None:
    sources = [(each.source, len(each.places)) for each in found().kept]
    assert set(found().weights("equal")) == {1.0}
    assert found().weights("size") == tuple(float(size) for _, size in sources)
    by_source = found().weights("source")
    for source in ("tag", "artist"):
        share = sum(w for w, (name, _) in zip(by_source, sources, strict=True) if name == source)
        assert share == pytest.approx(1)
    tags = [row["collection"]["source"] for row in rows_of(400, weights="source")].count("tag")
    assert 150 < tags < 250 and [r["collection"]["source"] for r in rows_of(400)].count("tag") < 120


def test_of_people_s_conversations_the_playlists_are_taken_and_not_a_word(tmp_path: Path) -> None:
    dialogs = read_dialogs(write_dialogs(tmp_path / "d.jsonl", small_dialogs()))
    made = collections_of_dialogs(dialogs, CpcdItems.of_dialogs(dialogs))
    assert made.by_source()["goal"][0] == 4 and made.by_source()["artist"][0] == 6
    assert "please" not in json.dumps([each.to_json() for each in made.kept])


@given(st.integers(0, 1 << 40), st.sampled_from(["walk", "random"]))
def test_no_track_is_shown_twice_and_what_is_liked_is_of_the_target(seed: int, slates: str) -> None:
    settings = WalkSettings(slates=slates, turns=6)
    space = WalkSpace.of(found().kept, vectors(), 5)
    walk = walked(space, settings, np.random.default_rng(seed))
    shown = [place for turn in walk.turns for place in turn.shown]
    assert len(shown) == len(set(shown)) and walk.turns
    for turn in walk.turns:
        assert set(turn.liked) == set(turn.shown) & space.sets[walk.target]
        assert not set(turn.rejected) & set(turn.liked) and set(turn.rejected) <= set(turn.shown)
        assert 1 <= len(turn.shown) <= settings.slate


def test_a_walk_shows_more_of_its_target_than_random_slates_do() -> None:
    def share(slates: str) -> float:
        rows = rows_of(300, slates=slates)
        turns = [turn for row in rows for turn in row["turns"]]
        return sum(len(turn["liked"]) for turn in turns) / sum(len(turn["slate"]) for turn in turns)

    assert share("walk") > share("random") + 0.1


@pytest.mark.slow
def test_a_seed_and_a_number_give_the_same_bytes_on_any_number_of_processes() -> None:
    generator = Generator(found(), vectors(), WalkSettings(), 7)
    whole = b"".join(part for _, part in generator.lines(1100))
    assert whole == b"".join(
        part for _, part in Generator(found(), vectors(), WalkSettings(), 7).lines(1100, workers=2)
    )
    assert whole.splitlines(keepends=True)[600] == generator.line(600)
    assert whole != b"".join(part for _, part in Generator(found(), vectors(), WalkSettings(), 8).lines(1100))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_phrases_of_a_language_are_whole(language: str) -> None:
    assert phrases_of(language).fields() == FIELDS
    assert all("{" not in turn["user"] for row in rows_of(50, language=language) for turn in row["turns"])


def test_people_s_utterances_are_as_long() -> None:
    """CPCD: 10.5 words on average, with a standard deviation of 6.8; a reply has 9."""
    words = [len(turn["user"].split()) for row in rows_of(600) for turn in row["turns"]]
    assert 9.5 <= np.mean(words) <= 11.5 and 5 <= np.std(words) <= 8.5
    assert len({turn["user"] for row in rows_of(600) for turn in row["turns"]}) > len(words) / 3


def test_the_wizard_s_side_may_be_silent() -> None:
    assert {turn["reply"] for row in rows_of(20, replies=False) for turn in row["turns"]} == {""}
    assert all(turn["reply"] for row in rows_of(20) for turn in row["turns"])


def test_a_row_in_cpcd_s_layout_is_read_as_such(tmp_path: Path) -> None:
    assert get_args(RowLayout) == ("segue", "cpcd")
    rows = rows_of(20, "cpcd")
    dialogs = read_dialogs(write_dialogs(tmp_path / "d.jsonl", rows))
    assert len(dialogs) == 20
    for dialog in dialogs:
        shown = {track for turn in dialog.turns for track in turn.search_results[0]}
        assert set(dialog.tracks) == shown and set(dialog.goal_playlist) <= shown
