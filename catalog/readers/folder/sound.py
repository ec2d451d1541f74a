"""Whether a file holds sound: its length, its peak, and what is wrong where it cannot be played."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]

SILENT_PEAK: Final = 1e-3
"""Peak of full scale below which a file counts as silent (-60 dB)."""

_BLOCK_SECONDS: Final = 5.0
_ENOUGH: Final = 0.02
"""A peak (-34 dB) at which it is clear that the file is not silent, and the search for more ends."""


@dataclass(frozen=True)
class SoundCheck:
    """What was found.

    Attributes:
        seconds: length; 0 where it cannot be told.
        peak: the highest sample met, of full scale. The search ends when it is clear that there is sound.
        fault: why the file cannot be played; None for one that can.
    """

    seconds: float
    peak: float = 0.0
    fault: str | None = None

    @property
    def silent(self) -> bool:
        return self.fault is None and self.peak < SILENT_PEAK


def listen(path: Path) -> SoundCheck:
    """Decode the beginning, the end, and as much between as it takes to meet sound.

    The end is decoded because a file that was cut off while it was copied opens well and fails there.
    """
    try:
        with soundfile.SoundFile(path) as source:
            return _listened(source)
    except (soundfile.SoundFileError, OSError) as error:
        return SoundCheck(0.0, fault=f"cannot be decoded: {_reason(error, path)}")


def _reason(error: Exception, path: Path) -> str:
    """libsndfile's words without the path, which the report has beside it."""
    text = str(error).replace(repr(str(path)), "").strip()
    return text.removeprefix("Error opening").removeprefix(":").strip() or type(error).__name__


def _listened(source: soundfile.SoundFile) -> SoundCheck:
    rate, frames = source.samplerate, source.frames
    if frames <= 0 or rate <= 0:
        return SoundCheck(0.0, fault="cannot be decoded: it holds no sound at all")
    seconds, block = frames / rate, max(1, round(_BLOCK_SECONDS * rate))
    last = max(0, frames - block)
    peak = 0.0
    for start in [0, last, *range(block, last, block)]:
        if start in (0, last) or peak < _ENOUGH:
            source.seek(start)
            wanted = min(block, frames - start)
            heard = source.read(wanted, dtype="float32", always_2d=True)
            if len(heard) < wanted:
                at = (start + len(heard)) / rate
                return SoundCheck(
                    seconds, peak, f"cannot be decoded: it breaks off at {at:.1f} of {seconds:.1f} s"
                )
            peak = max(peak, float(np.abs(heard).max(initial=0.0)))
    return SoundCheck(seconds, peak)
