"""Which format a file or folder is in, told from what is in the files, not from what they are called."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..core.errors import CatalogError
from .file_endings import MUSIC
from .published import published_files, published_role
from .source_files import BOM, encoding_of

FORMATS: Final = {
    "native": "segue's own folder",
    "lfm1b": "LFM-1b",
    "lfm2b": "LFM-2b",
    "lastfm1k": "Last.fm 1K users",
    "mpd": "Million Playlist Dataset slices",
    "spotify": "Spotify songs CSV",
    "talkplay": "TalkPlayData",
}

LOOKED_FOR: Final = (
    "looked for: a native folder (tracks.jsonl or tracks.parquet with sessions), LFM-1b or LFM-2b files, "
    "Last.fm 1K plays, Million Playlist Dataset slices, a Spotify songs CSV, TalkPlayData"
)


_HEAD: Final = 65_536
_PACKED: Final = {b"BZh": "bzip2", b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?")
_SLICE: Final = re.compile(rb'^\s*\{.*?"playlists"\s*:\s*\[', re.DOTALL)

_HEADERS: Final[Mapping[str, Sequence[str]]] = {
    "lfm-users": ("user_id", "country", "age", "gender"),
    "lfm2b-events": ("user_id", "track_id", "album_id", "timestamp"),
    "lfm2b-tracks": ("track_id", "artist_name", "track_name"),
    "lfm2b-albums": ("album_id", "album_name", "artist_name"),
    "lfm2b-artists": ("artist_id", "artist_name"),
    "lfm2b-spotify": ("track_id", "uri"),
    "lastfm1k-users": ("#id", "gender", "age", "country"),
    "lastfm1k-tags": ("track-name", "artist-name", "tags"),
    "spotify-songs": ("track_id", "track_name", "track_artist"),
}

_MAIN: Final = {
    "lfm1b-events": "lfm1b",
    "lfm2b-events": "lfm2b",
    "lastfm1k-events": "lastfm1k",
    "mpd-slice": "mpd",
    "spotify-songs": "spotify",
    "talkplay-tracks": "talkplay",
    "talkplay-rows": "talkplay",
}
"""The role that a format cannot do without."""


@dataclass(frozen=True)
class Source:
    """A recognised source: its format, and which file plays which part.

    Attributes:
        path: what the user named.
        format: a key of `FORMATS`.
        files: role -> files, in the order of their names.
    """

    path: Path
    format: str
    files: Mapping[str, tuple[Path, ...]]

    def one(self, role: str) -> Path | None:
        """The file in that role; None when there is none. Raises `CatalogError` when there are several."""
        found = self.all(role)
        if len(found) > 1:
            raise CatalogError(
                f"{found[0].name} and {found[1].name} both look like {role.replace('-', ' ')}",
                file=self.path,
                hint="put each catalogue into a folder of its own",
            )
        return found[0] if found else None

    def need(self, role: str) -> Path:
        """The file in that role. Raises `CatalogError` when there is none, or several."""
        found = self.one(role)
        if found is None:
            raise CatalogError(
                f"{FORMATS[self.format]} needs a file of {role.partition('-')[2]}, and none was found",
                file=self.path,
                hint=f"found: {', '.join(self.names)}",
            )
        return found

    def all(self, role: str) -> tuple[Path, ...]:
        return self.files.get(role, ())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(file.name for files in self.files.values() for file in files))

    @property
    def name(self) -> str:
        return self.path.resolve().stem if self.path.is_file() else self.path.resolve().name

    @property
    def described(self) -> str:
        return f"{self.path} ({FORMATS[self.format]})"


def detect(path: Path, *, only: str | None = None) -> Source:
    """Recognise `path`.

    Args:
        only: a key of `FORMATS`, `lfm` for both of its kinds; anything else found is passed over.

    Raises:
        CatalogError: nothing there, nothing known, or several formats; says what was looked for and found.
    """
    if not path.exists():
        raise CatalogError("there is no such file or folder", file=path, hint=LOOKED_FOR)
    if path.is_dir() and is_native(path) and only in (None, "native"):
        return Source(path, "native", {})
    listed = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    listed += published_files(path)
    roles: defaultdict[str, list[Path]] = defaultdict(list)
    for file in listed:
        if not file.name.startswith(".") and (role := role_of(file)):
            roles[role].append(file)
    formats = {_MAIN[role] for role in roles if role in _MAIN and _asked(_MAIN[role], only)}
    if len(formats) != 1:
        raise _unclear(path, listed, roles, formats, only)
    chosen = formats.pop()
    files = {r: tuple(found) for r, found in roles.items() if r.startswith((chosen, chosen[:3] + "-"))}
    return Source(path, chosen, files)


def _asked(name: str, only: str | None) -> bool:
    return only is None or name == only or (only == "lfm" and name.startswith("lfm"))


def is_native(folder: Path) -> bool:
    """Whether `folder` holds the files of a native catalogue."""
    return any((folder / f"tracks.{kind}").is_file() for kind in ("jsonl", "parquet"))


def role_of(file: Path) -> str | None:
    """What `file` is in one of the known formats, from its first lines; None when it is none of that.

    Raises:
        CatalogError: it cannot be read.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD)
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=file) from error
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _SLICE.match(head):
        return "mpd-slice"
    if published := published_role(file, head):
        return published
    # Not splitlines(): names hold control characters at which it would break lines.
    lines = [
        line.rstrip("\r") for line in head.decode(encoding_of(head), "replace").removeprefix(BOM).split("\n")
    ]
    # The last line may be cut off.
    whole = lines[:-1] if len(head) == _HEAD and len(lines) > 1 else lines
    return _role_of_header(whole) or _role_of_lines(whole)


