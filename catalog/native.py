"""Reading of the native folder: tracks and sessions as JSON lines or Parquet, media, `catalog.json`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.errors import CatalogError
from ..core.validation import invalid
from .columns import REQUIRED, SESSION_COLUMNS, TRACK_COLUMNS, Schema, complete, table_of
from .features.stored import with_features
from .reporting.report import ReadingReport
from .session import ListeningSession
from .source_files import scan_parquet
from .table import TableCatalog
from .track import Track

MEDIA: Final = "media"
ABOUT: Final = "catalog.json"
KINDS: Final = ("parquet", "jsonl")

_PART: Final = 50_000
"""Rows looked at together: track ids take six times the memory of the row numbers they become."""


class CatalogAbout(BaseModel):
    """`catalog.json`: what people want to know of a catalogue. All of it may be left out.

    Attributes:
        name: what the catalogue is called; the folder's name otherwise.
        source: where it comes from.
        licence: identifier of its licence.
    """

    model_config = ConfigDict(extra="allow")

    name: str | None = None
    source: str | None = None
    licence: str | None = None


def read_native(folder: Path) -> TableCatalog:
    """The catalogue in `folder`, tracks and sessions in the order of their files.

    Raises:
        CatalogError: a file is missing, or a line is wrong; names file, line and field.
    """
    tracks_file, sessions_file = table_file(folder, "tracks"), table_file(folder, "sessions")
    about = read_about(folder)
    tracks = pl.concat(_parts(tracks_file, Track, TRACK_COLUMNS))
    _refuse_twice(tracks["track_id"], tracks_file)
    tracks, features = with_features(tracks, folder)
    sessions = _sessions(sessions_file, tracks["track_id"])
    _refuse_twice(sessions["session_id"], sessions_file)
    report = ReadingReport(
        format="native",
        files=(tracks_file.name, sessions_file.name),
        rows=int(sessions["tracks"].list.len().sum()),
    )
    return TableCatalog(
        name=about.name or folder.resolve().name,
        source=about.source or f"{folder} (native)",
        tracks=tracks,
        sessions=sessions,
        report=report,
        media=folder / MEDIA,
        files=(tracks_file, sessions_file),
        features=features,
    )


def table_file(folder: Path, what: str) -> Path:
    """The file of `tracks` or `sessions`. Raises `CatalogError` when it is missing or there are two."""
    found = [path for kind in KINDS if (path := folder / f"{what}.{kind}").is_file()]
    if not found:
        raise CatalogError(
            f"a native catalogue needs {what}.jsonl or {what}.parquet; neither is there",
            file=folder,
            hint="`segue catalog import` and `segue catalog demo` write whole folders",
        )
    if len(found) > 1:
        raise CatalogError(f"holds both {found[0].name} and {found[1].name}", file=folder, hint="remove one")
    return found[0]


def read_about(folder: Path) -> CatalogAbout:
    """What `catalog.json` says; nothing when there is none.

    Raises:
        CatalogError: it is not JSON, or a field is wrong.
    """
    file = folder / ABOUT
    if not file.is_file():
        return CatalogAbout()
    try:
        return CatalogAbout.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise invalid(error, file=file) from error


def _sessions(file: Path, track_ids: pl.Series) -> pl.DataFrame:
    """Sessions with `tracks`, row numbers, in place of `track_ids`."""
    rows = pl.DataFrame({"track_ids": track_ids}).with_row_index("track")
    numbered, seen = [], 0
    for part in _parts(file, ListeningSession, SESSION_COLUMNS):
        numbered.append(_by_row(part, rows, file, seen))
        seen += len(part)
    return pl.concat(numbered)


def _parts(file: Path, model: type[BaseModel], columns: Schema) -> Iterator[pl.DataFrame]:
    """The rows of `file`, checked, in tables of which the first may be empty."""
    return _json_parts(file, model, columns) if file.suffix == ".jsonl" else _parquet_parts(file, columns)


def _parquet_parts(file: Path, columns: Schema) -> Iterator[pl.DataFrame]:
    try:
        whole = scan_parquet(file)
        names, count = whole.collect_schema().names(), whole.select(pl.len()).collect().item()
        _refuse_columns(names, columns, file)
        for start in range(0, max(count, 1), _PART):
            part = _cast(whole.slice(start, _PART).collect(), columns, file)
            for name in (n for n in columns if n in REQUIRED):
                _refuse_empty(part[name], file, start)
            yield part
    except (pl.exceptions.PolarsError, OSError) as error:
        raise CatalogError(f"cannot be read as Parquet: {str(error).splitlines()[0]}", file=file) from error


def _refuse_columns(names: Collection[str], columns: Schema, file: Path) -> None:
    foreign = [name for name in names if name not in columns]
    if foreign:
        raise CatalogError("is not a field of ours", file=file, field=foreign[0], hint=_fields(columns))
    for name in columns:
        if name in REQUIRED and name not in names:
            raise CatalogError("the column is missing", file=file, field=name)


def _fields(columns: Schema) -> str:
    return f"fields are {', '.join(columns)}"


def _cast(table: pl.DataFrame, columns: Schema, file: Path) -> pl.DataFrame:
    for name in table.columns:
        try:
            complete(table.select(name), {name: columns[name]})
        except pl.exceptions.PolarsError as error:
            raise CatalogError(
                f"holds {table.schema[name]}, not {columns[name]}", file=file, field=name
            ) from error
    # Columns that nobody fills stay away: a null column of a million lists is not free.
    return complete(table, {name: kind for name, kind in columns.items() if name in table.columns})


def _refuse_empty(column: pl.Series, file: Path, start: int) -> None:
    lacking = column.is_null() | ((column.list.len() == 0) if column.dtype == pl.List else (column == ""))
    if lacking.any():
        line = start + int(lacking.arg_true()[0]) + 1
        raise CatalogError("is empty", file=file, line=line, field=column.name)


def _json_parts(file: Path, model: type[BaseModel], columns: Schema) -> Iterator[pl.DataFrame]:
    yield table_of([], columns)
    with file.open("rb") as lines:
        filled = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
        while part := list(islice(filled, _PART)):
            yield table_of([_object(line, number, model, file) for number, line in part], columns)


def _object(line: bytes, number: int, model: type[BaseModel], file: Path) -> BaseModel:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        raise invalid(error, file=file, line=number) from error


def _refuse_twice(ids: pl.Series, file: Path) -> None:
    again = ~ids.is_first_distinct()
    if again.any():
        row = int(again.arg_true()[0])
        raise CatalogError(
            f"{ids[row]!r} is there already", file=file, line=_line_of(file, row), field=ids.name
        )


def _by_row(sessions: pl.DataFrame, rows: pl.DataFrame, file: Path, start: int) -> pl.DataFrame:
    """`tracks` in place of `track_ids`. Raises `CatalogError` for an id that no track has."""
    played = (
        sessions.select("track_ids")
        .with_row_index("session", offset=start)
        .explode("track_ids")
        .join(rows, on="track_ids", how="left", maintain_order="left")
    )
    unknown = played.filter(pl.col("track").is_null()).head(1)
    if len(unknown):
        session, wanted, _ = unknown.row(0)
        raise CatalogError(
            f"there is no track {wanted!r}", file=file, line=_line_of(file, session), field="track_ids"
        )
    grouped = played.group_by("session", maintain_order=True).agg("track")["track"]
    return sessions.drop("track_ids").with_columns(grouped.alias("tracks"))


def _line_of(file: Path, row: int) -> int:
    """The line of a row; blank lines of a JSON-lines file are counted."""
    if file.suffix != ".jsonl":
        return row + 1
    with file.open("rb") as lines:
        filled = (number for number, line in enumerate(lines, 1) if line.strip())
        return next(number for place, number in enumerate(filled) if place == row)
