"""Columns that tracks and sessions have as tables, and the way from table rows to objects and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import polars as pl
from pydantic import BaseModel, ValidationError

from ..core.validation import invalid
from .session import ListeningSession
from .track import MediaRef, Track

Schema = Mapping[str, pl.DataType]

_PRIMITIVES: Final = {str: pl.String(), int: pl.Int64(), float: pl.Float64(), date: pl.Date()}


def _columns(model: type[BaseModel]) -> dict[str, pl.DataType]:
    """Field -> type of its column, as the fields are declared."""
    hints = get_type_hints(model)
    return {name: _kind(hints[name]) for name in model.model_fields}


def _kind(hint: Any) -> pl.DataType:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return pl.Struct(_columns(hint))
    if get_origin(hint) is Literal:
        return pl.String()
    arguments = [argument for argument in get_args(hint) if argument not in (type(None), ...)]
    if get_origin(hint) is tuple:
        return pl.List(_kind(arguments[0]))
    return _kind(arguments[0]) if arguments else _PRIMITIVES[hint]


TRACK_COLUMNS: Final[Schema] = _columns(Track)
SESSION_COLUMNS: Final[Schema] = _columns(ListeningSession)

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


def is_filled(column: pl.Series) -> bool:
    """Whether any row has a value there; an empty list is none."""
    if isinstance(column.dtype, pl.List):
        return bool((column.list.len() > 0).any())
    return column.null_count() < len(column)
