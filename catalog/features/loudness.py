"""Loudness as broadcasting measures it: integrated (ITU-R BS.1770-4), and its range (EBU Tech 3342)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt  # type: ignore[import-untyped]

from .sound import Sound

Array = NDArray[np.float64]

ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_RANGE_GATE: Final = -20.0
_STEP: Final = 0.1
_OFFSET: Final = -0.691


class Loudness:
    """The loudness of one recording. Five-channel layouts are taken as of equal weight."""

    def __init__(self, sound: Sound) -> None:
        self._steps = _weighted_power(sound)

    @property
    def integrated(self) -> float | None:
        """Loudness of the whole in LUFS; None when nothing is louder than -70 LUFS."""
        blocks = self._windows(0.4)
        audible = blocks[_lufs(blocks) > ABSOLUTE_GATE]
        if not len(audible):
            return None
        gate = float(_lufs(audible.mean())) + _RELATIVE_GATE
        return float(_lufs(audible[_lufs(audible) > gate].mean()))

    @property
    def range(self) -> float | None:
        """Loudness range in LU: from the 10th to the 95th percentile of three-second windows."""
        windows = self._windows(3.0)
        audible = windows[_lufs(windows) > ABSOLUTE_GATE]
        if not len(audible):
            return None
        gate = float(_lufs(audible.mean())) + _RANGE_GATE
        kept = _lufs(audible[_lufs(audible) > gate])
        low, high = np.percentile(kept, [10, 95])
        return float(high - low)

    def _windows(self, seconds: float) -> Array:
        """Mean power of windows of that length, one every 0.1 s; at least one, be it shorter."""
        count = min(round(seconds / _STEP), len(self._steps))
        summed = np.concatenate([[0.0], np.cumsum(self._steps)])
        mean: Array = (summed[count:] - summed[:-count]) / count
        return mean


def _lufs(power: Array | np.floating) -> Array:
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-12)))


def _weighted_power(sound: Sound) -> Array:
    """Power of the K-weighted channels, added up, in steps of 0.1 s."""
    length = round(_STEP * sound.rate)
    count = max(1, len(sound.channels) // length)
    total = np.zeros(count)
    for channel in sound.channels.T:
        heard = np.square(sosfilt(_k_weighting(sound.rate), channel.astype(np.float64)))
        whole = heard[: count * length]
        total += whole.reshape(count, -1).mean(axis=1)
    return total


def _k_weighting(rate: int) -> Array:
    """The two stages of BS.1770, a high shelf and a high pass, as second-order sections for any rate.

    The standard gives coefficients for 48 kHz; these are the analogue filters behind them, as found by
    De Man (2014).
    """
    shelf = _stage(rate, 1681.974450955533, 0.7071752369554196, 3.999843853973347)
    high_pass = _stage(rate, 38.13547087602444, 0.5003270373238773, None)
    return np.array([shelf, high_pass])


def _stage(rate: int, frequency: float, quality: float, gain: float | None) -> list[float]:
    k = np.tan(np.pi * frequency / rate)
    below = 1 + k / quality + k * k
    poles = [1.0, 2 * (k * k - 1) / below, (1 - k / quality + k * k) / below]
    if gain is None:
        return [1.0, -2.0, 1.0, *poles]
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    zeros = [high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k]
    return [*(float(z / below) for z in zeros), *poles]
