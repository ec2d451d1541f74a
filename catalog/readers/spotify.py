"""Reader of the Spotify songs CSV: a line for each track of each playlist, with audio features."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ..detect import Source
from ..source_files import read_csv
from ..table import TableCatalog
from .folder.playlists import emptied, listed, musical_key, playlist_sessions, release_date

_NUMBERS: Final[Mapping[str, type[pl.DataType]]] = {
    "track_popularity": pl.Float64,
    "key": pl.Int64,
    "mode": pl.Int64,
    "tempo": pl.Float64,
    "duration_ms": pl.Int64,
}
_NO_NUMBER: Final = ("", "NA", "nan", "NaN")
_TEXTS: Final = (
    "track_id",
    "track_name",
    "track_artist",
    "track_album_id",
    "track_album_name",
    "track_album_release_date",
    "playlist_id",
    "playlist_name",
)


_SOURCES: Final = {
    "popularity": "track_popularity",
    "release_date": "track_album_release_date",
    "duration": "duration_ms",
    "tempo": "tempo",
    "key": "key",
}
"""Column of ours -> the source's."""


def read_spotify(source: Source, *, session_gap: int | None = None) -> TableCatalog:
    """The catalogue of a songs CSV; playlists are sessions, `session_gap` has no meaning.

    Tracks are in the order of their ids. Of a track's several lines the first is taken; genres belong to the
    playlists, not to the tracks, and are not taken for tags.

    Raises:
        CatalogError: not CSV, no file, or a number that is none; names file, line and field.
    """
    lines = _read(source.need("spotify-songs"))
    named = lines.filter(~_nameless())
    once = named.unique(["playlist_id", "track_id"], keep="first", maintain_order=True)
    tracks = named.unique("track_id", keep="first", maintain_order=True).sort("track_id")
    table = _columns(tracks)
    sessions = playlist_sessions(_entries(once, tracks))
    dropped = {
        "lines without track id, title or artist": len(lines) - len(named),
        "lines that repeat a track of a playlist": len(named) - len(once),
        "lines without a playlist": len(once) - int(sessions["tracks"].list.len().sum()),
    }
    noticed = emptied(tracks, table, _SOURCES)
    return TableCatalog.read_from(source, table, sessions, len(lines), dropped, noticed)


def _entries(lines: pl.DataFrame, tracks: pl.DataFrame) -> pl.DataFrame:
    """`playlist`, its `title` and `track` (row of `tracks`) for each line that names a playlist."""
    return (
        lines.filter(pl.col("playlist_id") != "")
        .join(tracks.select("track_id").with_row_index("track"), on="track_id", maintain_order="left")
        .select("track", playlist="playlist_id", title="playlist_name")
    )


def _nameless() -> pl.Expr:
    """A track id, title or artist is missing. The set writes `NA` for what Spotify no longer knows."""
    gone = pl.all_horizontal(pl.col(name) == "NA" for name in ("track_name", "track_artist"))
    absent = pl.any_horizontal(
        pl.col(name).fill_null("").str.strip_chars() == ""
        for name in ("track_id", "track_name", "track_artist")
    )
    return absent | gone.fill_null(False)


def _read(file: Path) -> pl.DataFrame:
    read = read_csv(file)
    missing = [name for name in (*_TEXTS, *_NUMBERS) if name not in read.columns]
    lines = read.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing).with_columns(
        pl.when(~pl.col(name).is_in(_NO_NUMBER)).then(pl.col(name)).alias(name) for name in _NUMBERS
    )
    for name, kind in _NUMBERS.items():
        _refuse_words(lines, name, kind, file)
    return lines.select(*_TEXTS, *(_number(name, kind) for name, kind in _NUMBERS.items()))


def _refuse_words(lines: pl.DataFrame, name: str, kind: type[pl.DataType], file: Path) -> None:
    """Raise for the first value of column `name` that is no number."""
    bad = lines.filter(pl.col(name).is_not_null() & _number(name, kind).is_null()).head(1)
    if len(bad):
        line, given = bad.select("line", name).row(0)
        raise CatalogError(f"{given!r} is not a number", file=file, line=line, field=name)


def _number(name: str, kind: type[pl.DataType]) -> pl.Expr:
    """The column as numbers, whole ones also as pandas writes them (`200000.0`); null for anything else."""
    value = pl.col(name).cast(pl.Float64, strict=False)
    fits = value.is_finite() & (value == value.floor()) if kind.is_integer() else value.is_finite()
    return pl.when(fits).then(value).cast(kind, strict=False).alias(name)


def _columns(tracks: pl.DataFrame) -> pl.DataFrame:
    popularity, tempo, duration = pl.col("track_popularity"), pl.col("tempo"), pl.col("duration_ms")
    return tracks.select(
        "track_id",
        track_name=listed("track_name"),
        artist_name=listed("track_artist"),
        album_name=listed("track_album_name"),
        album_id=listed("track_album_id"),
        popularity=pl.when(popularity.is_between(0, 100)).then(popularity),
        release_date=release_date("track_album_release_date"),
        duration=pl.when(duration > 0).then(duration),
        tempo=pl.when((tempo > 0) & (tempo <= 500)).then(tempo),
        key=musical_key("key", "mode"),
    )
