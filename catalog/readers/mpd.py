"""Reader of Million Playlist Dataset slices: JSON files of whole playlists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl
from pydantic import BaseModel, ValidationError

from ...core.errors import CatalogError
from ...core.validation import invalid
from ..detect import Source
from ..source_files import read_text
from ..table import TableCatalog
from .folder.playlists import bare_id, listed, playlist_sessions


class _Entry(BaseModel):
    track_uri: str
    track_name: str
    artist_name: str
    artist_uri: str | None = None
    album_name: str | None = None
    album_uri: str | None = None
    duration_ms: int | None = None


class _Playlist(BaseModel):
    pid: int
    name: Any = None
    tracks: list[_Entry]


class _Slice(BaseModel):
    playlists: list[_Playlist]


_SHORT: Final = {"track_uri": "track_id", "album_uri": "album_id", "artist_uri": "artist_id"}


def read_mpd(source: Source, *, session_gap: int | None = None) -> TableCatalog:
    """The catalogue of one slice or a folder of them; playlists are sessions, `session_gap` has no meaning.

    Tracks are in the order of their ids.

    Raises:
        CatalogError: a slice is not JSON, lacks a field, or a playlist is in two slices.
    """
    slices = [_read_slice(file) for file in source.all("mpd-slice")]
    entries = pl.concat(slices).with_row_index("entry")
    _refuse_twice(entries, source)
    named = entries.filter(
        (pl.col("track_id") != "") & (pl.col("track_name") != "") & (pl.col("artist_name") != "")
    )
    tracks = named.unique("track_id", keep="first", maintain_order=True).sort("track_id")
    kept = named.join(tracks.select("track_id").with_row_index("track"), on="track_id", maintain_order="left")
    timeless = int((tracks["duration_ms"] <= 0).sum())
    return TableCatalog.read_from(
        source,
        tracks=_columns(tracks),
        sessions=playlist_sessions(kept),
        rows=len(entries),
        dropped={"entries without track id, title or artist": len(entries) - len(named)},
        noticed={"durations of nought, left out": timeless},
    )


def _read_slice(file: Path) -> pl.DataFrame:
    """A line for each entry of each playlist."""
    try:
        read = _Slice.model_validate_json(read_text(file))
    except ValidationError as error:
        raise invalid(error, file=file) from error
    columns: dict[str, list[object]] = {name: [] for name in ("playlist", "title", *_Entry.model_fields)}
    for playlist, title, entry in _entries(read):
        columns["playlist"].append(playlist)
        columns["title"].append(title)
        for name in _Entry.model_fields:
            columns[name].append(getattr(entry, name))
    kinds = dict.fromkeys(columns, pl.String()) | {"duration_ms": pl.Int64()}
    table = pl.DataFrame(columns, schema=kinds).with_columns(file=pl.lit(file.name))
    return table.with_columns(bare_id(name).alias(name) for name in _SHORT).rename(_SHORT)


def _entries(read: _Slice) -> Iterator[tuple[str, str | None, _Entry]]:
    for playlist in read.playlists:
        for entry in playlist.tracks:
            yield f"mpd-{playlist.pid}", playlist.name if isinstance(playlist.name, str) else None, entry


def _refuse_twice(entries: pl.DataFrame, source: Source) -> None:
    homes = entries.select("playlist", "file").unique().group_by("playlist").agg(pl.col("file").sort())
    twice = homes.filter(pl.col("file").list.len() > 1).sort("playlist")
    if len(twice):
        playlist, files = twice.row(0)
        raise CatalogError(
            f"playlist {playlist.removeprefix('mpd-')} is in both {files[0]} and {files[1]}",
            file=source.path,
            field="pid",
            hint="remove the slice that is there twice",
        )


def _columns(tracks: pl.DataFrame) -> pl.DataFrame:
    return tracks.select(
        "track_id",
        track_name=listed("track_name"),
        artist_name=listed("artist_name"),
        album_name=listed("album_name"),
        artist_id=listed("artist_id"),
        album_id=listed("album_id"),
        duration=pl.when(pl.col("duration_ms") > 0).then(pl.col("duration_ms")),
    )
