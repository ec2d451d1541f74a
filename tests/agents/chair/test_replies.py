"""Replies by template: true of the track, and another one each time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from segue.agents.chair.replies import facts_of, replies
from segue.core.hashing import digest
from segue.state.values import TrackCard
from support.state.states import card

FULL = card("pool", 3)
BARE = TrackCard(track_id="x", title="A Song", artists=("Ann", "Bo", "Cy"))

SAID = "69c9e708da3e342f43b264431040115c"


def talked(tracks: Sequence[TrackCard], stream: str = "stream") -> list[str]:
    """What is said of these, one after the other."""
    said: list[str] = []
    for number, track in enumerate(tracks):
        heard = zip(tracks[:number], said, strict=True)
        said.append(replies().reply(track, stream, heard))
    return said


def test_a_conversation_hears_each_wording_once_before_any_again() -> None:
    count = len(replies().wordings)
    heard = talked([FULL] * count)
    assert count >= 12 and len(set(heard)) == count
    assert heard == talked([FULL] * count) != talked([FULL] * count, "another")
    mixed = talked([BARE, FULL, BARE, FULL, BARE, FULL, BARE, BARE])
    assert len(set(mixed)) == len(mixed)
    assert len(talked([BARE] * 40)) == 40


def test_only_what_is_known_is_told() -> None:
    heard = set(talked([BARE] * 16))
    assert len(heard) >= 5
    assert all("“A Song”" in said and "Ann, Bo and Cy" in said for said in heard)


def test_every_wording_names_the_track_and_its_artists_and_nothing_unknown() -> None:
    for wording in replies().wordings:
        fields = set(re.findall(r"{(\w+)}", wording))
        assert {"title", "artist"} <= fields <= facts_of(FULL).keys()


@given(
    title=st.text(min_size=1).filter(str.strip),
    stream=st.text(max_size=3),
    tags=st.lists(st.text(), max_size=3),
    date=st.none() | st.text(max_size=10),
)
def test_any_track_has_words(title: str, stream: str, tags: list[str], date: str | None) -> None:
    track = TrackCard(track_id="x", title=title, artists=("{artist}",), tags=tuple(tags), release_date=date)
    said = replies().reply(track, stream)
    assert 2 <= len(said.strip()) <= 1000 and "{artist}" in said


def test_words_of_stored_conversations_are_found_again() -> None:
    """Whoever changes this makes every conversation that was played with them unverifiable."""
    assert digest("\n".join(talked([FULL, BARE] * 8))) == SAID
