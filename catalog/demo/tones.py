"""Single notes as sound: each instrument's recipe turned into samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.random import stream_seed
from .instruments import INSTRUMENTS, Pluck, Struck, Wave

Samples = npt.NDArray[np.float32]
RATE = 22_050
_TABLE = 2048
_HIGHEST = 8_000.0


def play_note(voice: str, pitch: int, seconds: float) -> Samples:
    """One note of `voice` at a MIDI pitch, held for `seconds`, then released: shape (frames,), peak near 1."""
    recipe = INSTRUMENTS[voice]
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    if isinstance(recipe, Pluck):
        sound = _pluck(recipe, frequency, seconds, stream_seed("pluck", voice, pitch))
    elif isinstance(recipe, Struck):
        sound = _strike(recipe, frequency, seconds)
    else:
        sound = _sustain(recipe, frequency, seconds, stream_seed("breath", voice, pitch))
    return np.asarray(sound, dtype=np.float32)


def envelope(recipe: Wave, seconds: float, count: int) -> npt.NDArray[np.float64]:
    """Attack, decay towards the sustained level, and a release from `seconds` on; shape (count,)."""
    time = np.arange(count) / RATE
    level = recipe.sustain + (1 - recipe.sustain) * np.exp(-time / max(recipe.decay, 1e-3))
    rise = np.minimum(time / max(recipe.attack, 1e-3), 1.0)
    fall = np.clip(1 - (time - seconds) / recipe.release, 0.0, 1.0)
    shaped: npt.NDArray[np.float64] = level * rise * fall
    return shaped


def _sustain(recipe: Wave, frequency: float, seconds: float, seed: int) -> npt.NDArray[np.float64]:
    count = int((seconds + recipe.release) * RATE)
    time = np.arange(count) / RATE
    # Vibrato sets in late, as players and singers let it.
    depth = recipe.vibrato / 1200 * np.log(2) * np.minimum(time / 0.35, 1.0) ** 2
    cycles = frequency * (time + depth * np.sin(2 * np.pi * 5.4 * time) / (2 * np.pi * 5.4))
    bright, dim = _table(recipe, frequency, 0.0), _table(recipe, frequency, recipe.dark)
    sound = np.zeros(count)
    for cents in (-recipe.detune / 2, recipe.detune / 2) if recipe.detune else (0.0,):
        phase = cycles * 2 ** (cents / 1200) + cents * 0.013
        index = ((phase % 1.0) * _TABLE).astype(np.int64) % _TABLE
        fade = np.exp(-time / recipe.fade)
        sound += bright[index] * fade + dim[index] * (1 - fade)
    sound *= 0.6 if recipe.detune else 1.0
    if recipe.breath:
        sound += recipe.breath * np.random.default_rng(seed).standard_normal(count)
    return np.asarray(sound * envelope(recipe, seconds, count))


def _table(recipe: Wave, frequency: float, dark: float) -> npt.NDArray[np.float64]:
    """One period of the wave, without the harmonics that would fold back; peak 1."""
    count = max(1, min(40, int(_HIGHEST / frequency)))
    order = np.arange(1, count + 1, dtype=np.float64)
    strengths = _strengths(recipe.partials, order) * order**-dark
    if recipe.formants:
        strengths = strengths * _resonance(order * frequency, recipe.formants)
    angle = 2 * np.pi * np.outer(np.arange(_TABLE) / _TABLE, order)
    wave = np.sin(angle) @ strengths
    return np.asarray(wave / np.max(np.abs(wave)))


def _strengths(partials: str | tuple[float, ...], order: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if isinstance(partials, tuple):
        given = np.zeros(len(order))
        given[: len(partials)] = partials[: len(order)]
        return given
    falling = 1 / order ** (2 if partials == "triangle" else 1)
    return falling if partials == "saw" else np.asarray(np.where(order % 2 == 1, falling, 0.0))


def _resonance(frequencies: npt.NDArray[np.float64], formants: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """How a throat weighs partials: peaks at the formants, each half as strong as the one below."""
    peaks = [0.5**index / (1 + ((frequencies - peak) / 130) ** 2) for index, peak in enumerate(formants)]
    return np.asarray(np.sum(peaks, axis=0) + 0.06)


def _pluck(recipe: Pluck, frequency: float, seconds: float, seed: int) -> npt.NDArray[np.float64]:
    """A Karplus-Strong string, all periods at once: the loop's low-pass is a power of its response.

    Karplus and Strong, Computer Music Journal 7(2), 1983. The period is a whole number of samples here, so
    the result is then resampled to the exact pitch.
    """
    period = int(RATE / frequency) + 1
    ratio = frequency * period / RATE
    length = int((seconds + 0.25) * RATE)
    rows = int(length * ratio / period) + 2
    noise = np.random.default_rng(seed).uniform(-1, 1, period)
    for _ in range(recipe.softness):
        noise = 0.5 * (noise + np.roll(noise, 1))
    spectrum = np.fft.rfft(noise - noise.mean())
    spectrum[1] += recipe.body * np.abs(spectrum).max()
    loss = recipe.ring * np.cos(np.pi * np.arange(len(spectrum)) / period)
    fading = np.power(np.maximum(loss, 1e-6), np.arange(rows)[:, None])
    string = np.fft.irfft(spectrum * fading, n=period, axis=1).ravel()
    sound = np.interp(np.arange(length) * ratio, np.arange(len(string)), string)
    sound *= np.clip((seconds + 0.2 - np.arange(length) / RATE) / 0.2, 0, 1)
    return np.asarray(sound / np.max(np.abs(sound)))


def _strike(recipe: Struck, frequency: float, seconds: float) -> npt.NDArray[np.float64]:
    length = seconds + 0.4
    time = np.arange(int(length * RATE)) / RATE
    depth = recipe.depth * np.exp(-time / recipe.fade)
    tone = np.sin(2 * np.pi * frequency * time + depth * np.sin(2 * np.pi * frequency * recipe.ratio * time))
    return np.asarray(tone * np.exp(-time / recipe.decay) * np.clip((length - time) / 0.3, 0, 1))
