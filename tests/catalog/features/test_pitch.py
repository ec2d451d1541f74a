"""Names of keys and chords."""

from __future__ import annotations

import pytest
from segue.catalog.demo.entries import read_entries
from segue.catalog.features.pitch import Chord, Key, parse_chord, parse_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("A minor", Key(9, "minor")),
        ("Am", Key(9, "minor")),
        ("F# major", Key(6, "major")),
        ("Bb", Key(10, "major")),
        ("C♯ min", Key(1, "minor")),
        ("Cb major", Key(11, "major")),
        ("EM", Key(4, "major")),
    ],
)
def test_keys_are_read_however_they_are_written(text: str, key: Key) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H minor", "A mixolydian", "minor", "A  minor seventh"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        parse_key(text)


def test_every_key_has_a_name_that_reads_back() -> None:
    keys = [Key(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]  # type: ignore[arg-type]
    assert [parse_key(key.name) for key in keys] == keys


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("C", Chord(0, "major")),
        ("F#m7/C#", Chord(6, "minor")),
        ("Bbmaj7", Chord(10, "major")),
        ("Ebm", Chord(3, "minor")),
        ("G7sus4", Chord(7, "suspended")),
        ("Bdim", Chord(11, "diminished")),
        ("C#m7b5", Chord(1, "diminished")),
        ("E+", Chord(4, "augmented")),
        ("D5", Chord(2, "power")),
        ("A-7", Chord(9, "minor")),
        ("Abmin", Chord(8, "minor")),
    ],
)
def test_the_triad_of_a_chord_is_told_from_its_name(text: str, chord: Chord) -> None:
    assert parse_chord(text) == chord


@pytest.mark.parametrize("text", ["N", "", "N.C.", "m7"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a chord"):
        parse_chord(text)


def test_chords_are_spelled_as_their_key_writes_them() -> None:
    assert Chord(6, "minor").spelled(parse_key("D major")) == "F#m"
    assert Chord(10, "major").spelled(parse_key("F major")) == "Bb"
    assert Chord(3, "major").spelled(parse_key("C minor")) == "Eb"


def test_every_chord_of_the_demo_reads_as_it_was_meant() -> None:
    for entry in read_entries():
        assert parse_key(entry.key.name).tonic == entry.key.tonic
        for chord in entry.chords:
            assert parse_chord(chord.name).pitch_classes == chord.pitch_classes[:3], chord.name
