"""`Sound`: a recording read into memory for analysis, or the reason why it cannot be analysed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
import soundfile  # type: ignore[import-untyped]
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Trouble = Literal["missing", "broken", "silent", "short"]

RATE: Final = 22_050
"""Samples a second at which pitch and rhythm are looked at."""

LONGEST: Final = 600.0
"""Seconds from the beginning that are analysed; what comes after is passed over."""

SHORTEST: Final = 2.0
"""Seconds under which there is too little to hear tempo or key in."""

SILENCE: Final = 1e-4
"""Root mean square under which a recording counts as silent (-80 dB of full scale)."""


@dataclass(frozen=True)
class Unusable:
    """Why a recording cannot be analysed; `said` is for people."""

    trouble: Trouble
    said: str


@dataclass(frozen=True, eq=False)
class Sound:
    """A recording.

    Attributes:
        channels: shape (frames, channels), full scale at 1.
        rate: frames a second of `channels`.
    """

    channels: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.channels) / self.rate

    @cached_property
    def mono(self) -> Samples:
        """The mean of the channels at `RATE`, shape (frames,)."""
        import librosa

        mono: Samples = self.channels.mean(axis=1, dtype=np.float32)
        if self.rate == RATE:
            return mono
        resampled = librosa.resample(mono, orig_sr=self.rate, target_sr=RATE, res_type="soxr_mq")
        return np.asarray(resampled, dtype=np.float32)


def read_sound(path: Path) -> Sound | Unusable:
    """The first ten minutes of a recording in a format that libsndfile reads (WAV, FLAC, MP3, Ogg, Opus)."""
    try:
        with soundfile.SoundFile(path) as source:
            channels: Samples = source.read(int(LONGEST * source.samplerate), dtype="float32", always_2d=True)
            rate = int(source.samplerate)
    except FileNotFoundError:
        return Unusable("missing", "the file is not there")
    except (soundfile.SoundFileError, OSError) as error:
        if not path.is_file():
            return Unusable("missing", "the file is not there")
        return Unusable("broken", f"cannot be read as audio: {error}")
    return _usable(Sound(channels, rate))


def _usable(sound: Sound) -> Sound | Unusable:
    if sound.seconds < SHORTEST:
        return Unusable("short", f"lasts {sound.seconds:.2f} s, and {SHORTEST:g} s are needed")
    level = float(np.sqrt(np.mean(np.square(sound.channels, dtype=np.float64))))
    if not np.isfinite(level):
        return Unusable("broken", "holds samples that are no numbers")
    if level < SILENCE:
        return Unusable("silent", "is silent")
    return sound