def _role_of_header(lines: Sequence[str]) -> str | None:
    if not lines:
        return None
    try:
        cells = lines[0].split("\t") if "\t" in lines[0] else next(csv.reader(lines[:1]), [])
    except csv.Error:
        return None
    known = [role for role, names in _HEADERS.items() if set(names) <= set(cells)]
    return max(known, key=lambda role: len(_HEADERS[role]), default=None)


def _role_of_lines(lines: Sequence[str]) -> str | None:
    rows = [line.split("\t") for line in lines[:20] if line]
    for role, fits in _SHAPES.items():
        if rows and all(map(fits, rows)):
            return role
    return None


def _are(*kinds: str) -> Callable[[Sequence[str]], bool]:
    """A test for lines with such fields: `#` a whole number, `t` a time, `.` anything."""

    def fits(cells: Sequence[str]) -> bool:
        return len(cells) == len(kinds) and all(
            kind == "." or (cell.isdecimal() if kind == "#" else bool(_ISO.fullmatch(cell)))
            for kind, cell in zip(kinds, cells, strict=True)
        )

    return fits


_SHAPES: Final[Mapping[str, Callable[[Sequence[str]], bool]]] = {
    "lfm1b-events": _are("#", "#", "#", "#", "#"),
    "lfm1b-names": _are("#", ".", "#"),
    "lfm1b-artists": _are("#", "."),
    "lastfm1k-events": _are(".", "t", ".", ".", ".", "."),
}


def _unclear(
    path: Path,
    listed: Sequence[Path],
    roles: Mapping[str, Sequence[Path]],
    formats: set[str],
    only: str | None,
) -> CatalogError:
    if formats:
        found = ", ".join(sorted(FORMATS[name] for name in formats))
        return CatalogError(
            f"holds several catalogues ({found})",
            file=path,
            hint="name one file, or choose with `segue catalog import FORMAT`",
        )
    if path.is_dir() and any(p.suffix.lower() in MUSIC for p in path.rglob("*")):
        return CatalogError(
            "is a folder of music files",
            file=path,
            hint=f"`segue catalog import folder {path} --simulate-sessions 10 --out CATALOGUE` makes a catalogue of it",
        )
    packed = [(file, kind) for file in listed if (kind := _packing(file))]
    if packed:
        return CatalogError(f"is packed with {packed[0][1]}", file=packed[0][0], hint="unpack it first")
    from .other_uses import other_use  # it knows the readers, which know this module

    if only is None and (use := other_use(path)):
        return CatalogError(use[0], file=path, hint=use[1])
    wanted = f" as {only}" if only else ""
    parts = [f"{file.name} ({role.replace('-', ' ')})" for role, files in roles.items() for file in files]
    shown = parts or [file.name for file in listed]
    what = ", ".join(shown[:6]) + (" and more" if len(shown) > 6 else "") if shown else "no files"
    return CatalogError(f"is not known{wanted}; it holds {what}", file=path, hint=LOOKED_FOR)


def _packing(file: Path) -> str | None:
    with file.open("rb") as opened:
        head = opened.read(4)
    return next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), None)
