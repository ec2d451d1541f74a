"""Drum strokes as sound: swept sines, filtered noise and clicks, each drum one recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from ...core.random import stream_seed
from .tones import RATE, Samples

_Curve = npt.NDArray[np.float64]


def strike_drum(drum: str) -> Samples:
    """One loud stroke of `drum` at `RATE`, shape (frames,), peak 1 before its level in the mix is applied."""
    make, level = _DRUMS[drum]
    noise = np.random.default_rng(stream_seed("drum", drum)).uniform(-1, 1, int(RATE * 1.2))
    sound = make(noise)
    return np.asarray(sound / np.max(np.abs(sound)) * level, dtype=np.float32)


def _time(seconds: float) -> _Curve:
    return np.arange(int(seconds * RATE)) / RATE


def _fall(seconds: float, half: float) -> _Curve:
    return np.asarray(0.5 ** (_time(seconds) / half))


def _high(noise: _Curve, times: int = 1) -> _Curve:
    for _ in range(times):
        noise = np.diff(noise, prepend=0.0)
    return noise


def _low(noise: _Curve, width: int) -> _Curve:
    return np.convolve(noise, np.ones(width) / width, mode="same")


def _swept(seconds: float, start: float, end: float, drop: float, half: float) -> _Curve:
    """A sine going from `start` to `end` Hz with time constant `drop`, fading by half in `half` seconds."""
    time = _time(seconds)
    cycles = end * time + (start - end) * drop * (1 - np.exp(-time / drop))
    return np.asarray(np.sin(2 * np.pi * cycles) * _fall(seconds, half))


def _noise(noise: _Curve, seconds: float, half: float) -> _Curve:
    return np.asarray(noise[: int(seconds * RATE)] * _fall(seconds, half))


def _kick(noise: _Curve) -> _Curve:
    body = _swept(0.35, 170, 48, 0.03, 0.07)
    body[:120] += 0.3 * noise[:120] * np.linspace(1, 0, 120)
    return body


def _snare(noise: _Curve) -> _Curve:
    return 0.7 * _swept(0.25, 260, 185, 0.02, 0.04) + 0.6 * _noise(_high(noise), 0.25, 0.045)


def _gated(noise: _Curve) -> _Curve:
    burst = _noise(_low(noise, 3), 0.3, 0.25)
    burst[int(0.22 * RATE) :] *= np.linspace(1, 0, len(burst) - int(0.22 * RATE))
    return 0.6 * burst + 0.8 * _swept(0.3, 240, 170, 0.03, 0.06)


def _clap(noise: _Curve) -> _Curve:
    sound = _noise(_high(_low(noise, 3)), 0.25, 0.05)
    for delay in (0.009, 0.019):
        late = int(delay * RATE)
        sound[late:] += 0.9 * _noise(_high(_low(noise, 3)), 0.25, 0.02)[: len(sound) - late]
    return sound


def _brush(noise: _Curve) -> _Curve:
    time = _time(0.22)
    return np.asarray(_low(_high(noise), 2)[: len(time)] * np.sin(np.pi * np.minimum(time / 0.22, 1)) ** 2)


def _ride(noise: _Curve) -> _Curve:
    time = _time(0.6)
    bells = sum(np.sin(2 * np.pi * tone * time) for tone in (3150.0, 4470.0, 5230.0, 6710.0))
    return np.asarray((0.25 * bells + 0.5 * _high(noise, 2)[: len(time)]) * _fall(0.6, 0.09))


_DRUMS: Mapping[str, tuple[Callable[[_Curve], _Curve], float]] = MappingProxyType(
    {
        "kick": (_kick, 1.0),
        "snare": (_snare, 0.75),
        "gated": (_gated, 0.75),
        "clap": (_clap, 0.6),
        "brush": (_brush, 0.35),
        "rim": (lambda noise: _swept(0.05, 1900, 1650, 0.01, 0.008) + 0.1 * _noise(noise, 0.05, 0.004), 0.5),
        "hat": (lambda noise: _noise(_high(noise, 3), 0.07, 0.012), 0.3),
        "openhat": (lambda noise: _noise(_high(noise, 3), 0.3, 0.06), 0.33),
        "ride": (_ride, 0.3),
        "crash": (lambda noise: _noise(_high(noise, 2), 1.2, 0.25), 0.4),
        "shaker": (lambda noise: _noise(_high(_low(noise, 2), 2), 0.09, 0.02), 0.25),
        "tambourine": (lambda noise: _noise(_high(noise, 4), 0.16, 0.03), 0.3),
        "tom": (lambda noise: _swept(0.35, 150, 92, 0.05, 0.08), 0.7),
        "conga": (lambda noise: _swept(0.2, 320, 245, 0.02, 0.045), 0.5),
        "darbuka": (
            lambda noise: _swept(0.18, 420, 300, 0.01, 0.03) + 0.2 * _noise(_high(noise), 0.18, 0.01),
            0.5,
        ),
        "tabla": (lambda noise: _swept(0.3, 520, 392, 0.01, 0.06) + 0.1 * _noise(noise, 0.3, 0.004), 0.5),
        "bayan": (lambda noise: _swept(0.5, 75, 118, 0.12, 0.12), 0.7),
    }
)
