"""The chords of a recording: triad templates, the key's leaning, and a path that does not flicker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d  # type: ignore[import-untyped]
from scipy.special import softmax  # type: ignore[import-untyped]

from .pitch import Chord, Key
from .salience import BASS, FRAMES_A_SECOND, TREBLE, Notes

Array = NDArray[np.float64]

NO_CHORD: Final = "N"
LONGEST_PROGRESSION: Final = 8

_SMOOTHED: Final = 9
"""Frames (0.42 s) over which notes are averaged before chords are looked for."""

_GAIN: Final = 10.0
_BASS: Final = 0.3
_FIFTH_IN_BASS: Final = 0.5
_OUTSIDE: Final = 1.0
"""Cost of a chord tone that is not in the key, per frame, against `_GAIN` for a perfect template."""

_CHANGE: Final = 6.0
_NO_CHORD: Final = 0.68
"""Fit, in units of `_GAIN`, that a chord must surpass: an even chroma reaches 0.65."""

_QUIET: Final = 0.05

TRIADS: Final = tuple(
    [Chord(root, "major") for root in range(12)] + [Chord(root, "minor") for root in range(12)]
)


@dataclass(frozen=True)
class ChordSpan:
    """A chord and the seconds at which it begins and ends; `chord` is None where none sounds."""

    start: float
    end: float
    chord: Chord | None


def find_chords(notes: Notes, key: Key | None, seconds: float) -> list[ChordSpan]:
    """The chords of a recording of that length, without gaps, from 0 to `seconds`."""
    fit = _fit(notes)
    if key is not None:
        fit[:24] -= _OUTSIDE * _foreign(key)[:, None]
    path = _smoothest(fit)
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    edges = [*(start / FRAMES_A_SECOND for start in starts), seconds]
    return [
        ChordSpan(edges[i], edges[i + 1], TRIADS[path[start]] if path[start] < 24 else None)
        for i, start in enumerate(starts)
        if edges[i] < edges[i + 1]
    ]


def find_progression(names: Sequence[str], longest: int = LONGEST_PROGRESSION) -> tuple[str, ...]:
    """What repeats in a sequence of chords: its shortest loop; its first chords when nothing repeats.

    A loop of length n repeats when at least three quarters of the chords equal the one n before.
    """
    changed = [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]
    for length in range(1, longest + 1):
        pairs = list(zip(changed, changed[length:], strict=False))
        if len(pairs) >= length and sum(a == b for a, b in pairs) >= 0.75 * len(pairs):
            start = next(i for i, (a, b) in enumerate(pairs) if a == b)
            return tuple(changed[start : start + length])
    return tuple(changed[:longest])


def _fit(notes: Notes) -> Array:
    """How well each triad, and no chord, fits each frame; shape (25, frames)."""
    calm = Notes(uniform_filter1d(notes.strength, _SMOOTHED, axis=1))
    treble, bass = _unit(calm.chroma(TREBLE)), _unit(calm.chroma(BASS))
    below = bass + _FIFTH_IN_BASS * np.roll(bass, -7, axis=0)
    fit = _templates() @ treble + _BASS * np.vstack([below, below])
    return _GAIN * np.vstack([fit, np.full((1, fit.shape[1]), _NO_CHORD)])


def _unit(chroma: Array) -> Array:
    """Columns of length 1, quiet ones shorter."""
    length = np.linalg.norm(chroma, axis=0)
    scaled: Array = chroma / (length + _QUIET * float(length.max()) + 1e-9)
    return scaled


@cache
def _templates() -> Array:
    made = np.zeros((24, 12))
    for row, chord in enumerate(TRIADS):
        made[row, list(chord.pitch_classes)] = 1 / np.sqrt(3)
    return made


def _foreign(key: Key) -> Array:
    """How many tones of each triad the key does not have; the dominant of a minor key belongs to it."""
    scale = key.pitch_classes
    count = np.array([sum(tone not in scale for tone in chord.pitch_classes) for chord in TRIADS], float)
    if key.mode == "minor":
        count[(key.tonic + 7) % 12] = 0.0
    return count


def _smoothest(fit: Array) -> NDArray[np.int64]:
    """The path through the frames with the best fit when each change costs `_CHANGE`; shape (frames,).

    Args:
        fit: shape (states, frames).
    """
    states = len(fit)
    # To stay is as many times as likely as one change as `_CHANGE` says.
    stays = np.exp(_CHANGE) / (np.exp(_CHANGE) + states - 1)
    likely: NDArray[np.int64] = librosa.sequence.viterbi(
        softmax(fit, axis=0), librosa.sequence.transition_loop(states, stays)
    )
    return likely
