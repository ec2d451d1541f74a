"""Texts that lie beside a music file under its name: lyrics, ChordPro sheets, facts as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ...track import Track
from .lyrics import SongSheet, plain_lyrics, read_chordpro

SHEETS: Final = (".cho", ".chopro", ".chordpro", ".crd", ".pro")
WORDS: Final = (".lrc", ".txt")

_OWN: Final = ("track_id", "audio", "cover", "from_file_name")
FIELDS: Final = tuple(name for name in Track.model_fields if name not in _OWN)
"""What a sidecar may say: the fields of a track but those that the folder itself decides."""

_LONGEST: Final = 1_000_000


def read_text(file: Path) -> str:
    """The text of a small file, UTF-8 or UTF-16 with a mark. Raises `ValueError` for anything else."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if len(data) > _LONGEST:
        raise ValueError("is too long for lyrics")
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line}: is not UTF-8") from error


def read_sheet(file: Path) -> SongSheet:
    """Lyrics, and chords where the file has them. Raises `ValueError` saying what is wrong."""
    text = read_text(file)
    return read_chordpro(text) if file.suffix.lower() in SHEETS else SongSheet(plain_lyrics(text))


def read_sidecar(file: Path) -> Mapping[str, Any]:
    """Fields of a track from a JSON object. Raises `ValueError` naming the field that is wrong."""
    try:
        read = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: is not JSON: {error.msg}") from error
    if not isinstance(read, dict):
        raise ValueError('must be an object such as {"tempo": 120}')
    foreign = sorted(set(read) - set(FIELDS))
    if foreign:
        raise ValueError(f"field {foreign[0]!r} is not one of {', '.join(FIELDS)}")
    named = {"track_id": "-", "track_name": ["-"], "artist_name": ["-"]}
    try:
        track = Track.from_row({**named, **read})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"field {'.'.join(map(str, first['loc']))!r}: {first['msg']}") from error
    return {name: getattr(track, name) for name in read}
