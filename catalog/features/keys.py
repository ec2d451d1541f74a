"""The key of a recording, or of a sequence of chords: pitch classes compared with key profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .pitch import Key, Mode, parse_chord
from .profiles import PROFILES

Array = NDArray[np.float64]

BEST_PROFILE: Final = "krumhansl"
"""The one with the most right keys on recordings; see benchmarks/bench_features.py."""

BEST_FOR_CHORDS: Final = "albrecht"
"""The one for chords that are written down, which hold no overtones and no passing notes."""

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


def estimate_key(treble: Array, bass: Array, *, profile: str = BEST_PROFILE) -> KeyEstimate | None:
    """The key of a recording from two chromas, each of shape (12, frames); None when it has none.

    Args:
        profile: name in `PROFILES`.
    """
    return _nearest(_share(treble) + _BASS * _share(bass), profile, least=_LEAST)


def infer_key(names: Sequence[str], *, profile: str = BEST_FOR_CHORDS) -> KeyEstimate | None:
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


def _nearest(weights: Array, profile: str, *, least: float) -> KeyEstimate | None:
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
def _profiles(name: str) -> Array:
    """Shape (24, 12): major keys from C up, then minor ones; each of mean 0 and length 1."""
    rows = np.array([np.roll(one, tonic) for one in PROFILES[name] for tonic in range(12)])
    rows = rows - rows.mean(axis=1, keepdims=True)
    unit: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
