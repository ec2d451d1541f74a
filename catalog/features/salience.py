"""`Notes`: which notes sound when, estimated from a constant-Q spectrum with the overtones taken out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray

from .sound import RATE, Samples

Array = NDArray[np.float64]

HOP: Final = 1024
FRAMES_A_SECOND: Final = RATE / HOP
LOWEST_NOTE: Final = 21
"""MIDI number of the lowest note looked for: A0."""

_NOTES: Final = 84
_BINS_A_NOTE: Final = 3
_BINS: Final = _NOTES * _BINS_A_NOTE
_LOWEST_FREQUENCY: Final = 27.5
_SHORTEST: Final = int(RATE * 4.0)
"""The filters of the lowest notes are two seconds long; shorter recordings are padded."""

_COMPRESSION: Final = 100.0
_OVERTONES: Final = 8
_DECAY: Final = 0.7
"""Strength of an overtone against the one below it."""

_ROUNDS: Final = 40

BASS: Final = (28, 52)
TREBLE: Final = (45, 84)
"""MIDI notes between which a chroma is made; six semitones beyond, weights fall to nothing."""


@dataclass(frozen=True, eq=False)
class Notes:
    """`strength` has the shape (84 notes from A0 up, frames); not negative."""

    strength: Array

    def chroma(self, between: tuple[int, int]) -> Array:
        """Strength by pitch class, shape (12, frames), of the notes in a MIDI range."""
        low, high = between
        notes = np.arange(_NOTES) + LOWEST_NOTE
        weights = np.interp(notes, [low - 6, low, high, high + 6], [0.0, 1.0, 1.0, 0.0])
        folded = np.zeros((12, self.strength.shape[1]))
        np.add.at(folded, notes % 12, weights[:, None] * self.strength)
        return folded


def find_notes(mono: Samples) -> Notes:
    """The notes of a recording (shape: frames, at `RATE`), at whatever concert pitch it was tuned to."""
    padded = np.pad(mono, (0, max(0, _SHORTEST - len(mono))))
    tuning = librosa.estimate_tuning(y=padded, sr=RATE, bins_per_octave=12)
    spectrum = np.abs(
        librosa.cqt(
            padded,
            sr=RATE,
            hop_length=HOP,
            fmin=_LOWEST_FREQUENCY,
            n_bins=_BINS,
            bins_per_octave=12 * _BINS_A_NOTE,
            tuning=_BINS_A_NOTE * tuning,
        )
    )
    frames = 1 + len(mono) // HOP
    # In decibels rather than linear, so that a loud bass does not hide the chord above it.
    loud = spectrum / max(float(spectrum.max()), 1e-9)
    return Notes(_explain(np.log1p(_COMPRESSION * 25 * loud.astype(np.float64)))[:, :frames])


def _explain(spectrum: Array) -> Array:
    """Non-negative strengths of notes whose overtones together come near `spectrum`.

    Multiplicative updates of least squares: Lee and Seung, Nature 401, 1999, with the dictionary held fixed.
    """
    dictionary = _dictionary()
    wanted = dictionary.T @ spectrum + 1e-9
    overlap = dictionary.T @ dictionary
    strength = wanted.copy()
    for _ in range(_ROUNDS):
        strength *= wanted / (overlap @ strength + 1e-9)
    return strength


@cache
def _dictionary() -> Array:
    """Spectrum of each note with overtones that fall off; shape (bins, notes), columns of length 1."""
    bins = np.arange(_BINS)[:, None]
    notes = np.arange(_NOTES)[None, :]
    made = np.zeros((_BINS, _NOTES))
    for number in range(1, _OVERTONES + 1):
        place = _BINS_A_NOTE * (notes + 12 * np.log2(number))
        made += _DECAY ** (number - 1) * np.exp(-0.5 * ((bins - place) / 0.8) ** 2)
    unit: Array = made / np.linalg.norm(made, axis=0)
    return unit
