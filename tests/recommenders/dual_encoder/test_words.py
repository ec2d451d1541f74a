"""Words that tell something, and the artists that are named."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from segue.catalog.joining.tags import TagFile
from segue.recommenders.dual_encoder.groups import groups_of, groups_of_tags
from segue.recommenders.dual_encoder.words import NamedArtists, artist_key, told_words
from support.recommenders.encoding import artist, found


def test_styles_that_are_written_in_several_ways_are_one_word() -> None:
    for said in ("R&B", "r and b", "R n B", "rnb"):
        assert "rnb" in told_words(f"I'd like some {said} please")
    assert {"hiphop"} <= set(told_words("Hip-Hop")) & set(told_words("hip hop"))
    assert "the" not in told_words("the dub") and "dub" in told_words("the dub")


@given(st.text(max_size=80))
def test_any_text_has_words_each_once(text: str) -> None:
    words = told_words(text)
    assert len(words) == len(set(words)) and all(words)
    assert NamedArtists(["", "the", "ab", "Dub Lantern"])(text) is not None


def test_the_longest_name_is_found_and_common_words_are_none() -> None:
    named = NamedArtists(map(artist_key, ["Lantern", "Blue Lantern", "The Who", "You", "Beyoncé"]))
    assert named("more blue lantern and BEYONCE, thank you") == ("blue lantern", "beyonce")
    assert named("who are you") == ()


def test_groups_are_of_several_artists_and_told_by_what_is_no_name() -> None:
    groups = list(groups_of(found()))
    assert len(groups) == 4 + 10 - 0 and all(len(group.artists) > 1 for group in groups)
    assert groups[0].words == ("soul",) and len(groups[0].artists) == 5
    table = pl.DataFrame({"artist": [artist(0), "X", artist(1)], "tag_list": [["Soul"], ["dub"], ["soul"]]})
    assert [(len(each.artists), each.words) for each in groups_of_tags([TagFile("t", True, table)])] == [
        (2, ("soul",))
    ]
