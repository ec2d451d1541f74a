from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.models.offline.criteria import read_criteria, sayable, write_criteria
from segue.models.offline.facts import TrackFacts
from segue.models.offline.lexicon import tag_kind, tag_wish, theme_wish
from segue.models.offline.understanding import Vocabulary, understand
from segue.models.offline.wishes import Wish


def track(**changes: object) -> TrackFacts:
    fields: dict[str, object] = {
        "track_id": "1",
        "title": "Blue Rooms at Noon",
        "artists": ("Vela Morn",),
        "album": "Tin Sky",
        "year": 1996,
        "tags": ("shoegaze", "late night", "harp"),
        "tempo": 120.0,
        "key": "A minor",
        "chords": ("Am", "F"),
        "popularity": 50.0,
        "lyrics": "Down to the harbour\nwe carried the light",
        "clip": True,
        "cover": True,
    }
    return TrackFacts(**{**fields, **changes})  # type: ignore[arg-type]


HEARD = track()
OTHER = track(
    track_id="2", title="Salt", artists=("Old Quarry",), album=None, tags=("folk", "fiddle"), year=1974
)
VOCABULARY = Vocabulary.of([HEARD, OTHER])


def found(text: str, last: TrackFacts | None = HEARD) -> set[tuple[str, object, bool]]:
    return {(w.kind, w.value, w.wanted) for w in understand(text, VOCABULARY, last).wishes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Something slow with fiddle?", {("pace", "slow", True), ("tag", "fiddle", True)}),
        ("shoegaze around 96 BPM", {("tag", "shoegaze", True), ("bpm", 96.0, True)}),
        ("from the 90s, in A minor", {("decade", 1990.0, True), ("key", "A minor", True)}),
        ("maybe the seventies, or 1974", {("decade", 1970.0, True), ("year", 1974.0, True)}),
        ("not the 1970s", {("decade", 1970.0, False)}),
        ("less shoegaze, more fiddle", {("tag", "shoegaze", False), ("tag", "fiddle", True)}),
        ("folk instead of shoegaze", {("tag", "folk", True), ("tag", "shoegaze", False)}),
        ("I've had enough of Vela Morn.", {("artist", "Vela Morn", False)}),
        ("anything by Old Quarry", {("artist", "Old Quarry", True)}),
        ("no vocals please", {("sung", "voice", False)}),
        ("something obscure", {("known", "little", True)}),
        ("slower", {("slower", 116.0, True)}),
        ("more recent than that", {("newer", 1996.0, True)}),
        ("the one that goes “carried the light”", {("line", "carried the light", True)}),
        ("it has no fiddle", {("tag", "fiddle", True)}),
        ("fine song, no fiddle though", {("tag", "fiddle", True)}),
    ],
)
def test_requests_are_read(text: str, expected: set[tuple[str, object, bool]]) -> None:
    assert found(text) == expected


def test_a_theme_is_heard_where_lyrics_are_spoken_of() -> None:
    assert ("theme", "the sea", True) in found("a song about the sea")
    assert found("I live by the sea") == set()


def test_naming_what_was_played_asks_for_nothing() -> None:
    assert found("Vela Morn gets it. 1996, really?") == set()
    assert found("more Vela Morn!") == {("artist", "Vela Morn", True)}
    assert found("another one from 1996") == {("year", 1996.0, True)}


@pytest.mark.parametrize(
    "text", ["someone else now", "another artist, please", "Can a different band do it?"]
)
def test_changing_the_artist_is_heard(text: str) -> None:
    assert understand(text, VOCABULARY, HEARD).other_artist
    assert not understand("something else by them", VOCABULARY, HEARD).other_artist


def test_a_comparison_without_a_track_before_it_becomes_absolute() -> None:
    assert found("something slower", None) == {("pace", "slow", True)}
    assert found("something older", None) == set()


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert understand(text, VOCABULARY, HEARD) == understand(text, VOCABULARY, HEARD)


WISHES = [
    *(tag_wish("shoegaze"), tag_wish("late night"), theme_wish("the sea"), Wish("artist", "Vela Morn")),
    *(
        Wish("album", "Tin Sky"),
        Wish("title", "Blue Rooms at Noon"),
        Wish("year", 1996.0),
        Wish("decade", 1990.0),
    ),
    *(
        Wish("bpm", 120.0),
        Wish("key", "A minor"),
        Wish("mode", "minor"),
        Wish("chord", "Am"),
        Wish("pace", "mid"),
    ),
    *(Wish("line", "carried the light"), Wish("known", "little"), Wish("sung", "none"), Wish("cover", True)),
]


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.kind)
def test_a_criterion_reads_back_as_the_wish(wish: Wish) -> None:
    assert sayable(wish)
    assert read_criteria(f"A goal. {write_criteria([wish])}", None) == (wish,)


def test_all_criteria_of_a_goal_are_read() -> None:
    assert read_criteria(write_criteria(WISHES), None) == tuple(WISHES)


def test_a_name_that_would_split_the_sentence_is_not_sayable() -> None:
    assert not sayable(Wish("artist", "This; That"))


def test_a_goal_without_criteria_is_read_as_free_text() -> None:
    read = read_criteria("They want shoegaze from the 1990s, but no fiddle.", VOCABULARY)
    assert {(w.kind, w.value) for w in read} == {("tag", "shoegaze"), ("decade", 1990.0)}


@pytest.mark.parametrize(
    ("wish", "yes", "no"),
    [
        (Wish("bpm", 124.0), {"tempo": 120.0}, {"tempo": 140.0}),
        (Wish("bpm", 124.0), {"tempo": 130.0}, {"tempo": None}),
        (Wish("decade", 1990.0), {"year": 1999}, {"year": None}),
        (Wish("known", "well"), {"popularity": 60.0}, {"popularity": None}),
        (Wish("slower", 100.0), {"tempo": 99.0}, {"tempo": 100.0}),
        (Wish("newer", 1996.0), {"year": 1997}, {"year": 1996}),
        (tag_wish("mellow"), {"tags": ("chill",)}, {"tags": ("fierce",)}),
        (theme_wish("the sea"), {"lyrics": "the tide is in"}, {"lyrics": None}),
        (Wish("sung", "none"), {"tags": ("instrumental",)}, {"lyrics": None}),
        (Wish("mode", "minor"), {"key": "F# minor"}, {"key": "F# major"}),
    ],
)
def test_wishes_are_met_by_data_alone(wish: Wish, yes: dict[str, object], no: dict[str, object]) -> None:
    assert wish.met_by(track(**yes))
    assert not wish.met_by(track(**no))


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        *(("shoegaze", "genre"), ("zeuhl rock", "genre"), ("Melancholic", "mood"), ("rainy day", "scene")),
        *(("bowed saxophone", "instrument"), ("80s", "era"), ("instrumental", "unsung"), ("qwerty", "other")),
    ],
)
def test_tags_have_kinds(tag: str, kind: str) -> None:
    assert tag_kind(tag) == kind


def test_lines_are_whole_phrases_that_keep_the_title() -> None:
    lyrics = "one two three four\nBlue Rooms at Noon again\nla la\nfive, six seven\n" + "x " * 80 + "cut o"
    assert track(lyrics=lyrics[:200]).lines[:2] == ("one two three four", "five, six seven")
