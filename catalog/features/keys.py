"""The key of a recording, or of a sequence of chords: pitch classes compared with key profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .pitch import Key, Mode, parse_chord

Array = NDArray[np.float64]

KeyProfile = tuple[tuple[float, ...], tuple[float, ...]]
"""How much each degree of the chromatic scale belongs to a major and to a minor key, from the tonic up."""

KRUMHANSL: Final[KeyProfile] = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)
"""Probe tones rated by listeners: Krumhansl and Kessler, Psychological Review 89(4), 1982. The profile with the most
right keys on recordings; see benchmarks/bench_features.py."""

ALBRECHT: Final[KeyProfile] = (
    (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)
"""Counted in scores: Albrecht and Shanahan, Music Perception 31(1), 2013. For chords that are written down, which hold
no overtones and no passing notes."""

_BASS: Final = 0.5
"""Weight of the bass against what sounds above it."""

_LEAST: Final = 0.35
"""Correlation with the best key under which there is none: noise and drums reach about 0.3."""

_LAST_CHORD: Final = 1.0
"""How many chords the last one counts for in addition: pieces end at home more often than not."""

_MODES: Final[tuple[Mode, Mode]] = ("major", "minor")


@dataclass(frozen=True)
class KeyEstimate:
    """A key, and how clear it is: its correlation with the key's profile, at most 1."""

    key: Key
    clarity: float


def estimate_key(treble: Array, bass: Array, *, profile: KeyProfile = KRUMHANSL) -> KeyEstimate | None:
    """The key of a recording from two chromas, each of shape (12, frames); None when it has none."""
    return _nearest(_share(treble) + _BASS * _share(bass), profile, least=_LEAST)


def infer_key(names: Sequence[str], *, profile: KeyProfile = ALBRECHT) -> KeyEstimate | None:
    """The key of a sequence of chord names, such as those of a song sheet; None for no chords.

    Raises:
        ValueError: for a name that is no chord.
    """
    weights = np.zeros(12)
    chords = [parse_chord(name) for name in names]
    for chord in chords:
        _add(weights, chord.root, chord.pitch_classes, 1.0)
    if chords:
        _add(weights, chords[-1].root, chords[-1].pitch_classes, _LAST_CHORD)
    return _nearest(weights, profile, least=-1.0) if chords else None


def _add(weights: Array, root: int, pitch_classes: Sequence[int], times: float) -> None:
    weights[list(pitch_classes)] += times
    # As in a recording, where the bass doubles the root.
    weights[root] += _BASS * times


def _share(chroma: Array) -> Array:
    """Mean share of each pitch class, frames that are nearly silent counting for less; sums to 12."""
    total = chroma.sum(axis=0)
    mean: Array = (chroma / (total + 0.05 * max(float(total.max()), 1e-9))).mean(axis=1)
    return mean / max(float(mean.mean()), 1e-9)


def _nearest(weights: Array, profile: KeyProfile, *, least: float) -> KeyEstimate | None:
    centred = weights - weights.mean()
    length = float(np.linalg.norm(centred))
    if length < 1e-9:
        return None
    fits = _profiles(profile) @ (centred / length)
    best = int(fits.argmax())
    if fits[best] < least:
        return None
    return KeyEstimate(Key(best % 12, _MODES[best // 12]), float(fits[best]))


@cache
def _profiles(profile: KeyProfile) -> Array:
    """Shape (24, 12): major keys from C up, then minor ones; each of mean 0 and length 1."""
    rows = np.array([np.roll(one, tonic) for one in profile for tonic in range(12)])
    rows = rows - rows.mean(axis=1, keepdims=True)
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
