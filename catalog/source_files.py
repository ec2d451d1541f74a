"""Files that a user names, opened in one way: a path is never a pattern, and bytes become text by rule."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ..core.errors import CatalogError, ConfigError

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
BOM: Final = "\ufeff"
_BREAK: Final = re.compile(r"\r\n|\n|\r")
_LONE: Final = re.compile("[\ud800-\udfff]")


def scan_csv(file: Path, **options: Any) -> pl.LazyFrame:
    """`polars.scan_csv` of this one file, whatever brackets and stars its path holds."""
    return pl.scan_csv(file, glob=False, **options)


def scan_parquet(file: Path) -> pl.LazyFrame:
    """`polars.scan_parquet` of this one file."""
    return pl.scan_parquet(file, glob=False)


def read_parquet(file: Path) -> pl.DataFrame:
    """`polars.read_parquet` of this one file."""
    return pl.read_parquet(file, glob=False)


def read_ndjson(file: Path, **options: Any) -> pl.DataFrame:
    """`polars.read_ndjson` of this one file; a byte order mark is passed over."""
    return pl.read_ndjson(io.BytesIO(file.read_bytes().removeprefix(b"\xef\xbb\xbf")), **options)


def parquet_columns(file: Path) -> list[str]:
    """The names of a parquet file's columns."""
    with file.open("rb") as opened:
        return list(pl.read_parquet_schema(opened))


def read_bytes(file: Path) -> bytes:
    """All of a file. Raises `CatalogError` where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", file=file) from error


_LITTLE: Final = [False, True, False, True]
_BIG: Final = [True, False, True, False]
"""Which bytes of two plain letters are zero in UTF-16."""


def encoding_of(data: bytes) -> str:
    """The encoding that a byte order mark tells, or that UTF-16 without one shows; UTF-8 otherwise."""
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if marked is not None:
        return marked
    begin = [byte == 0 for byte in data[:4]]
    if begin in (_LITTLE, _BIG):
        return "utf-16-le" if begin == _LITTLE else "utf-16-be"
    even, odd = data[:200:2].count(0), data[1:200:2].count(0)
    if max(even, odd) > len(data[:200]) // 4 and max(even, odd) > 3 * min(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def known_encoding(name: str | None) -> str | None:
    """`name` as Python calls the encoding. Raises `ConfigError` for one that is not known."""
    try:
        return None if name is None else codecs.lookup(name).name
    except LookupError:
        raise ConfigError(
            f"--encoding {name!r} is not known", hint="such as cp1251, cp1252, gbk, shift_jis, euc-kr"
        ) from None


def text_of(data: bytes, file: object, *, encoding: str | None = None) -> str:
    """The text in `data`, without a byte order mark.

    Args:
        encoding: what the file says of itself; by default it is told from the bytes.

    Raises:
        CatalogError: the bytes are no text in that encoding; names file and line.
    """
    chosen = encoding or encoding_of(data)
    try:
        return data.decode(chosen).removeprefix(BOM)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        named = "UTF-8" if chosen.startswith("utf-8") else chosen
        raise CatalogError(
            f"is not {named} (byte {data[error.start]:#04x})", file=file, line=line, hint="save it as UTF-8"
        ) from error


def read_text(file: Path) -> str:
    """The text of a file. Raises `CatalogError` naming file and line."""
    return text_of(read_bytes(file), file)


def lines_of(text: str) -> list[str]:
    """Lines as files have them: broken at CR, LF or both, and at nothing that a name may hold."""
    return _BREAK.split(text)


def without_lone_surrogates(text: str) -> str:
    """Halves of surrogate pairs, which UTF-8 lacks, as U+FFFD."""
    return _LONE.sub("\ufffd", text)


def csv_rows(file: Path, delimiter: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, its cells) of a CSV file, the header first; blank lines are passed over.

    Args:
        delimiter: told from the header by default: tab, semicolon or comma.

    Raises:
        CatalogError: a quote is not closed, or the file holds NUL; names the line.
    """
    text = read_text(file)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise CatalogError("holds a NUL character", file=file, line=line, hint="correct or delete this line")
    head = lines_of(text)[0]
    told = "\t" if "\t" in head else ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or told, strict=True)
    begin = 1
    try:
        for cells in rows:
            if any(cells):
                yield begin, cells
            begin = rows.line_num + 1
    except csv.Error as error:
        raise CatalogError(
            f"a quote that opens here is not closed ({error})",
            file=file,
            line=begin,
            hint="double quotes inside of a quoted field are written twice",
        ) from error


def read_csv(file: Path) -> pl.DataFrame:
    """A CSV file as texts by column, and `line`, on which each row begins. Empty cells are null.

    Raises:
        CatalogError: as `csv_rows`; or a row has more cells than the header, or a column is there twice.
    """
    rows = csv_rows(file)
    _, header = next(rows, (1, []))
    columns = [name.strip() for name in header]
    twice = next((name for at, name in enumerate(columns) if name in columns[:at]), None)
    if twice is not None:
        raise CatalogError("the column is there twice", file=file, line=1, field=twice)
    lines, cells = list[int](), list[list[str | None]]()
    for line, row in rows:
        if len(row) > len(columns):
            raise CatalogError(
                f"has {len(row)} fields where {len(columns)} are expected", file=file, line=line
            )
        lines.append(line)
        cells.append([*(cell or None for cell in row), *[None] * (len(columns) - len(row))])
    table = pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String), orient="row")
    return table.with_columns(line=pl.Series(lines, dtype=pl.UInt32))
