"""Small music files of all kinds, made here: sound by soundfile, tags by mutagen, an M4A by hand."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

RATE = 22_050


def sound(path: Path, seconds: float = 4.0, *, level: float = 0.5) -> Path:
    """A tone; the format goes by the ending (`.opus` is Opus in Ogg)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opus = path.suffix == ".opus"
    rate = 24_000 if opus else RATE
    wave = level * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)
    kinds = {".mp3": "MP3", ".flac": "FLAC", ".ogg": "OGG", ".opus": "OGG", ".wav": "WAV"}
    soundfile.write(
        path, wave.astype(np.float32), rate, format=kinds[path.suffix], subtype="OPUS" if opus else None
    )
    return path


def picture(kind: str = "PNG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(out, kind)
    return out.getvalue()


def m4a(path: Path, seconds: int = 7) -> Path:
    """The boxes of an M4A file, without any sound in it: what tags and length are read from."""

    def box(kind: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I4s", 8 + len(body), kind) + body

    header = struct.pack(">IIIIIHH", 0, 0, 0, 1000, seconds * 1000, 0, 0)
    handler = struct.pack(">II4s12x", 0, 0, b"soun") + b"\0"
    media = box(b"mdia", box(b"mdhd", header), box(b"hdlr", handler))
    movie = box(
        b"moov", box(b"mvhd", struct.pack(">IIIII80x", 0, 0, 0, 1000, seconds * 1000)), box(b"trak", media)
    )
    path.write_bytes(box(b"ftyp", b"M4A \0\0\0\0M4A ") + movie + box(b"mdat", b"\0" * 64))
    return path
