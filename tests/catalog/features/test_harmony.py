"""Keys and chords, of notes that are known and of song sheets that name their key."""

from __future__ import annotations

import re

import numpy as np
import pytest
from segue.catalog.features.chords import find_chords, find_progression
from segue.catalog.features.keys import estimate_key, infer_key
from segue.catalog.features.pitch import Key, parse_chord, parse_key
from segue.catalog.features.salience import BASS, Notes, find_notes
from support.catalog.feature_scoring import relate_key
from support.catalog.sounds import harmony, noise
from support.catalog.sources import shared

# C, Am, F, G with the root in the bass, two rounds and home.
_LOOP = [(36, 60, 64, 67), (45, 60, 64, 69), (41, 60, 65, 69), (43, 59, 62, 67)]
_SONG = [*_LOOP, *_LOOP, _LOOP[0]]


def notes_of(samples: np.ndarray) -> Notes:
    return find_notes(np.asarray(samples, dtype=np.float32))


def heard_key(notes: Notes) -> str | None:
    found = estimate_key(notes.chroma((52, 88)), notes.chroma(BASS))
    return found.key.name if found else None


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0, 3, -2])
def test_a_song_is_heard_in_its_key_with_its_chords(shift: int) -> None:
    moved = [tuple(pitch + shift for pitch in chord) for chord in _SONG]
    notes = notes_of(harmony(moved, 2.0))
    tonic = shift % 12
    assert heard_key(notes) == Key(tonic, "major").name
    spans = find_chords(notes, Key(tonic, "major"), 18.0)
    assert [span.chord for span in spans] == [
        parse_chord(name).__class__((parse_chord(name).root + shift) % 12, parse_chord(name).quality)
        for name in ["C", "Am", "F", "G"] * 2 + ["C"]
    ]
    for index, span in enumerate(spans):
        assert span.start == pytest.approx(2.0 * index, abs=0.25)
    assert spans[0].start == 0.0 and spans[-1].end == 18.0


def test_a_recording_at_another_concert_pitch_is_heard_all_the_same() -> None:
    samples = harmony(_SONG, 2.0)
    # Thirty cents sharp: the same samples played faster.
    places = np.arange(0, len(samples) - 1, 2 ** (30 / 1200))
    sharp = np.interp(places, np.arange(len(samples)), samples)
    assert heard_key(notes_of(sharp)) == "C major"


def test_noise_has_no_key_and_no_chords() -> None:
    notes = notes_of(noise(8.0))
    assert heard_key(notes) is None
    spans = find_chords(notes, None, 8.0)
    assert sum(span.end - span.start for span in spans if span.chord is None) > 6.0


def test_the_loop_that_repeats_is_the_progression() -> None:
    assert find_progression(["C", "Am", "F", "G"] * 3 + ["C"]) == ("C", "Am", "F", "G")
    assert find_progression(["Em", "Em", "D", "D", "Em", "D", "D", "Em"]) == ("Em", "D")
    assert find_progression(["C", "G", "Am", "F", "C", "G", "Dm", "F", "C", "G", "Am", "F"]) == (
        ("C", "G", "Am", "F")
    )


def test_without_a_loop_the_first_chords_are_the_progression() -> None:
    names = ["C", "Dm", "Em", "F", "G", "Am", "Bb", "Cm", "Db"]
    assert find_progression(names) == tuple(names[:8])
    assert find_progression(["Am"]) == ("Am",)
    assert find_progression([]) == ()


def test_a_key_is_inferred_from_chords() -> None:
    found = infer_key(["Am", "F", "C", "G", "Am", "E7", "Am"])
    assert found is not None and found.key.name == "A minor"
    assert infer_key([]) is None
    with pytest.raises(ValueError, match="not a chord"):
        infer_key(["Am", "x"])


def test_song_sheets_have_the_key_that_they_name() -> None:
    sheets = sorted((shared("lyrics-public-domain") / "christmas-chordpro").glob("*.cho"))
    related = []
    for sheet in sheets:
        text = sheet.read_text("utf-8")
        key, capo = re.search(r"\{key:\s*(\w\S*)\s*\}", text), re.search(r"\{capo:\s*(\d+)", text)
        chords = re.findall(r"\[([A-G][^\]]*)\]", text)
        if key is None or not chords:
            continue
        found = infer_key(chords)
        assert found is not None
        # The chords are those to be gripped; a capo makes them sound higher.
        sounding = Key((found.key.tonic + (int(capo.group(1)) if capo else 0)) % 12, found.key.mode)
        related.append(relate_key(parse_key(key.group(1)), sounding.name))
    assert len(related) == 15
    assert related.count("exact") >= 14
