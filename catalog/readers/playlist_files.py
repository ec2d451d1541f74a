"""Playlists of music players as listening sessions: M3U, M3U8, XSPF and JSPF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import polars as pl

from ...core.errors import CatalogError
from ..report import FileProblem
from .playlists import playlist_sessions
from .resolving import Named, Resolver

ENDINGS: Final = (".m3u", ".m3u8", ".xspf", ".jspf")
_INFO: Final = re.compile(r"#EXTINF:\s*-?[\d.]+[^,]*,(.*)")
_XSPF: Final = "{http://xspf.org/ns/0/}"


@dataclass(frozen=True)
class Entry:
    """One entry: what it names, and where it stands, for people (`line 3`, `entry 2`)."""

    named: Named
    place: str


@dataclass(frozen=True)
class FoundSessions:
    """Sessions for a music folder.

    Attributes:
        sessions: as `TableCatalog` wants them.
        rows: plays or entries read.
        missing: entries that the folder does not have.
    """

    sessions: pl.DataFrame
    rows: int
    missing: tuple[FileProblem, ...]


def read_playlists(place: Path, resolver: Resolver) -> FoundSessions:
    """Each playlist in a folder (or the one named) as a session of origin `playlist`.

    A session is named after its file; entries that the folder does not have are listed, not fatal.

    Raises:
        CatalogError: no playlist there, or one that cannot be read; names file and line or field.
    """
    files = _files(place)
    base = place if place.is_dir() else place.parent
    names, rows, missing, count = list[str](), list[int](), list[FileProblem](), 0
    for file in files:
        name = file.relative_to(base).as_posix()
        entries = list(_entries(file))
        count += len(entries)
        for entry, row in zip(entries, resolver.rows([e.named for e in entries]), strict=True):
            if row is None:
                missing.append(
                    FileProblem(name, f"{entry.place}: {entry.named.shown} is not in the folder", True)
                )
            else:
                names.append(_session_name(name, files, base))
                rows.append(row)
    table = pl.DataFrame(
        {"playlist": names, "track": rows}, schema={"playlist": pl.String, "track": pl.UInt32}
    )
    return FoundSessions(playlist_sessions(table), count, tuple(missing))


def _files(place: Path) -> list[Path]:
    if place.is_file():
        found = [place] if place.suffix.lower() in ENDINGS else []
    elif place.is_dir():
        found = sorted(p for p in place.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    else:
        raise CatalogError("there is no such file or folder", file=place, hint="it is to hold playlists")
    if not found:
        raise CatalogError("holds no playlist", file=place, hint=f"looked for {', '.join(ENDINGS)}")
    return found


def _session_name(name: str, files: Sequence[Path], base: Path) -> str:
    """The file's name without its ending, unless another playlist differs by nothing else."""
    bare = name.rpartition(".")[0]
    alike = [f for f in files if f.relative_to(base).as_posix().rpartition(".")[0] == bare]
    return bare if len(alike) == 1 else name


def _entries(file: Path) -> Iterator[Entry]:
    suffix = file.suffix.lower()
    if suffix == ".xspf":
        return _of_xspf(file)
    return _of_jspf(file) if suffix == ".jspf" else _of_m3u(file)


def _of_m3u(file: Path) -> Iterator[Entry]:
    artist: str | None = None
    title: str | None = None
    for number, line in enumerate(_text(file).splitlines(), 1):
        info = _INFO.match(line)
        if info:
            first, dash, rest = info[1].partition(" - ")
            artist, title = (first.strip(), rest.strip()) if dash else (None, info[1].strip())
        elif line.strip() and not line.startswith("#"):
            yield Entry(Named(line.strip(), artist, title, file.parent), f"line {number}")
            artist = title = None


def _text(file: Path) -> str:
    """M3U has no say on its encoding; what is not UTF-8 is read as players on Windows write it."""
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if file.suffix.lower() == ".m3u":
            return data.decode("cp1252", "replace")
        line = data[: error.start].count(b"\n") + 1
        raise CatalogError("is not UTF-8", file=file, line=line) from error


def _of_xspf(file: Path) -> Iterator[Entry]:
    try:
        root = ElementTree.parse(file).getroot()
    except ElementTree.ParseError as error:
        raise CatalogError(f"is not XML: {error}", file=file, line=error.position[0]) from error
    if root.tag.removeprefix(_XSPF) != "playlist":
        raise CatalogError(f"is no XSPF playlist: it begins with {root.tag!r}", file=file)
    for number, track in enumerate(root.iter(f"{_XSPF}track"), 1):
        texts = {
            name: (found.text or "").strip() if (found := track.find(f"{_XSPF}{name}")) is not None else ""
            for name in ("location", "creator", "title")
        }
        yield _named(file, number, texts["location"], texts["creator"], texts["title"])


def _of_jspf(file: Path) -> Iterator[Entry]:
    try:
        read: Any = json.loads(file.read_text("utf-8-sig"))
        tracks = read["playlist"]["track"]
    except json.JSONDecodeError as error:
        raise CatalogError(f"is not JSON: {error.msg}", file=file, line=error.lineno) from error
    except UnicodeDecodeError as error:
        raise CatalogError("is not UTF-8", file=file) from error
    except (KeyError, TypeError) as error:
        raise CatalogError("is no JSPF playlist", file=file, field="playlist.track") from error
    for number, track in enumerate(tracks, 1):
        if not isinstance(track, dict):
            raise CatalogError(f"entry {number} is no object", file=file, field="playlist.track")
        place = track.get("location") or ""
        first = (place[0] if place else "") if isinstance(place, list) else place
        yield _named(file, number, str(first), str(track.get("creator") or ""), str(track.get("title") or ""))


def _named(file: Path, number: int, location: str, artist: str, title: str) -> Entry:
    if not location and not (artist and title):
        raise CatalogError(
            f"entry {number} has neither a location nor creator and title", file=file, field="location"
        )
    return Entry(Named(location or None, artist or None, title or None, file.parent, True), f"entry {number}")
