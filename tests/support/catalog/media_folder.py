"""Recordings and pictures of a test's own, as a catalogue whose media are prepared."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from segue.catalog.catalog import MediaKind
from segue.catalog.media import MediaLibrary, Prepared
from segue.catalog.track import MediaRef, Track
from segue.core.errors import CatalogError

BOTH = ("audio", "image")


class Folder:
    """The part of a catalogue that the media library uses, over plain files."""

    name = source = digest = "folder"

    def __init__(self, audio: Path | None = None, cover: Path | None = None) -> None:
        self.paths: dict[MediaKind, Path | None] = {"audio": audio, "cover": cover}
        self.asked = 0

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        self.asked += 1
        return self.paths[kind]

    def track_ids(self) -> list[str]:
        return []

    def session_ids(self, *, min_tracks: int = 1) -> list[str]:
        return []

    def track(self, track_id: str) -> Track:
        raise CatalogError(f"no track {track_id}")

    def session(self, session_id: str) -> None:
        raise CatalogError(f"no session {session_id}")

    def coverage(self) -> dict[str, int]:
        return {}


def track(audio: str | None = None) -> Track:
    ref = MediaRef(path="a.wav", digest=audio) if audio else None
    return Track(track_id="t-1", track_name=("Song",), artist_name=("Someone",), audio=ref)


def prepare(
    library: MediaLibrary, folder: Folder, *modalities: str, seconds: float = 3.0
) -> dict[str, Prepared | None]:
    made = library.prepare(folder, track(), modalities or BOTH, clip_seconds=seconds)  # type: ignore[arg-type]
    return {**made}


def tone(path: Path, *levels: float, rate: int = 8000, channels: int = 2) -> Path:
    """A recording of one second for each level."""
    second = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)
    mono = np.concatenate([level * second for level in levels])
    soundfile.write(path, np.stack([mono] * channels, axis=1), rate)
    return path


def picture(path: Path, size: tuple[int, int] = (640, 400), mode: str = "RGB") -> Path:
    Image.linear_gradient("L").resize(size).convert(mode).save(path)
    return path


def heard(data: bytes) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(io.BytesIO(data), always_2d=True)
    return samples, rate
