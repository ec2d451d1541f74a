"""`MediaLibrary`: prepared clips and covers in a folder, each made once and found by its digest."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..core.errors import CatalogError, CorruptionError
from ..core.hashing import digest, digest_of
from .catalog import Catalog, MediaKind
from .clips import CLIP_MIME, COVER_MIME, COVER_PIXELS, cut_clip, scale_cover
from .track import Track

Modality = Literal["audio", "image"]

PREPARATION: Final = 1
"""Raised when clips or covers are cut or encoded in another way."""

_KINDS: Final[dict[Modality, MediaKind]] = {"audio": "audio", "image": "cover"}


@dataclass(frozen=True)
class Prepared:
    """A prepared clip or cover. Its JSON is that of `state.values.Medium`.

    Attributes:
        digest: BLAKE2b-128 of the prepared bytes.
        seconds: length of a clip; None for pictures.
    """

    kind: Modality
    digest: str
    mime_type: str
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class MediaLibrary:
    """Prepared media under one folder: `index/` from source to digest, `blobs/` from digest to bytes.

    Any number of processes may share the folder: files appear whole or not at all, and never change.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(
        self,
        catalog: Catalog,
        track: Track,
        modalities: Collection[str],
        *,
        clip_seconds: float = 3.0,
    ) -> dict[Modality, Prepared | None]:
        """The track's clip and cover, made unless they were before. Blocks; to be called off the event loop.

        Args:
            modalities: `audio` and `image` are looked at, others are not.

        Returns:
            Both kinds; None for one that was not asked for or that the track does not have.

        Raises:
            CatalogError: the file is missing, broken, too short or silent; names file and track.
        """
        made: dict[Modality, Prepared | None] = {"audio": None, "image": None}
        for kind in made:
            if kind in modalities:
                made[kind] = self._prepare(catalog, track, kind, clip_seconds)
        return made

    def read(self, name: str) -> bytes:
        """The bytes whose digest is `name`.

        Raises:
            CatalogError: they are not in the folder (any more).
            CorruptionError: they are not what the digest says.
        """
        path = self._blob(name)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CatalogError(
                f"prepared medium {name} is not in the media folder",
                file=path,
                hint="prepare it again: run the command with the catalogue that it came from",
            ) from error
        if digest(data) != name:
            raise CorruptionError(
                f"{path}: the bytes of prepared medium {name} do not match its digest",
                hint="delete this file and run again; it is then prepared anew",
            )
        return data

    def _prepare(self, catalog: Catalog, track: Track, kind: Modality, seconds: float) -> Prepared | None:
        ref = track.audio if kind == "audio" else track.cover
        known = self._find(_key(kind, seconds, ref.digest)) if ref and ref.digest else None
        if known is not None:
            return known
        path = catalog.media_path(track, _KINDS[kind])
        if path is None:
            return None
        key = _key(kind, seconds, (ref.digest if ref else None) or _signature(path, track.track_id))
        return self._find(key) or self._make(key, kind, path, track.track_id, seconds)

    def _make(self, key: str, kind: Modality, path: Path, track_id: str, seconds: float) -> Prepared:
        if kind == "audio":
            data = cut_clip(path, track_id, seconds)
            made = Prepared(kind, digest(data), CLIP_MIME, seconds)
        else:
            data = scale_cover(path, track_id)
            made = Prepared(kind, digest(data), COVER_MIME)
        _write(self._blob(made.digest), data)
        _write(self._entry(key), json.dumps(made.to_json(), sort_keys=True).encode())
        return made

    def _find(self, key: str) -> Prepared | None:
        """What was prepared under `key`; None when it never was, or when its bytes were deleted since."""
        path = self._entry(key)
        try:
            made = Prepared(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise CorruptionError(
                f"{path}: this entry of the media index cannot be read: {error}",
                hint="delete this file and run again; the medium is then prepared anew",
            ) from error
        return made if self._blob(made.digest).is_file() else None

    def _blob(self, name: str) -> Path:
        return self.folder / "blobs" / name[:2] / name

    def _entry(self, key: str) -> Path:
        return self.folder / "index" / key[:2] / f"{key}.json"


def _key(kind: Modality, seconds: float, source: object) -> str:
    """Digest of everything that a prepared medium depends on."""
    made = {"seconds": seconds} if kind == "audio" else {"pixels": COVER_PIXELS}
    return digest_of({"preparation": PREPARATION, "kind": kind, "source": source, **made})


def _signature(path: Path, track_id: str) -> list[Any]:
    """Stands for a file's bytes where their digest is not known."""
    try:
        stat = path.stat()
    except OSError as error:
        raise CatalogError(f"track {track_id!r}: its file cannot be found", file=path) from error
    return [str(path.resolve()), stat.st_size, stat.st_mtime_ns]


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; of several writers with equal bytes, any may come last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
