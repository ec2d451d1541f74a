"""Items as vectors by what is known of their sound: tempo, key and mode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from .arrays import VectorTable, of_length_1

_TONICS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS: Final = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
_FIFTH: Final = 7
_USUAL_TEMPO: Final = 115.0
SOUND_DIMENSIONS: Final = 5


class SoundFacts(NamedTuple):
    """Of one item. `tempo` in beats a minute, `key` such as `A minor`; None where unknown."""

    tempo: float | None
    key: str | None


def sound_vectors(facts: Sequence[SoundFacts]) -> VectorTable:
    """A vector of length 1 for each, zeros where nothing is known: the tempo on a circle of octaves (60 and 120 are
    near), the tonic on the circle of fifths, the mode."""
    made = [[*_tempo(each.tempo), *_key(each.key)] for each in facts]
    return of_length_1(np.array(made, dtype=np.float32).reshape(len(made), SOUND_DIMENSIONS))


def _tempo(tempo: float | None) -> tuple[float, float]:
    if tempo is None:
        return 0.0, 0.0
    angle = 2 * math.pi * math.log2(tempo / _USUAL_TEMPO)
    return math.cos(angle), math.sin(angle)


def _key(key: str | None) -> tuple[float, float, float]:
    tonic, _, mode = (key or "").partition(" ")
    name = _FLATS.get(tonic, tonic)
    if name not in _TONICS:
        return 0.0, 0.0, 0.0
    angle = 2 * math.pi * (_TONICS.index(name) * _FIFTH % 12) / 12
    return math.cos(angle), math.sin(angle), {"major": 1.0, "minor": -1.0}.get(mode, 0.0)
