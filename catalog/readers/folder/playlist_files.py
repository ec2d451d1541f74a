"""Playlists of music players as listening sessions: M3U, M3U8, XSPF and JSPF, however they are written."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import polars as pl

from ....core.errors import CatalogError
from ...file_endings import PLAYLISTS
from ...reporting.report import FileProblem
from ...source_files import encoding_of, lines_of, read_bytes, text_of
from ..resolving import Named, Resolver
from .music_folder import shown_path
from .playlists import playlist_sessions

_INFO: Final = re.compile(r"#EXTINF:\s*-?[\d.]+[^,]*,(.*)", re.IGNORECASE)
_CALLED: Final = re.compile(r"#PLAYLIST:\s*(.*)", re.IGNORECASE)
_DECLARED: Final = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)[\"'][^>]*\?>")
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_LEGACY: Final = "cp1252"


@dataclass(frozen=True)
class PlaylistEntry:
    """One entry: what it names, and where it stands, for people (`line 3`, `entry 2`).

    Attributes:
        named: None for an entry that names nothing.
    """

    named: Named | None
    place: str


@dataclass(frozen=True)
class FoundSessions:
    """Sessions for a music folder.

    Attributes:
        sessions: as `TableCatalog` wants them.
        rows: plays or entries read.
        missing: entries that the folder does not have.
        problems: of whole files.
        dropped: reason -> further plays, or files, that were left out.
    """

    sessions: pl.DataFrame
    rows: int
    missing: tuple[FileProblem, ...]
    problems: tuple[FileProblem, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)


def read_playlists(place: Path, resolver: Resolver) -> FoundSessions:
    """Each playlist in a folder (or the one named) as a session of origin `playlist`.

    A session is named after its file. Entries that the folder does not have, and in a folder of several
    playlists those that cannot be read, are listed and cost nothing else.

    Raises:
        CatalogError: no playlist there, or none that can be read; names file and line or field.
    """
    files = _files(place)
    base = place if place.is_dir() else place.parent
    names, titles, rows = list[str](), list[str | None](), list[int]()
    missing, count = list[FileProblem](), 0
    failed, problems = list[CatalogError](), list[FileProblem]()
    for file in files:
        name = shown_path(file.relative_to(base).as_posix())
        try:
            title, entries, noticed = _entries(file)
        except CatalogError as error:
            failed.append(error)
            problems.append(FileProblem(name, error.message.removeprefix(f"{file}: "), True))
            continue
        count += len(entries)
        problems += [FileProblem(name, problem, False) for problem in noticed]
        found = resolver.rows([entry.named or Named(None, None, None, file.parent) for entry in entries])
        for entry, row in zip(entries, found, strict=True):
            if row is None:
                missing.append(FileProblem(name, _missing(entry), True))
            else:
                names.append(_session_name(name, files, base))
                titles.append(title)
                rows.append(row)
    if len(failed) == len(files):
        raise failed[0]
    table = pl.DataFrame(
        {"playlist": names, "title": titles, "track": rows},
        schema={"playlist": pl.String, "title": pl.String, "track": pl.UInt32},
    )
    unreadable = {"playlists that cannot be read": len(failed)} if failed else {}
    return FoundSessions(playlist_sessions(table), count, tuple(missing), tuple(problems), unreadable)


def _missing(entry: PlaylistEntry) -> str:
    if entry.named is None:
        return f"{entry.place} has neither a location nor artist and title"
    return f"{entry.place}: {entry.named.shown} is not in the folder"


def _files(place: Path) -> list[Path]:
    if place.is_file():
        found = [place] if place.suffix.lower() in PLAYLISTS else []
    elif place.is_dir():
        found = sorted(p for p in place.rglob("*") if p.suffix.lower() in PLAYLISTS and p.is_file())
    else:
        raise CatalogError("there is no such file or folder", file=place, hint="it is to hold playlists")
    if not found:
        raise CatalogError("holds no playlist", file=place, hint=f"looked for {', '.join(PLAYLISTS)}")
    return found


def _session_name(name: str, files: Sequence[Path], base: Path) -> str:
    """The file's name without its ending, unless another playlist differs by nothing else."""
    bare = name.rpartition(".")[0]
    alike = [f for f in files if shown_path(f.relative_to(base).as_posix()).rpartition(".")[0] == bare]
    return bare if len(alike) == 1 else name


def _entries(file: Path) -> tuple[str | None, list[PlaylistEntry], list[str]]:
    """What a playlist is called, where it says so, its entries, and what was noticed while it was read."""
    suffix = file.suffix.lower()
    data = read_bytes(file)
    if suffix == ".jspf":
        return *_of_jspf(file, text_of(data, file)), []
    read = _of_xspf if suffix == ".xspf" else _of_m3u
    encoding, noticed = _encoding(data, suffix)
    return *read(file, text_of(data, file, encoding=encoding)), noticed


