"""Tracks that a reply names: another one than is played, but no ordinary words and nothing that may be spoken of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.named_tracks import NamedTrack, bare_title, names_track, other_named, title_named

PICKED = NamedTrack("Shandi", ("KISS",), "Unmasked", ("glam rock", "Happy"), "shine on me, sunshine")
POOL = (
    NamedTrack("Broken Wings", ("Mr. Mister",), "Welcome to the Real World", ("pop rock",)),
    NamedTrack("All Out of Love (Remastered 2004)", ("Air Supply",), "Lost in Love"),
    NamedTrack("Sunshine", ("Poison", "Aswad")),
    NamedTrack("Workout", ("Aswad",)),
    NamedTrack("Los Angeles", ("Counting Crows",)),
    NamedTrack("Glam Rock", ("Sweetwater",)),
    NamedTrack("Mapa de la noche larga", ("Faroles del Sur",)),
    NamedTrack("雨の交差点", ("Mio Tachikaze",)),
    NamedTrack("Happy", ("Pharrell Williams",)),
)


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ("Here is Mr. Mister with a big chorus for your evening.", "Mr. Mister"),
        ("You will love “Broken Wings”, all chorus.", "Broken Wings"),
        ("Try Broken Wings by Mr. Mister.", "Broken Wings"),
        ("“Shandi” by KISS, which goes well with 'Broken Wings'.", "Broken Wings"),
        ("Then All Out of Love, a slow one.", "All Out of Love (Remastered 2004)"),
        ("Then “all out of love”, a slow one.", "All Out of Love (Remastered 2004)"),
        ("Nothing beats “Workout” here.", "Workout"),
        ("「雨の交差点」, then?", "雨の交差点"),
        ("Mapa de la noche larga walks slowly.", "Mapa de la noche larga"),
        ("It has to be Poison for this.", "Poison"),
        ("Los Angeles by Counting Crows.", "Los Angeles"),
    ],
)
def test_another_track_is_named(reply: str, name: str) -> None:
    found = other_named(reply, PICKED, POOL)
    assert found is not None and found.name == name
    assert found.by_title == (name not in ("Mr. Mister", "Poison"))


@pytest.mark.parametrize(
    "reply",
    [
        "“Shandi” by KISS, a ballad.",
        "KISS at their softest, nearer to Air Supply than to their make-up.",  # its own artist is named
        "A slow one about being all out of love, by KISS.",  # ordinary words
        "Do you need a 'workout' or a rest?",  # one word, not as the title is written
        "A band from Los Angeles with a soft side.",  # a short title without its artist
        "Glam Rock at its softest.",  # also what a genre is called
        "It is “sunshine” all the way.",  # stands in the words of the one played
        "“Happy”, says its tag.",  # a tag of the one played
        "Poison is a strong word; this is sweeter.",  # first of its sentence
        "No poison in this one, and nothing broken.",
        "Some Sweet Poison Theme of the eighties.",  # part of a longer name
        "",
    ],
)
def test_what_reads_as_ordinary_words_is_no_name(reply: str) -> None:
    assert other_named(reply, PICKED, POOL) is None


def test_what_the_listener_spoke_of_and_what_was_played_may_be_named() -> None:
    reply = "As warm as “Broken Wings” by Mr. Mister was."
    assert other_named(reply, PICKED, POOL) is not None
    assert other_named(reply, PICKED, POOL, ["I like broken wings, by mr. mister"]) is None
    assert other_named(reply, PICKED, POOL[1:], [POOL[0].names]) is None
    assert other_named("More of Mr. Mister's kind.", PICKED, POOL, ["anything by Mr. Mister?"]) is None


def test_a_title_alone_is_looked_for_where_no_track_is_played() -> None:
    assert title_named("Was it “Broken Wings”?", POOL) == POOL[0]
    assert title_named("Something of Mr. Mister?", POOL) is None
    assert title_named("Was it “Broken Wings”?", POOL, ["broken wings"]) is None


def test_two_tracks_of_one_title_are_not_told_apart() -> None:
    other = NamedTrack("Shandi - Live", ("Somebody Else",))
    assert other_named("“Shandi”, then.", PICKED, [other]) is None


def test_a_track_is_named_by_title_album_artist_or_a_long_word_of_it() -> None:
    track = NamedTrack("Hurt - 2002 Version", ("Johnny Cash", "Rick R"), "The Man Comes Around")
    for reply in ("“Hurt”!", "From The Man Comes Around.", "Johnny Cash it is", "the voice of Johnny"):
        assert names_track(reply, track), reply
    assert not names_track("Rick is slow", track) and not names_track("", track)
    assert bare_title("Hurt - 2002 Version") == "hurt" and bare_title("(Untitled)") == "untitled"


@given(st.text(max_size=80), st.sampled_from(POOL))
def test_the_name_found_is_one_of_another_track_and_what_is_known_is_never_found(
    reply: str, picked: NamedTrack
) -> None:
    others = [track for track in POOL if track is not picked]
    quoted = f"{reply} “{others[0].title}” {others[-1].artists[0]}"
    found = other_named(quoted, picked, others)
    assert found is None or found.name in (found.track.title, *found.track.artists)
    assert found is None or found.track is not picked
    assert other_named(quoted, picked, others, [quoted]) is None
    assert other_named(quoted, picked, []) is None


def test_capitals_tell_no_names_in_german() -> None:
    picked, other = NamedTrack("Tin Roof", ("Ada",)), NamedTrack("Der Alte Regen Fällt", ("Regen",))
    said = "Das ist etwas für dich, wenn der alte Regen und der Alte Regen Fällt und es nicht zu laut ist."
    assert other_named(said, picked, [other]) is None
    assert other_named(f"{said} Oder „Der Alte Regen Fällt“.", picked, [other]) is not None
