"""Columns that tracks and sessions have as tables, and the way from table rows to objects and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import polars as pl
from pydantic import BaseModel, ValidationError

from ..core.validation import invalid
from .session import ListeningSession
from .track import MediaRef, Track

Schema = Mapping[str, pl.DataType]

_TEXTS: Final = pl.List(pl.String())
_REF: Final = pl.Struct({"path": pl.String(), "digest": pl.String()})

TRACK_COLUMNS: Final[Schema] = {
    "track_id": pl.String(),
    "track_name": _TEXTS,
    "artist_name": _TEXTS,
    "album_name": _TEXTS,
    "artist_id": _TEXTS,
    "album_id": _TEXTS,
    "ISRC": _TEXTS,
    "tag_list": _TEXTS,
    "popularity": pl.Float64(),
    "release_date": pl.String(),
    "duration": pl.Int64(),
    "tempo": pl.Float64(),
    "key": pl.String(),
    "chords": _TEXTS,
    "lyrics": pl.String(),
    "language": pl.String(),
    "audio": _REF,
    "cover": _REF,
    "from_file_name": _TEXTS,
    "images": pl.List(_REF),
}

SESSION_COLUMNS: Final[Schema] = {
    "session_id": pl.String(),
    "user_id": pl.String(),
    "session_date": pl.Date(),
    "age": pl.Int64(),
    "age_group": pl.String(),
    "country_code": pl.String(),
    "country_name": pl.String(),
    "gender": pl.String(),
    "preferred_language": pl.String(),
    "origin": pl.String(),
    "track_ids": _TEXTS,
}

REQUIRED: Final = ("track_id", "track_name", "artist_name", "session_id", "user_id", "track_ids")
"""Columns that a table cannot do without, of those it could have."""


def table_of(rows: Iterable[BaseModel], columns: Schema) -> pl.DataFrame:
    """One line for each object, with every column of `columns`."""
    kept = list(rows)
    return pl.DataFrame(
        [pl.Series(name, [_cell(getattr(row, name)) for row in kept], kind) for name, kind in columns.items()]
    )


def _cell(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_cell(one) for one in value]
    return {"path": value.path, "digest": value.digest} if isinstance(value, MediaRef) else value


def track_of(row: Mapping[str, Any], *, file: object = None, line: int | None = None) -> Track:
    """The track of a table row. Raises `CatalogError` naming file, line and field."""
    try:
        return Track.from_row(_present(row))
    except ValidationError as error:
        raise invalid(error, file=file, line=line) from error


def session_of(row: Mapping[str, Any], *, file: object = None, line: int | None = None) -> ListeningSession:
    """The session of a table row. Raises `CatalogError` naming file, line and field."""
    try:
        return ListeningSession.from_row(_present(row))
    except ValidationError as error:
        raise invalid(error, file=file, line=line) from error


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def complete(table: pl.DataFrame, columns: Schema) -> pl.DataFrame:
    """`table` with exactly the columns of `columns`, in their order: absent ones null, no list null."""
    return table.select(completion(table.columns, columns))


def completion(present: Collection[str], columns: Schema) -> list[pl.Expr]:
    """What `complete` selects of a table that has the columns `present`."""
    return [
        _filled(name, kind) if name in present else _filled(name, kind, pl.lit(None, dtype=kind))
        for name, kind in columns.items()
    ]


def _filled(name: str, kind: pl.DataType, value: pl.Expr | None = None) -> pl.Expr:
    column = (pl.col(name) if value is None else value).cast(kind)
    return (column.fill_null(pl.lit([], dtype=kind)) if isinstance(kind, pl.List) else column).alias(name)
