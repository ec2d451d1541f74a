"""Clips and covers as they are put before a model: what is cut, and how it is encoded."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ...core.errors import CatalogError
from .excerpt import choose_excerpt
from .version import LEAST_SECONDS

Samples = NDArray[np.float32]

COVER_VERSION: Final = 1
"""Raised when covers are scaled or encoded in another way."""

COVER_PIXELS: Final = 300
CLIP_MIME: Final = "audio/mp3"
COVER_MIME: Final = "image/jpeg"

LONGEST_SEARCHED: Final = 600.0
"""Seconds from the beginning among which the clip is chosen."""

SILENCE: Final = 1e-4
"""Root mean square under which a clip counts as silent (-80 dB of full scale)."""

# Rates that MPEG audio knows; others are resampled to the nearest below.
_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

# libsndfile maps 0..1 to 320..32 kbit/s; 0.85 gives about 24 kB for three seconds. Ogg is no choice here:
# its serial numbers are random, so that equal clips would differ in their bytes.
_COMPRESSION: Final = 0.85

_BLOCK: Final = 1 << 18
_TAIL: Final = 0.5
"""Seconds by which a file may end before its header says: players do not notice, and encoders round."""


@dataclass(frozen=True)
class Clip:
    """An encoded clip, and where in the recording it was cut, in seconds."""

    data: bytes
    start: float
    seconds: float


def cut_clip(path: Path, track_id: str, seconds: float) -> Clip:
    """The most characteristic stretch of a recording, mono, as MP3. Equal files give equal bytes.

    Args:
        seconds: length of the clip; a recording that is shorter, but lasts 3 seconds, is taken whole.

    Raises:
        CatalogError: no audio file, too short, cut off, or silent; names file and track.
    """
    try:
        with soundfile.SoundFile(path) as source:
            mono, rate = _mono(source, path, track_id), int(source.samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise _wrong(path, track_id, "audio", f"cannot be read as audio: {error}") from error
    lasts = len(mono) / rate
    if lasts < min(seconds, LEAST_SECONDS):
        needed = min(seconds, LEAST_SECONDS)
        raise _wrong(path, track_id, "audio", f"lasts {lasts:.2f} s, and a clip needs {needed:g} s")
    length = min(max(1, round(seconds * rate)), len(mono))
    start = choose_excerpt(mono, rate, length).start
    cut = mono[start : start + length]
    if not _level(cut) > SILENCE:
        raise _wrong(path, track_id, "audio", "is silent, or holds no sound that can be played")
    return Clip(_encode(cut, rate), round(start / rate, 3), round(length / rate, 3))


def scale_cover(path: Path, track_id: str) -> bytes:
    """The middle square of a picture, 300 by 300 pixels, as JPEG. Equal files give equal bytes.

    Of a moving picture the first frame is taken, what is transparent becomes white, and a picture that is
    marked as turned is turned back.

    Raises:
        CatalogError: no picture, a broken one, or one of more than 178 million pixels; names file and track.
    """
    try:
        with Image.open(path) as source:
            # JPEG decodes at a half, a quarter or an eighth of its size, which saves most of the work.
            source.draft("RGB", (2 * COVER_PIXELS, 2 * COVER_PIXELS))
            whole = ImageOps.exif_transpose(source)
            flat = _on_white(_eight_bits(whole))
            square = ImageOps.fit(flat, (COVER_PIXELS, COVER_PIXELS), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _wrong(path, track_id, "cover", f"cannot be read as a picture: {error}") from error
    out = io.BytesIO()
    square.save(out, "JPEG", quality=85)
    return out.getvalue()


def _mono(source: soundfile.SoundFile, path: Path, track_id: str) -> Samples:
    """The mean of the channels, up to `LONGEST_SEARCHED`. Raises `CatalogError` when the file breaks off."""
    wanted = min(source.frames, round(LONGEST_SEARCHED * source.samplerate))
    parts: list[Samples] = []
    read = 0
    while read < wanted:
        block: Samples = source.read(min(_BLOCK, wanted - read), dtype="float32", always_2d=True)
        if not len(block):
            break
        parts.append(block.mean(axis=1, dtype=np.float32))
        read += len(block)
    if read < wanted - _TAIL * source.samplerate:
        raise _wrong(path, track_id, "audio", f"breaks off at {read / source.samplerate:.1f} s")
    mono = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    return np.nan_to_num(mono, copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _encode(samples: Samples, rate: int) -> bytes:
    fitting = max((r for r in _RATES if r <= rate), default=_RATES[0])
    if fitting != rate:
        samples = _resampled(samples, rate, fitting)
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", fitting, 1, format="MP3", subtype="MPEG_LAYER_III",
        compression_level=_COMPRESSION, bitrate_mode="CONSTANT",
    ) as target:  # fmt: skip
        target.write(np.clip(samples, -1.0, 1.0))
    return out.getvalue()


def _resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """Band-limited resampling of a short clip: its spectrum, cut or padded to the new rate."""
    length = round(len(samples) * wanted / rate)
    spectrum = np.fft.rfft(samples)
    fitted = np.zeros(length // 2 + 1, dtype=spectrum.dtype)
    kept = min(len(fitted), len(spectrum))
    fitted[:kept] = spectrum[:kept]
    return (np.fft.irfft(fitted, length) * (length / len(samples))).astype(np.float32)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey pictures of 16 bits and more would turn white if they were converted as they are."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    values = np.asarray(picture, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    top = 65_535.0 if picture.mode.startswith("I") and low >= 0 and high <= 65_535 else max(high, 1e-9)
    return Image.fromarray((np.clip(values / top, 0.0, 1.0) * 255).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _wrong(path: Path, track_id: str, field: str, message: str) -> CatalogError:
    return CatalogError(
        f"track {track_id!r}: {message}",
        file=path,
        field=field,
        hint="repair the file, or take it out of the catalogue; --modalities text needs no media",
    )
