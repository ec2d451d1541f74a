"""What files are good for that are no catalogue: tags to join, conversations to import, lyrics, plays, playlists."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from .file_endings import PLAYLISTS
from .readers.folder.sidecars import SHEETS
from .source_files import BOM, encoding_of

_HEAD: Final = 65_536
_LOOKED_AT: Final = 1000
_MUSIC: Final = "`segue catalog import folder MUSIC CATALOGUE"
_HINTS: Final[Mapping[str, tuple[str, str]]] = {
    "tags": (
        "holds tags of artists or songs, and no listening sessions",
        "`segue catalog import FORMAT SOURCE CATALOGUE --tags {path}` joins them with a catalogue of yours",
    ),
    "lyrics": (
        "holds lyrics, and no music",
        _MUSIC + "` takes them where they lie beside the music files and are called alike",
    ),
    "plays": (
        "is a log of plays, and no catalogue",
        _MUSIC + " --sessions-from {path}` makes sessions of it, on a folder of the music that was played",
    ),
    "playlists": (
        "holds playlists, and no catalogue",
        _MUSIC + " --playlists {path}` makes sessions of them, on a folder of the music in them",
    ),
}


def other_use(path: Path) -> tuple[str, str] | None:
    """(what is at `path`, which is no catalogue; what to type) where that is known."""
    inside = list(_first_files(path)) if path.is_dir() else [path]
    kind = next((kind for kind, fits in _KINDS.items() if any(map(fits, inside))), None)
    if kind is None:
        return None
    told, hint = _HINTS[kind]
    return told, hint.format(path=shlex.quote(str(path)))


def _first_files(folder: Path) -> Iterator[Path]:
    """Files in and below a folder, of a large one only some."""
    return (file for file in islice(folder.rglob("*"), _LOOKED_AT) if file.is_file())


def _holds_tags(file: Path) -> bool:
    if file.name == "user_taggedartists.dat":
        return True
    line = _first_line(file)
    if line.startswith("{"):
        found = _object(line)
        return {"_id", "tags"} <= found.keys()
    return {"track-name", "artist-name", "tags"} <= set(_cells(line))


def _holds_plays(file: Path) -> bool:
    names = set(_cells(_first_line(file)))
    return {"user", "time"} <= names and bool({"path", "title"} & names)


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _cells(line: str) -> Iterable[str]:
    try:
        return [cell.strip().lower() for cell in next(csv.reader([line]), [])]
    except csv.Error:
        return []


def _first_line(file: Path) -> str:
    if file.suffix.lower() not in (".csv", ".tsv", ".json", ".jsonl", ".txt", ""):
        return ""
    with file.open("rb") as opened:
        head = opened.read(_HEAD)
    lines = head.decode(encoding_of(head), "replace").removeprefix(BOM).lstrip().splitlines()
    return lines[0] if lines else ""


_KINDS: Final[Mapping[str, Callable[[Path], bool]]] = {
    "tags": _holds_tags,
    "plays": _holds_plays,
    "playlists": lambda file: file.suffix.lower() in PLAYLISTS,
    "lyrics": lambda file: file.suffix.lower() in (*SHEETS, ".lrc"),
}
