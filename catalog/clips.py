"""Clips and covers as they are put before a model: what is cut, and how it is encoded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ..core.errors import CatalogError

Samples = NDArray[np.float32]

COVER_PIXELS: Final = 300
CLIP_MIME: Final = "audio/mp3"
COVER_MIME: Final = "image/jpeg"

INTRO_SECONDS: Final = 3.0
"""Passed over where the recording is long enough: intros say little of a track."""

CANDIDATES: Final = 5
SILENCE: Final = 1e-4
"""Root mean square under which a clip counts as silent (-80 dB of full scale)."""

# Rates that MPEG audio knows; others are resampled to the nearest below.
_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)

# libsndfile maps 0..1 to 320..32 kbit/s; 0.85 gives about 24 kB for three seconds. Ogg is no choice here:
# its serial numbers are random, so that equal clips would differ in their bytes.
_COMPRESSION: Final = 0.85


def cut_clip(path: Path, track_id: str, seconds: float) -> bytes:
    """The loudest of five stretches spread over the recording, mono, as MP3. Equal files give equal bytes.

    Args:
        seconds: length of the clip.

    Raises:
        CatalogError: no audio file, shorter than `seconds`, cut off, or silent; names file and track.
    """
    try:
        with soundfile.SoundFile(path) as source:
            return _encode(_loudest(source, path, track_id, seconds), source.samplerate)
    except (soundfile.SoundFileError, OSError) as error:
        raise _wrong(path, track_id, "audio", f"cannot be read as audio: {error}") from error


def scale_cover(path: Path, track_id: str) -> bytes:
    """The middle square of a picture, 300 by 300 pixels, as JPEG. Equal files give equal bytes.

    Raises:
        CatalogError: no picture, or a broken one; names file and track.
    """
    try:
        with Image.open(path) as source:
            whole = ImageOps.exif_transpose(source)
            flat = _on_white(whole)
            square = ImageOps.fit(flat, (COVER_PIXELS, COVER_PIXELS), Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _wrong(path, track_id, "cover", f"cannot be read as a picture: {error}") from error
    out = io.BytesIO()
    square.save(out, "JPEG", quality=85)
    return out.getvalue()


def _loudest(source: soundfile.SoundFile, path: Path, track_id: str, seconds: float) -> Samples:
    length = round(seconds * source.samplerate)
    if source.frames < length:
        lasts = source.frames / source.samplerate
        raise _wrong(path, track_id, "audio", f"lasts {lasts:.2f} s, and a clip needs {seconds:g} s")
    last = source.frames - length
    first = min(last, round(INTRO_SECONDS * source.samplerate))
    starts = sorted({first + (last - first) * i // (CANDIDATES - 1) for i in range(CANDIDATES)})
    clips = [_stretch(source, start, length, path, track_id) for start in starts]
    loudest = max(clips, key=_level)
    if not _level(loudest) > SILENCE:
        raise _wrong(path, track_id, "audio", "is silent, or holds no sound that can be played")
    return loudest


def _stretch(source: soundfile.SoundFile, start: int, length: int, path: Path, track_id: str) -> Samples:
    source.seek(start)
    frames: Samples = source.read(length, dtype="float32", always_2d=True)
    if len(frames) < length:
        end = (start + len(frames)) / source.samplerate
        raise _wrong(path, track_id, "audio", f"breaks off at {end:.1f} s")
    mono: Samples = frames.mean(axis=1, dtype=np.float32)
    return mono


def _level(samples: Samples) -> float:
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    return level if np.isfinite(level) else 0.0


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
