"""One recording in, its features out: the musical models called in turn, each only where it is needed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np

from .record import FROM_SIGNAL, METHODS, Feature, FeatureRecord, Values
from .sound import RATE, Sound, Unusable, read_sound

_SHORTEST_CHORD: Final = 0.4
"""Seconds under which a chord is passed over when the progression is looked for."""

_MELODY: Final = (52, 88)
"""MIDI notes from which the key is told, beside the bass."""


def analyse(path: Path, digest: str, wanted: Collection[Feature] = FROM_SIGNAL) -> FeatureRecord | Unusable:
    """The features of the recording at `path`.

    Args:
        digest: of the file's bytes, to be entered in the record.
        wanted: some of `FROM_SIGNAL`.
    """
    sound = read_sound(path)
    if isinstance(sound, Unusable):
        return sound
    asked = [feature for feature in FROM_SIGNAL if feature in wanted]
    values: dict[str, Any] = {}
    for group, describe in _DESCRIBERS:
        if group & set(asked):
            values.update(describe(sound, group & set(asked)))
    return FeatureRecord(
        audio=digest,
        seconds=round(sound.seconds, 3),
        values=Values(**values),
        made={feature: METHODS[feature] for feature in asked},
    )


def _describe_harmony(sound: Sound, asked: set[Feature]) -> dict[str, Any]:
    from .chords import find_chords
    from .keys import estimate_key
    from .salience import BASS, find_notes

    notes = find_notes(sound.mono)
    found = estimate_key(notes.chroma(_MELODY), notes.chroma(BASS))
    values: dict[str, Any] = {}
    if "key" in asked and found is not None:
        values.update(key=found.key.name, key_clarity=round(found.clarity, 3))
    if "chords" in asked:
        key = found.key if found else None
        values.update(_chord_values(find_chords(notes, key, len(sound.mono) / RATE), key))
    return values


def _chord_values(spans: Any, key: Any) -> dict[str, Any]:
    from .chords import NO_CHORD, find_progression
    from .pitch import Key

    spelling = key or Key(0, "major")
    named = [(span, span.chord.spelled(spelling) if span.chord else NO_CHORD) for span in spans]
    steady = [name for span, name in named if name != NO_CHORD and span.end - span.start >= _SHORTEST_CHORD]
    return {
        "chords": find_progression(steady),
        "chord_spans": tuple((round(span.start, 2), name) for span, name in named),
    }


def _describe_rhythm(sound: Sound, asked: set[Feature]) -> dict[str, Any]:
    from .tempo import count_onsets, estimate_tempo, onset_strengths

    strengths = onset_strengths(sound.mono)
    values: dict[str, Any] = {}
    if "tempo" in asked and (found := estimate_tempo(strengths)) is not None:
        values.update(tempo=round(found.tempo, 1), tempo_clarity=round(found.regularity, 3))
    if "onset_rate" in asked:
        values["onset_rate"] = round(count_onsets(strengths[0]) / (len(sound.mono) / RATE), 2)
    return values


def _describe_level(sound: Sound, asked: set[Feature]) -> dict[str, Any]:
    from .loudness import Loudness

    values: dict[str, Any] = {}
    if asked & {"loudness", "dynamic_range"}:
        loudness = Loudness(sound)
        measured = {"loudness": loudness.integrated, "dynamic_range": loudness.range}
        values = {name: round(v, 1) for name, v in measured.items() if name in asked and v is not None}
    if "energy" in asked:
        power = float(np.mean(np.square(sound.channels, dtype=np.float64)))
        values["energy"] = round(10 * float(np.log10(power)), 1)
    return values


def _describe_colour(sound: Sound, asked: set[Feature]) -> dict[str, Any]:
    import librosa

    magnitude = np.abs(librosa.stft(sound.mono, n_fft=2048, hop_length=1024)).astype(np.float64)
    power = np.square(magnitude)
    frequencies = librosa.fft_frequencies(sr=RATE, n_fft=2048)
    return {"brightness": round(float(frequencies @ power.sum(axis=1) / power.sum()), 1)}


_DESCRIBERS: Final[tuple[tuple[frozenset[Feature], Any], ...]] = (
    (frozenset({"key", "chords"}), _describe_harmony),
    (frozenset({"tempo", "onset_rate"}), _describe_rhythm),
    (frozenset({"loudness", "dynamic_range", "energy"}), _describe_level),
    (frozenset({"brightness"}), _describe_colour),
)
