"""Criteria: what they say of a card, and their one line of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import InputError
from segue.state.criteria import NUMBERS, PRESENCE, Clause, Criteria, Predicate, comparable
from segue.state.criteria_text import FIELDS, criteria_text, read_criteria, read_new_criteria
from segue.state.values import Medium, TrackCard

CARD = TrackCard(
    track_id="t1",
    title="Glory Box",
    artists=("Portishead",),
    album="Dummy",
    release_date="1994-08-22",
    tags=("Trip-Hop", "melancholic"),
    tempo=60.1,
    key="D# minor",
    chords=("Cm", "G"),
    popularity=77.0,
    lyrics="I'm so tired of playing",
    duration=305.0,
    language="English",
    image=Medium(kind="image", digest="1" * 32, mime_type="image/jpeg"),
)
BARE = TrackCard(track_id="t2", title="Untitled", artists=("Nobody",))

texts = st.text(min_size=1).filter(lambda text: bool(text.strip()))
numbers = st.floats(0, 5000).map(lambda number: round(number, 3))


@st.composite
def predicates(draw: st.DrawFn) -> Predicate:
    field = draw(st.sampled_from(FIELDS))
    said: dict[str, object] = {"field": field, "negated": draw(st.booleans())}
    if field in NUMBERS:
        low, high = sorted((draw(numbers), draw(numbers)))
        said |= draw(st.sampled_from([{"low": low}, {"high": high}, {"low": low, "high": high}]))
    else:
        said["value"] = "yes" if field in PRESENCE else draw(texts)
    return Predicate.model_validate(said)


clauses = st.lists(predicates(), min_size=1, max_size=3).map(lambda tests: Clause(any_of=tuple(tests)))
criteria = st.lists(clauses, min_size=1, max_size=3).map(lambda found: Criteria(all_of=tuple(found)))


@pytest.mark.parametrize(
    ("text", "met", "bare"),
    [
        ("tag: trip hop", True, None),
        ("tag: soul | trip hop", True, None),
        ("tag: soul", False, None),
        ("not tag: soul", True, None),
        ("artist: PORTISHEAD; year: 1990..1999", True, False),
        ("year: 1994", True, None),
        ("year: ..1993", False, None),
        ("tempo: 92..", False, None),
        ("key: d# minor; mode: minor", True, None),
        ("key: D minor", False, None),
        ("chord: Cm", True, None),
        ("lyrics: tired of playing", True, None),
        ("lyrics: tire", False, None),
        ("popularity: 60..", True, None),
        ("duration: ..310; language: english", True, None),
        ("cover: yes; not audio: yes", True, False),
        ("title: Glory Box; artist: Portishead", True, False),
        ("track: t2", False, True),
        ("tag: soul | artist: Nobody", False, True),
        ("album: Dummy | tempo: 1..2", True, None),
    ],
)
def test_what_a_card_meets_and_what_it_does_not_say(text: str, met: bool, bare: bool | None) -> None:
    found = read_criteria(text)
    assert (found.met_by(CARD), found.met_by(BARE)) == (met, bare)
    assert criteria_text(found) == text


@given(criteria)
def test_what_is_written_is_read_back(found: Criteria) -> None:
    line = criteria_text(found)
    assert read_criteria(line) == found


@given(predicates(), st.sampled_from([CARD, BARE]))
def test_a_denied_test_says_the_contrary_or_nothing(test: Predicate, card: TrackCard) -> None:
    denied = test.model_copy(update={"negated": not test.negated}).met_by(card)
    assert denied is (None if test.met_by(card) is None else not test.met_by(card))


@given(criteria)
def test_all_clauses_must_hold_and_what_is_unknown_proves_nothing(found: Criteria) -> None:
    said = [clause.met_by(BARE) for clause in found.all_of]
    assert found.met_by(BARE) is (False if False in said else None if None in said else True)
    assert (BARE.track_id in found.satisfying([CARD, BARE])) is (found.met_by(BARE) is True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("mood: sad", "'mood' is no field of a track"),
        ("tag:", "tag is empty"),
        ("tag: a |", "tag is empty"),
        ("year: soon", "no number and no range"),
        ("year: 1999..1990", "1999 is above 1990"),
        ("cover: red", "cover takes yes"),
        ("sad", "'sad' is no field"),
        ('tag: "sad', "a quotation mark of tag is not closed"),
        ("tag: a;; tag: b", "is no field"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_criteria(text)
    assert ("fields are" if "no field" in caught.value.message else "write `") in (caught.value.hint or "")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert read_criteria(criteria_text(read_criteria(text)))
    except InputError as error:
        assert error.hint


def test_names_are_compared_by_their_words() -> None:
    assert comparable("Guns N’ Roses!") == comparable("guns n roses")
    assert comparable("???") == "???"


@pytest.mark.parametrize(
    "text", ["key: H minor", "key: Good", "key: A weird", "mode: dorian", "tag: soul; key: x | A minor"]
)
def test_new_criteria_name_keys_that_there_are(text: str) -> None:
    assert read_criteria(text), "what is kept is read as it is"
    with pytest.raises(InputError, match=r"is no (?:key|mode)"):
        read_new_criteria(text)


@pytest.mark.parametrize("key", ["A minor", "F#m", "Bb major", "c# minor", "C#/Db major", "E"])
def test_keys_are_spelled_in_many_ways(key: str) -> None:
    assert read_new_criteria(f"key: {key}").fields == ("key",)


def test_a_field_that_there_is_not_is_told_in_short_lines() -> None:
    with pytest.raises(InputError) as caught:
        read_criteria("tags: soul")
    assert str(caught.value.hint).startswith("did you mean tag? fields are track, ")
    assert max(map(len, str(caught.value).splitlines())) < 100