def _encoding(data: bytes, suffix: str) -> tuple[str, list[str]]:
    """The encoding of a playlist, and what is to be said of it.

    M3U has no say on its encoding; what is not UTF-8 is read as players on Windows write it. XSPF may declare one.
    """
    told = encoding_of(data)
    declared = _DECLARED.search(data[:200]) if suffix == ".xspf" and told == "utf-8" else None
    if declared is not None:
        name = declared[1].decode("ascii")
        try:
            return codecs.lookup(name).name, []
        except LookupError:
            return _fitting(data, told), [f"its encoding {name!r} is not known: read as UTF-8"]
    if suffix == ".m3u8" or told != "utf-8":
        return told, []
    return _fitting(data, told), []


def _fitting(data: bytes, encoding: str) -> str:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return _LEGACY if _is_legacy(data) else "latin-1"
    return encoding


def _is_legacy(data: bytes) -> bool:
    try:
        data.decode(_LEGACY)
    except UnicodeDecodeError:
        return False
    return True


def _of_m3u(file: Path, text: str) -> tuple[str | None, list[PlaylistEntry]]:
    called = next((found[1] for line in lines_of(text) if (found := _CALLED.match(line))), None)
    return called, list(_m3u_entries(file, text))


def _m3u_entries(file: Path, text: str) -> Iterator[PlaylistEntry]:
    artist: str | None = None
    title: str | None = None
    for number, line in enumerate(lines_of(text), 1):
        info = _INFO.match(line)
        if info:
            first, dash, rest = info[1].partition(" - ")
            artist, title = (first.strip(), rest.strip()) if dash else (None, info[1].strip())
        elif line.strip() and not line.startswith("#"):
            yield PlaylistEntry(Named(line.strip(), artist, title, file.parent), f"line {number}")
            artist = title = None


def _of_xspf(file: Path, text: str) -> tuple[str | None, list[PlaylistEntry]]:
    try:
        root = ElementTree.fromstring(_DECLARATION.sub("", text, count=1))
    except (ElementTree.ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ElementTree.ParseError) else None
        raise CatalogError(f"is not XML: {error}", file=file, line=line) from error
    if _bare(root.tag) != "playlist":
        raise CatalogError(f"is no XSPF playlist: it begins with {root.tag!r}", file=file)
    called = next((child.text for child in root if _bare(child.tag) == "title"), None)
    return called, list(_xspf_entries(file, root))


def _xspf_entries(file: Path, root: ElementTree.Element) -> Iterator[PlaylistEntry]:
    tracks = (element for element in root.iter() if _bare(element.tag) == "track")
    for number, track in enumerate(tracks, 1):
        texts = {_bare(child.tag): (child.text or "").strip() for child in reversed(track)}
        yield _named(file, number, *(texts.get(name, "") for name in ("location", "creator", "title")))


def _bare(tag: object) -> str:
    """A tag without its namespace, which players write in several ways or leave out."""
    return str(tag).rpartition("}")[2]


def _of_jspf(file: Path, text: str) -> tuple[str | None, list[PlaylistEntry]]:
    try:
        read: Any = json.loads(text)
        tracks = read["playlist"]["track"]
        called = _text(read["playlist"].get("title"))
    except json.JSONDecodeError as error:
        raise CatalogError(f"is not JSON: {error.msg}", file=file, line=error.lineno) from error
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise CatalogError("is no JSPF playlist", file=file, field="playlist.track") from error
    if not isinstance(tracks, (list, dict)):
        raise CatalogError("is no JSPF playlist", file=file, field="playlist.track")
    return called, list(_jspf_entries(file, [tracks] if isinstance(tracks, dict) else tracks))


def _jspf_entries(file: Path, tracks: Sequence[Any]) -> Iterator[PlaylistEntry]:
    for number, track in enumerate(tracks, 1):
        facts = track if isinstance(track, dict) else {}
        places = facts.get("location") or ""
        place = next(iter(places), "") if isinstance(places, list) else places
        yield _named(
            file, number, *(_text(value) for value in (place, facts.get("creator"), facts.get("title")))
        )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _named(file: Path, number: int, location: str, artist: str, title: str) -> PlaylistEntry:
    if not location and not (artist and title):
        return PlaylistEntry(None, f"entry {number}")
    return PlaylistEntry(
        Named(location or None, artist or None, title or None, file.parent, True), f"entry {number}"
    )
