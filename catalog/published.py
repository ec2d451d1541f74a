"""How files of the published conversation schema are told from others: by the names of their columns."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Final

from .source_files import parquet_columns

TRACKS, ROWS = "talkplay-tracks", "talkplay-rows"
"""The roles: track metadata, and conversations."""

_PARQUET: Final = b"PAR1"
_BOM: Final = b"\xef\xbb\xbf"
_FOLDERS: Final = ("tracks", "data")
"""Where an export of ours keeps its parts."""


def published_role(file: Path, head: bytes) -> str | None:
    """What `file`, which begins with `head`, is of a published data set; None when it is none of that."""
    if head.startswith(_PARQUET):
        from polars.exceptions import PolarsError

        try:
            return _role(parquet_columns(file))
        except PolarsError:
            return None
    if head.removeprefix(_BOM).lstrip()[:1] != b"{":
        return None
    # A conversation may be longer than the part that was read.
    with file.open("rb") as opened:
        line = next((line for line in opened if line.strip()), b"")
    try:
        first = json.loads(line.removeprefix(_BOM))
    except ValueError:
        return None
    return _role(first) if isinstance(first, dict) else None


def _role(names: Collection[str]) -> str | None:
    if {"session_id", "conversations"} <= set(names):
        return ROWS
    if {"track_id", "track_name", "artist_name", "album_name", "tag_list"} <= set(names):
        return TRACKS
    return None


def published_files(folder: Path) -> list[Path]:
    """The files of an export's folder that matter to a catalogue; none when it is no export."""
    if not (folder / "README.md").is_file():
        return []
    return sorted(file for name in _FOLDERS for file in (folder / name).glob("*.parquet"))
