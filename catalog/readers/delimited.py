"""Reading of large delimited files in streams, and finding the line that stops such a reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from ..source_files import scan_csv

Columns = Mapping[str, type[pl.DataType]]

_CSV_QUOTED: Final = r'^"(?:[^"]|"")*""(?:[^"]|"")*"$'


def scan_tsv(file: Path, columns: Columns, *, header: bool = False) -> pl.LazyFrame:
    """Tab-separated lines in which quotes mean nothing; empty fields are null. A header is passed over."""
    return scan_csv(
        file, separator="\t", has_header=False, skip_rows=int(header), quote_char=None, schema=dict(columns)
    )


@contextmanager
def located(file: Path, columns: Columns, *, header: bool = False) -> Iterator[None]:
    """Turn a failure of polars on `file` into an error of ours.

    Raises:
        CatalogError: names line and field.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _wrong_line(file, columns, header) or CatalogError(
            f"cannot be read: {str(error).splitlines()[0]}", file=file
        ) from error


def _wrong_line(file: Path, columns: Columns, header: bool) -> CatalogError | None:
    """The first line that does not fit `columns`."""
    if not file.is_file():
        return None
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number > header and (wrong := _complaint(line, columns)):
                field, reason = wrong
                return CatalogError(
                    reason, file=file, line=number, field=field, hint="correct or delete this line"
                )
    return None


def _complaint(line: bytes, columns: Columns) -> tuple[str | None, str] | None:
    cells = line.rstrip(b"\r\n").split(b"\t")
    if len(cells) > len(columns):
        return None, f"has {len(cells)} fields where {len(columns)} are expected"
    for (name, kind), cell in zip(columns.items(), cells, strict=False):
        try:
            text = cell.decode("utf-8")
        except UnicodeDecodeError:
            return name, f"{cell!r} is not UTF-8"
        if kind.is_integer() and text and not text.removeprefix("-").isdecimal():
            return name, f"{text!r} is not a whole number"
    return None


def unquoted(table: pl.DataFrame, name: str) -> tuple[pl.DataFrame, int]:
    """Undo CSV quoting in a column that was read as plain text, where a CSV writer made it.

    That is so when every value that holds a quote is wrapped in quotes and has its own doubled. Reading the
    file as CSV instead would let one lone quote in a plain file swallow the lines after it.

    Returns:
        The table, and how many values were changed.
    """
    holding = pl.col(name).str.contains('"', literal=True)
    quoted = table.filter(holding)
    if quoted.is_empty() or not quoted[name].str.contains(_CSV_QUOTED).all():
        return table, 0
    inner = (
        pl.col(name).str.slice(1, pl.col(name).str.len_chars() - 2).str.replace_all('""', '"', literal=True)
    )
    return table.with_columns(pl.when(holding).then(inner).otherwise(pl.col(name)).alias(name)), len(quoted)
