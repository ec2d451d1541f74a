"""Covers of music files: those inside them, and those that lie beside them."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image

from ....core.hashing import digest
from ...atomic_files import write_atomically
from .audio_tags import Picture

ENDINGS: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
NAMES: Final = ("cover", "folder", "front", "album", "albumart", "albumartsmall", "artwork", "label", "thumb")
"""What covers are called, those sought first before others."""

OTHERS: Final = ("back", "artist", "band", "photo", "inside", "inlay", "booklet", "disc", "cd", "sleeve")
"""What further pictures of an album are called, those before others shown first."""

EMBEDDED: Final = "embedded"
_DISC: Final = re.compile(r"(?i)(cd|disc|disk|side|vol(ume)?)[\s._-]*\w{1,3}")
_NO_PICTURE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What Pillow raises over files that are no pictures, or are cut off: they are decoded, not only looked at."""

_SUFFIXES: Final = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}


def keep_picture(picture: Picture, media: Path) -> str:
    """Write an embedded picture into the media folder under its digest; returns the path there.

    Raises:
        ValueError: it is no picture; says why.
    """
    name = digest(picture.data)
    suffix = _suffix(picture.data)
    target = media / EMBEDDED / f"{name}{suffix}"
    if not target.is_file():
        write_atomically(target, picture.data)
    return f"{EMBEDDED}/{name}{suffix}"


def _suffix(data: bytes) -> str:
    import io

    try:
        with Image.open(io.BytesIO(data)) as opened:
            opened.load()
            return _SUFFIXES.get(opened.format or "", ".img")
    except _NO_PICTURE as error:
        raise ValueError(f"cannot be read as a picture: {error}") from error


@cache
def fault_of(file: Path) -> str | None:
    """Why `file` is no picture; None for a good one."""
    try:
        with Image.open(file) as opened:
            opened.load()
    except _NO_PICTURE as error:
        return f"cannot be read as a picture: {error or type(error).__name__}"
    return None


def neighbouring(path: str, folders: Mapping[str, Sequence[str]]) -> str | None:
    """The cover that lies beside a music file: of its own name, of a usual name, or the only picture there.

    A folder such as `CD 2` is looked above, too.

    Args:
        path: of the music file, relative, with forward slashes.
        folders: relative folder -> names of the files in it.
    """
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0].lower()
    found = _best(folders.get(folder, ()), stem)
    if found is None and _DISC.fullmatch(folder.rpartition("/")[2]):
        folder = folder.rpartition("/")[0]
        found = _best(folders.get(folder, ()), None)
    return None if found is None else f"{folder}/{found}" if folder else found


def others(path: str, folders: Mapping[str, Sequence[str]], cover: str | None) -> list[str]:
    """Pictures beside a music file that by their names belong to its album and are not its cover.

    Args:
        path, folders: as for `neighbouring`.
        cover: what was found as the cover.
    """
    folder = path.rpartition("/")[0]
    named: list[tuple[int, str]] = []
    for name in folders.get(folder, ()):
        stem = re.sub(r"[\s._-]*\d*$", "", name.rpartition(".")[0].lower())
        if name.lower().endswith(ENDINGS) and stem in OTHERS:
            named.append((OTHERS.index(stem), f"{folder}/{name}" if folder else name))
    return [place for _, place in sorted(named) if place != cover]


def _best(names: Sequence[str], stem: str | None) -> str | None:
    pictures = sorted(name for name in names if name.lower().endswith(ENDINGS))
    by_stem = {name.rpartition(".")[0].lower(): name for name in reversed(pictures)}
    wanted = ([stem] if stem else []) + list(NAMES)
    named = next((by_stem[name] for name in wanted if name in by_stem), None)
    return named or (pictures[0] if len(pictures) == 1 else None)
