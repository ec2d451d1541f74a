"""What a message asks for: not by an aside, nor by a remark on what was heard, nor by a figure in a name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from segue.models.offline.asides import without_asides
from segue.models.offline.facts import TrackFacts
from segue.models.offline.grammar import load_words
from segue.models.offline.lexicon import clash, repeats, tag_wish
from segue.models.offline.understanding import Vocabulary, understand
from segue.models.offline.wishes import Wish

TRACK = TrackFacts(
    track_id="a",
    title="Harbour",
    artists=("The Lamps",),
    album="Tonight",
    year=None,
    tags=("calm", "folk", "80s pop", "piano"),
    tempo=92.0,
    key="A minor",
    chords=("Am",),
    popularity=20.0,
    lyrics="the harbour sleeps",
    clip=False,
    cover=False,
)
NAMES = Vocabulary.of([TRACK])


@pytest.mark.parametrize("name", ["doing", "when", "who", "where", "vague_when", "recalled", "body"])
def test_a_circumstance_is_never_a_wish(name: str) -> None:
    empty = Vocabulary.of([])
    for phrase in load_words("life")[name]:
        heard = understand(f"I'm thinking of it, {phrase}, by the way.", empty)
        assert heard.wishes == () and not heard.other_artist, phrase


def test_talk_of_own_music_asks_for_nothing() -> None:
    for text in load_words("life")["taste"]:
        said = text
        for slot in ("own_artist", "own_title", "own_genre", "own_album"):
            said = said.replace(
                f"{{{slot}}}", {"own_artist": "The Lamps", "own_genre": "folk"}.get(slot, "Harbour")
            )
        heard = understand(f"{said}. Some piano, please.", NAMES)
        assert heard.wanted == (Wish("tag", "piano"),), said


def test_what_is_meant_by_name_is_no_aside() -> None:
    assert "Tonight" in without_asides("off “Tonight”, tonight", set())
    assert without_asides("my aunt, tonight", {"tonight"}).endswith("tonight")


def test_praise_before_the_request_is_no_wish_and_more_of_it_is() -> None:
    assert understand("That calm folk was right. With piano?", NAMES, TRACK).wanted == (Wish("tag", "piano"),)
    more = understand("More folk of that kind. And piano?", NAMES, TRACK).wanted
    assert [wish.text for wish in more] == ["folk", "piano"]
    missed = understand("I miss the tango in it. Once more?", NAMES, TRACK).wanted
    assert [wish.text for wish in missed] == ["tango"]


def test_a_decade_in_the_name_of_a_tag_is_no_decade_asked_for() -> None:
    assert understand("some 80s pop", NAMES).wanted == (tag_wish("80s pop"),)
    assert Wish("decade", 1980.0) in understand("some folk from the 80s", NAMES).wanted


@pytest.mark.parametrize("said", ["Who else has piano?", "By someone different?", "Besides them, who else?"])
def test_who_else_asks_for_another_artist(said: str) -> None:
    assert understand(said, NAMES, TRACK).other_artist


def test_a_fresh_wish_is_heard_as_one() -> None:
    assert understand("Change of plan: some tango.", NAMES, TRACK).afresh
    assert not understand("More folk, please.", NAMES, TRACK).afresh


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Wish("decade", 1990.0), Wish("decade", 2010.0)),
        (Wish("decade", 1990.0), Wish("year", 2014.0)),
        (tag_wish("90s pop"), Wish("decade", 2010.0)),
        (Wish("pace", "slow"), tag_wish("energetic")),
        (tag_wish("calm"), tag_wish("furious")),
        (Wish("known", "well"), Wish("known", "little")),
        (Wish("sung", "none"), Wish("line", "the harbour sleeps")),
    ],
)
def test_nothing_can_be_both(one: Wish, other: Wish) -> None:
    assert clash(one, other) and clash(other, one)


def test_what_goes_together_does_not_clash_and_what_says_the_same_repeats() -> None:
    assert not clash(tag_wish("90s pop"), Wish("year", 1994.0))
    assert not clash(tag_wish("calm"), tag_wish("folk"))
    assert repeats(Wish("year", 1994.0), Wish("decade", 1990.0))
    assert repeats(tag_wish("calm"), tag_wish("mellow"))
    assert not repeats(tag_wish("calm"), Wish("pace", "slow"))


def test_a_tempo_at_the_border_of_two_paces_is_of_both() -> None:
    assert [pace for pace in ("slow", "mid", "fast") if Wish("pace", pace).met_by(TRACK)] == ["slow", "mid"]
    assert not Wish("pace", "slow").met_by(replace(TRACK, tempo=None))
