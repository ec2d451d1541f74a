"""`MediaLibrary`: prepared clips and covers in a folder, each made once and found by its digest."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ..core.errors import CatalogError, CorruptionError
from ..core.hashing import digest, digest_of
from ..core.places import cache_folder
from .atomic_files import keep_cached
from .catalog import Catalog, MediaKind
from .clips.cutting import (
    CLIP_MIME,
    COVER_MIME,
    COVER_PIXELS,
    COVER_VERSION,
    cut_clip,
    scale_cover,
)
from .clips.excerpt import METHOD
from .clips.version import CLIP_VERSION
from .track import Track

Modality = Literal["audio", "image"]

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
    """Prepared media under one folder: `index/` from source to digest, `blobs/` from digest to bytes,
    `origins/` from digest to how the medium was made.

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
        clip_seconds: float,
    ) -> dict[Modality, Prepared | None]:
        """The track's clip and cover, made unless they were before. Blocks; to be called off the event loop.

        Args:
            modalities: `audio` and `image` are looked at, others are not.
            clip_seconds: length of a clip; of a shorter recording all is taken.

        Returns:
            Both kinds; None for one that was not asked for or that the track does not have.

        Raises:
            CatalogError: the file is missing, broken, too short or silent; names file and track.
            CacheError: the folder cannot be written, or is full.
        """
        made: dict[Modality, Prepared | None] = {"audio": None, "image": None}
        for kind in made:
            if kind in modalities:
                made[kind] = self._prepare(catalog, track, kind, clip_seconds)
        return made

    def prepare_images(self, catalog: Catalog, track: Track, most: int) -> tuple[Prepared, ...]:
        """Up to `most` pictures of the track beyond its cover, made unless they were before. Blocks.

        Raises:
            CatalogError: a file is missing or broken; names file and track.
        """
        shown = [track.model_copy(update={"cover": ref}) for ref in track.images[:most]]
        made = [self._prepare(catalog, one, "image", 0.0) for one in shown]
        return tuple(picture for picture in made if picture is not None)

    def origin(self, name: str) -> dict[str, Any]:
        """How the medium with that digest was made: `method`, `version`; of a clip, `start` and `seconds` too.

        Raises:
            CatalogError: it was not prepared in this folder.
        """
        path = self._origin(name)
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CatalogError(f"it is not known how medium {name} was made", file=path) from error
        return found

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
            clip = cut_clip(path, track_id, seconds)
            data, how = clip.data, {"start": clip.start, "method": METHOD, "version": CLIP_VERSION}
            made = Prepared(kind, digest(data), CLIP_MIME, clip.seconds)
        else:
            data, how = scale_cover(path, track_id), {"method": "middle square", "version": COVER_VERSION}
            made = Prepared(kind, digest(data), COVER_MIME)
        keep_cached(self._blob(made.digest), data)
        keep_cached(self._origin(made.digest), _encoded({**made.to_json(), **how}))
        keep_cached(self._entry(key), _encoded(made.to_json()))
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

    def _origin(self, name: str) -> Path:
        return self.folder / "origins" / name[:2] / f"{name}.json"

    def _entry(self, key: str) -> Path:
        return self.folder / "index" / key[:2] / f"{key}.json"


def _key(kind: Modality, seconds: float, source: object) -> str:
    """Digest of everything that a prepared medium depends on."""
    if kind == "audio":
        made: dict[str, Any] = {"preparation": CLIP_VERSION, "seconds": seconds}
    else:
        made = {"preparation": COVER_VERSION, "pixels": COVER_PIXELS}
    return digest_of({"kind": kind, "source": source, **made})


def _encoded(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _signature(path: Path, track_id: str) -> list[Any]:
    """Stands for a file's bytes where their digest is not known."""
    try:
        stat = path.stat()
    except OSError as error:
        raise CatalogError(f"track {track_id!r}: its file cannot be found", file=path) from error
    return [str(path.resolve()), stat.st_size, stat.st_mtime_ns]


def media_library() -> MediaLibrary:
    """The library of prepared clips and covers, in the cache folder."""
    return MediaLibrary(cache_folder() / "media")
