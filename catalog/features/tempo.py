"""The tempo of a recording: how regularly new sounds set in, with a preference for walking pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, uniform_filter1d  # type: ignore[import-untyped]
from scipy.signal import find_peaks  # type: ignore[import-untyped]

from .sound import RATE, Samples

Array = NDArray[np.float64]

SLOWEST, FASTEST = 45.0, 220.0
_HOP: Final = 256
_FRAMES: Final = RATE / _HOP
_BANDS: Final = ((0, 5), (5, 12), (12, 22), (22, 32), (32, 40))
"""Mel bands that are followed apart, since a bass drum and a hi-hat keep time each in its own way."""

_PREFERRED, _WIDTH = 120.0, 0.8
"""Centre in beats a minute and spread in octaves of the tempi that people tap to: van Noorden and Moelants,
Journal of New Music Research 28(1), 1999."""

_SPANS: Final = (1, 2, 3, 4)
_HALF_BEATS: Final = 0.2
_LEAST: Final = 0.06
"""Regularity under which there is no tempo: a held tone or noise stays below it."""


@dataclass(frozen=True)
class TempoEstimate:
    """Beats a minute, and how regular they are: mean autocorrelation at one to four beats, at most 1."""

    tempo: float
    regularity: float


def onset_strengths(mono: Samples) -> Array:
    """How strongly sounds set in: shape (1 + bands, frames of 256 samples), over all and by band."""
    power = librosa.feature.melspectrogram(
        y=mono, sr=RATE, n_fft=1024, hop_length=_HOP, n_mels=40, fmin=30, fmax=10_000
    )
    loud = np.log1p(1e4 * power.astype(np.float64) / max(float(power.max()), 1e-12))
    rise = np.maximum(loud[:, 2:] - loud[:, :-2], 0.0)
    return np.stack([rise.mean(axis=0), *(rise[a:b].mean(axis=0) for a, b in _BANDS)])


def estimate_tempo(strengths: Array) -> TempoEstimate | None:
    """The tempo behind `onset_strengths` (shape: 1 + bands, frames); None where nothing comes back regularly."""
    repeated = np.mean([_autocorrelation(_peaks(one)) for one in strengths], axis=0)
    repeated = gaussian_filter1d(repeated, 1.2)
    candidates = np.geomspace(SLOWEST, FASTEST, 400)
    lags = 60 / candidates * _FRAMES
    places = np.arange(len(repeated))
    beats = np.mean([np.interp(span * lags, places, repeated) for span in _SPANS], axis=0)
    halves = np.interp(lags / 2, places, repeated)
    liked = np.exp(-0.5 * (np.log2(candidates / _PREFERRED) / _WIDTH) ** 2)
    best = int((np.maximum(beats + _HALF_BEATS * halves, 0.0) * liked).argmax())
    if beats[best] < _LEAST:
        return None
    return TempoEstimate(_refined(float(candidates[best]), repeated), float(beats[best]))


def _peaks(strength: Array) -> Array:
    """What rises above its surroundings of a second, at unit spread."""
    above = np.maximum(strength - uniform_filter1d(strength, round(_FRAMES)), 0.0)
    scaled: Array = above / (above.std() + 1e-9)
    return scaled


def _autocorrelation(signal: Array) -> Array:
    """Correlation of a signal with itself at lags up to the longest looked at, 1 at lag 0."""
    longest = min(len(signal), int(max(_SPANS) * 60 / SLOWEST * _FRAMES) + 2)
    raw = librosa.autocorrelate(signal - signal.mean(), max_size=longest) / (len(signal) - np.arange(longest))
    correlation: Array = raw / (raw[0] + 1e-12)
    return correlation


def _refined(tempo: float, repeated: Array) -> float:
    """`tempo` moved by at most 2 % to where four beats fit best: the lag is four times as fine there."""
    near = tempo * np.linspace(0.98, 1.02, 41)
    fits = np.interp(4 * 60 / near * _FRAMES, np.arange(len(repeated)), repeated)
    return float(near[int(fits.argmax())])


def count_onsets(strength: Array) -> int:
    """How many sounds set in, at least 50 ms apart: peaks of the first row of `onset_strengths`, shape (frames,)."""
    above = _peaks(strength)
    found, _ = find_peaks(above, height=1.0, prominence=0.5, distance=round(0.05 * _FRAMES))
    return len(found)
