"""TalkPlayData and its like: published track metadata, with the conversations' tracks as sessions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ..columns import SESSION_COLUMNS, TRACK_COLUMNS, complete
from ..detect import Source
from ..published import ROWS, TRACKS
from ..source_files import read_ndjson, read_parquet
from ..table import TableCatalog
from .folder.playlists import emptied, release_date

_TEXTS: Final = ("track_name", "artist_name", "album_name", "artist_id", "album_id", "ISRC", "tag_list")
_NUMBERS: Final[Mapping[str, pl.DataType]] = {"popularity": pl.Float64(), "duration": pl.Int64()}
_WHO: Final = ("age", "age_group", "country_code", "country_name", "gender", "preferred_language")


def read_talkplay(source: Source, *, session_gap: int | None = None) -> TableCatalog:
    """The catalogue of published track metadata; `session_gap` has no meaning.

    A conversation is a session of the tracks that it played, in that order; its origin is `simulated`. Eight
    tracks are too few to play a new conversation on, so such a catalogue is for the tracks' sake.

    Raises:
        CatalogError: there is no track metadata, or a file cannot be read; names the file.
    """
    files = source.all(TRACKS)
    if not files:
        raise CatalogError(
            "holds conversations and no track metadata, of which a catalogue is made",
            file=source.path,
            hint=f"`segue import {shlex.quote(str(source.path))}` brings them into a store; a catalogue needs the "
            "track metadata, too",
        )
    given = pl.concat([_read(file) for file in files], how="diagonal_relaxed")
    named = given.filter(_named("track_id") & _listed("track_name") & _listed("artist_name"))
    once = named.unique("track_id", keep="first", maintain_order=True)
    tracks = once.select(_columns(once.columns))
    sessions, plays, unknown = _sessions(source.all(ROWS), tracks["track_id"])
    return TableCatalog.read_from(
        source,
        tracks=complete(tracks, TRACK_COLUMNS),
        sessions=sessions,
        rows=len(given) + plays,
        dropped={
            "tracks without id, title or artist": len(given) - len(named),
            "tracks that are there again": len(named) - len(once),
            "plays of tracks without metadata": unknown,
        },
        noticed=emptied(once, tracks, {n: n for n in (*_NUMBERS, "release_date")}),
    )


def _read(file: Path) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            return read_parquet(file)
        return read_ndjson(file, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CatalogError(f"cannot be read: {str(error).splitlines()[0]}", file=file) from error


def _named(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null("") != ""


def _listed(name: str) -> pl.Expr:
    return _texts(name).list.len() > 0


def _texts(name: str) -> pl.Expr:
    """The column as a list of texts, without empty ones."""
    texts = pl.col(name).cast(pl.List(pl.String)).fill_null(pl.lit([], dtype=pl.List(pl.String)))
    return texts.list.eval(pl.element().filter(pl.element().fill_null("") != ""))


def _columns(present: Sequence[str]) -> list[pl.Expr]:
    """The tracks' columns; a value that a track cannot have is left out."""
    popularity, duration = (pl.col(name).cast(kind) for name, kind in _NUMBERS.items())
    known = {
        "track_id": pl.col("track_id").cast(pl.String),
        **{name: _texts(name).alias(name) for name in _TEXTS},
        "popularity": pl.when(popularity.is_between(0, 100)).then(popularity),
        "duration": pl.when(duration > 0).then(duration),
        "release_date": release_date("release_date"),
    }
    return [made.alias(name) for name, made in known.items() if name in present]


def _sessions(files: Sequence[Path], track_ids: pl.Series) -> tuple[pl.DataFrame, int, int]:
    """Sessions with `tracks`, row numbers; how many plays there were, and how many of tracks not known."""
    columns = {name: kind for name, kind in SESSION_COLUMNS.items() if name != "track_ids"}
    numbers = pl.DataFrame({"played": track_ids}).with_row_index("track")
    found, plays, unknown = [], 0, 0
    for file in files:
        rows = _read(file)
        played = _plays(rows)
        joined = played.join(numbers, on="played", how="inner", maintain_order="left")
        plays, unknown = plays + len(played), unknown + len(played) - len(joined)
        grouped = joined.group_by("session_id", maintain_order=True).agg(tracks=pl.col("track"))
        found.append(_who(rows).join(grouped, on="session_id", how="inner", maintain_order="left"))
    if not found:
        empty = complete(pl.DataFrame(), columns).clear()
        return empty.with_columns(tracks=pl.lit([], dtype=pl.List(pl.UInt32))).clear(), 0, 0
    sessions = pl.concat(found, how="diagonal_relaxed").unique(
        "session_id", keep="first", maintain_order=True
    )
    ordered = sessions.sort("session_date", "session_id", nulls_last=True)
    return complete(ordered, columns).with_columns(ordered["tracks"].cast(pl.List(pl.UInt32))), plays, unknown


def _plays(rows: pl.DataFrame) -> pl.DataFrame:
    """`session_id` and `played` (a track id) for every recommendation, in order."""
    return (
        rows.select("session_id", "conversations")
        .explode("conversations")
        .filter(pl.col("conversations").struct.field("role") == "music")
        .select("session_id", played=pl.col("conversations").struct.field("content"))
    )


def _who(rows: pl.DataFrame) -> pl.DataFrame:
    """Session, user, day and what is known of the user."""
    profile = rows.schema.get("user_profile")
    fields = [f.name for f in profile.fields if f.name in _WHO] if isinstance(profile, pl.Struct) else []
    absent = [name for name in ("user_id", "session_date") if name not in rows.columns]
    whole = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
    return whole.select(
        "session_id",
        *(pl.col("user_profile").struct.field(name) for name in fields),
        user_id=pl.coalesce("user_id", "session_id"),
        session_date=pl.col("session_date").str.to_date("%Y-%m-%d", strict=False),
        origin=pl.lit("simulated"),
    )
