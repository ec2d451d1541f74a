"""A change that is asked for: what a pick does with it, and what is known of a song."""

from __future__ import annotations

from typing import Any

import pytest
from segue.evaluation.audits.conversation import Song
from segue.evaluation.audits.language.pivots import PivotRequest, is_honoured
from segue.evaluation.audits.language.wishes import facts_of


def test_a_row_of_metadata_is_read_as_the_offline_model_knows_a_track() -> None:
    row = {
        "track_id": "t", "track_name": ["Tin Roof"], "artist_name": ["Ann", "Bo"], "album_name": ["Home"],
        "release_date": "1971-03-01", "tag_list": ["Folk", "ann", "Tin roof", "calm", "!"], "tempo": 96.0,
        "key": "A minor", "chords": ["Am", "F"], "popularity": 40.0,
    }  # fmt: skip
    facts = facts_of(row)
    assert (facts.track_id, facts.title, facts.artists, facts.album) == (
        "t",
        "Tin Roof",
        ("Ann", "Bo"),
        "Home",
    )
    assert (facts.year, facts.tempo, facts.key, facts.chords) == (1971, 96.0, "A minor", ("Am", "F"))
    assert (facts.tags, facts.popularity, facts.lyrics) == (("folk", "calm"), 40.0, None)
    assert not facts.clip and not facts.cover
    bare = facts_of({"track_id": "t", "release_date": "soon"})
    assert (bare.title, bare.artists, bare.album, bare.year, bare.tags) == ("", ("",), None, None, ())
    assert facts_of({**row, "tag_list": [f"tag{n}" for n in range(12)]}).tags[-1] == "tag9", "at most ten"


SONG = {"artist_name": ["Ann"], "tag_list": ["jazz", "calm"]}


def _song(**changes: Any) -> Song:
    return Song.of({"track_id": "t", "track_name": ["x"], **SONG, **changes})


@pytest.mark.parametrize(
    ("request_", "pick", "honoured"),
    [
        (PivotRequest("artist"), _song(artist_name=["Bo"]), True),
        (PivotRequest("artist"), _song(artist_name=["Bo", "Ann"]), False),
        (PivotRequest("artist", refused="cy"), _song(), True),
        (PivotRequest("artist", refused="ann"), _song(), False),
        (PivotRequest("genre", refused="jazz"), _song(), False),
        (PivotRequest("genre", refused="jazz"), _song(tag_list=["rock"]), True),
        (PivotRequest("genre", wanted="jazz"), _song(), True),
        (PivotRequest("genre", wanted="jazz"), _song(tag_list=["rock"]), False),
        (PivotRequest("genre"), _song(tag_list=["rock"]), True),
        (PivotRequest("genre"), _song(tag_list=["jazz"]), False),
        (PivotRequest("mood"), _song(tag_list=["jazz", "calm"]), False),
        (PivotRequest("mood"), _song(tag_list=["jazz", "angry"]), True),
        (PivotRequest("genre", refused="jazz"), _song(tag_list=[]), None),
    ],
)
def test_what_a_pick_does_with_a_request(request_: PivotRequest, pick: Song, honoured: bool | None) -> None:
    """Played so far: jazz, calm, by Ann."""
    assert is_honoured(request_, pick, [_song()]) is honoured


def test_nothing_is_known_of_a_change_from_a_song_without_such_tags() -> None:
    assert is_honoured(PivotRequest("genre"), _song(), [_song(tag_list=["calm"])]) is None
