"""Where in a recording its most characteristic passage lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...core.random import stream

Samples = NDArray[np.float32]
Array = NDArray[np.float64]
Real = NDArray[np.floating]

METHOD: Final = "likeness to the whole times level"

INTRO_SECONDS: Final = 3.0
"""Passed over where the recording is long enough: intros say little of a track."""

_STEP: Final = 0.25
"""Seconds between places at which a passage may begin."""

_SLICE: Final = 4096
_BANDS: Final = 16
_LOWEST: Final = 60.0
_CHROMA: Final = (100.0, 2000.0)
_RANGE: Final = 20.0
"""Decibels below the loudest passage at which one counts for nothing."""

_EQUAL: Final = 1e-6


@dataclass(frozen=True)
class Excerpt:
    """The passage chosen: `start` in frames, `score` from 0 to 1."""

    start: int
    score: float


def choose_excerpt(mono: Samples, rate: int, length: int) -> Excerpt:
    """The passage of `length` frames that is most like the whole recording, and loud.

    A passage is as good as the mean similarity of its moments to all moments, by harmony and by timbre
    (Cooper and Foote, ISMIR 2002), weighted by its level. Among equals a seeded draw decides, so that equal
    recordings give equal passages.

    Args:
        mono: shape (frames,), at least `length` of them.
        rate: frames a second.
    """
    step = max(1, round(_STEP * rate))
    last = len(mono) - length
    first = min(last, round(INTRO_SECONDS * rate))
    starts = np.unique(np.append(np.arange(first, last + 1, step), last))
    likeness = _likeness(mono, rate, step)
    scores = _mean_between(likeness, starts / step, length / step) * _loud(mono, starts, length)
    best = float(scores.max())
    equal = starts[scores >= best - _EQUAL]
    chosen = int(equal[stream("segue-clip", len(mono), rate, length).randrange(len(equal))])
    return Excerpt(chosen, best)


def _likeness(mono: Samples, rate: int, step: int) -> Array:
    """Mean cosine of each moment, one every `step` frames, with all moments; shape (moments,)."""
    moments = _moments(mono, rate, step)
    mean = moments.mean(axis=0)
    alike: Array = np.maximum(moments @ mean / max(float(np.linalg.norm(mean)), 1e-9), 0.0)
    return alike


def _moments(mono: Samples, rate: int, step: int) -> Array:
    """Harmony and timbre of each moment side by side, each of length 1; shape (moments, 12 + bands)."""
    power = _power(mono)
    frequencies = np.fft.rfftfreq(_SLICE, 1 / rate)
    harmony = _unit(np.sqrt(power @ _folding(frequencies)))
    bands = np.log1p(1e4 * (power @ _banding(frequencies, rate)))
    both = np.hstack([harmony, _unit(bands - bands.mean(axis=1, keepdims=True))])
    count = max(1, len(mono) // step)
    places = np.minimum((np.arange(count) * step + step // 2) // _SLICE, len(both) - 1)
    picked: Array = both[places]
    return picked


def _power(mono: Samples) -> Array:
    """Power spectra of consecutive slices, the loudest bin at 1; shape (slices, bins)."""
    padded = np.pad(mono, (0, -len(mono) % _SLICE))
    spectra = np.fft.rfft(padded.reshape(-1, _SLICE) * np.hanning(_SLICE).astype(np.float32), axis=1)
    power = np.square(np.abs(spectra)).astype(np.float64)
    scaled: Array = power / max(float(power.max()), 1e-12)
    return scaled


def _folding(frequencies: Real) -> Array:
    """Which pitch class each bin of the middle range belongs to; shape (bins, 12)."""
    low, high = _CHROMA
    inside = (frequencies >= low) & (frequencies <= high)
    classes = np.round(12 * np.log2(np.maximum(frequencies, 1.0) / 440.0)).astype(int) % 12
    made: Array = (classes[:, None] == np.arange(12)) & inside[:, None]
    return made.astype(np.float64)


def _banding(frequencies: Real, rate: int) -> Array:
    """Which band each bin belongs to, bands being as wide in octaves; shape (bins, bands)."""
    edges = np.geomspace(_LOWEST, max(rate / 2, 2 * _LOWEST), _BANDS + 1)
    bands = np.searchsorted(edges, frequencies, side="right") - 1
    made: Array = bands[:, None] == np.arange(_BANDS)
    return made.astype(np.float64)


def _unit(rows: Array) -> Array:
    scaled: Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled


def _mean_between(values: Array, starts: Array, length: float) -> Array:
    """Mean of `values` over passages that begin at fractional places; shape (starts,)."""
    summed = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(summed))
    mean: Array = (np.interp(starts + length, places, summed) - np.interp(starts, places, summed)) / length
    return mean


def _loud(mono: Samples, starts: NDArray[np.int64], length: int) -> Array:
    """Level of passages against the loudest: 1 at its level, 0 at 20 dB below."""
    summed = np.concatenate([[0.0], np.cumsum(np.square(mono, dtype=np.float64))])
    power = np.maximum((summed[starts + length] - summed[starts]) / length, 0.0)
    below = 10 * np.log10(np.maximum(power, 1e-12) / max(float(power.max()), 1e-12))
    weight: Array = np.clip(1 + below / _RANGE, 0.0, 1.0)
    return weight
