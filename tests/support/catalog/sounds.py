"""Small recordings with known contents, made from sines and clicks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 22_050


def sine(frequency: float, seconds: float, level: float = 0.5, rate: int = RATE) -> Samples:
    """A tone of that amplitude."""
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(level * np.sin(2 * np.pi * frequency * time), dtype=np.float32)


def note(pitch: int, seconds: float) -> Samples:
    """A plucked note of a MIDI pitch with a few overtones, ended softly."""
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    time = np.arange(round(seconds * RATE)) / RATE
    partials = sum(0.6**k * np.sin(2 * np.pi * frequency * (k + 1) * time) for k in range(5))
    return np.asarray(0.1 * partials * np.exp(-1.2 * time), dtype=np.float32)


def harmony(chords: Sequence[tuple[int, ...]], seconds: float) -> Samples:
    """Chords of MIDI pitches one after the other, each of that length."""
    return np.concatenate([np.sum([note(p, seconds) for p in pitches], axis=0) for pitches in chords])


def clicks(tempo: float, seconds: float, seed: int = 1) -> Samples:
    """A short burst of noise on each beat, each fourth one louder."""
    made = np.zeros(round(seconds * RATE), dtype=np.float32)
    burst = np.random.default_rng(seed).standard_normal(800) * np.exp(-np.arange(800) / 120)
    for beat in range(int(seconds * tempo / 60)):
        at = round(beat * 60 / tempo * RATE)
        room = made[at : at + 800]
        room += (0.5 if beat % 4 == 0 else 0.25) * burst[: len(room)].astype(np.float32)
    return made


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> Samples:
    random = np.random.default_rng(seed)
    return np.asarray(level * random.standard_normal(round(seconds * RATE)), dtype=np.float32)


def write(path: Path, samples: Samples, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate)
    return path
