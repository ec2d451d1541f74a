"""Reading of files that hold nothing but tags: HetRec 2011, a CSV of Last.fm tags, the JSON lines of LFM-2b."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from ....core.errors import CatalogError
from ...joining.tags import TagFile, ranked
from ...source_files import read_csv

_HETREC: Final = ("artists.dat", "user_taggedartists.dat", "tags.dat")
_CSV: Final = ("track-name", "artist-name", "tags")

EXPECTED: Final = (
    "a folder with HetRec's artists.dat, user_taggedartists.dat and tags.dat, a CSV file with the columns "
    "artist-name, track-name and tags (a list such as ['rock', 'calm']), or JSON lines such as "
    '{"_id": {"artist": "A", "track": "B"}, "tags": {"rock": 100}}'
)


def read_tags(path: Path) -> TagFile:
    """The tags at `path`, whichever of the known kinds of files it holds.

    Raises:
        CatalogError: nothing known is there, or a line of it is wrong; names file, line and field.
    """
    if path.is_dir():
        return _read_hetrec(path)
    if not path.is_file():
        raise CatalogError(
            "there is no such file or folder", file=path, hint=f"tags are read from {EXPECTED}"
        )
    with path.open("rb") as opened:
        head = opened.read(4096).lstrip(b"\xef\xbb\xbf \r\n")
    return _read_lines(path) if head.startswith(b"{") else _read_csv(path)


def _read_hetrec(folder: Path) -> TagFile:
    """Tags of artists, by how many users gave them. `tags.dat` is ISO-8859-1, the other two UTF-8."""
    missing = [name for name in _HETREC if not (folder / name).is_file()]
    if missing:
        raise CatalogError(f"{missing[0]} is not there", file=folder, hint=f"tags are read from {EXPECTED}")
    names = _dat(folder / "artists.dat", ("id", "name")).select("id", artist="name")
    words = _dat(folder / "tags.dat", ("tagID", "tagValue"), encoding="iso-8859-1").select(
        "tagID", tag="tagValue"
    )
    given = _dat(folder / "user_taggedartists.dat", ("userID", "artistID", "tagID"))
    assignments = (
        given.unique(["userID", "artistID", "tagID"])
        .join(words, on="tagID")
        .join(names, left_on="artistID", right_on="id")
        .select("artist", "tag", weight=pl.lit(1))
    )
    return TagFile("HetRec 2011 artist tags", True, ranked(assignments, ["artist"]))


def _dat(file: Path, wanted: tuple[str, ...], encoding: str = "utf-8-sig") -> pl.DataFrame:
    """Tab-separated lines under a header; quotes mean nothing."""
    try:
        lines = file.read_bytes().decode(encoding).split("\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CatalogError(f"is not {error.encoding}", file=file, line=line) from error
    header = lines[0].rstrip("\r").split("\t")
    lacking = [name for name in wanted if name not in header]
    if lacking:
        raise CatalogError("the column is missing", file=file, line=1, field=lacking[0])
    places = [header.index(name) for name in wanted]
    rows = []
    for number, text in enumerate(lines[1:], 2):
        cells = text.rstrip("\r").split("\t")
        if text and len(cells) < len(header):
            raise CatalogError(
                f"has {len(cells)} fields where {len(header)} are expected", file=file, line=number
            )
        if text:
            rows.append([cells[place] for place in places])
    return pl.DataFrame(rows, schema=dict.fromkeys(wanted, pl.String), orient="row")


def _read_csv(file: Path) -> TagFile:
    read = read_csv(file)
    lacking = [name for name in _CSV if name not in read.columns]
    if lacking:
        raise CatalogError("the column is missing", file=file, field=lacking[0], hint=f"tags: {EXPECTED}")
    lists = [parse_tags(text, file, line) for line, text in zip(read["line"], read["tags"], strict=True)]
    table = read.select(
        artist="artist-name", title="track-name", tag_list=pl.Series(lists, dtype=pl.List(pl.String))
    )
    full = table.drop_nulls(["artist", "title"]).filter(pl.col("tag_list").list.len() > 0)
    return TagFile(f"tags of {file.name}", False, full)


def parse_tags(text: str | None, file: Path, line: int) -> list[str]:
    """The tags in a list written as Python or JSON writes it. Raises `CatalogError` naming file, line and field."""
    if not text:
        return []
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise _no_list(text, file, line) from error
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise _no_list(text, file, line)
    return list(dict.fromkeys(tag.strip() for tag in value if tag.strip()))


def _no_list(text: str, file: Path, line: int) -> CatalogError:
    return CatalogError(
        f"{text[:60]!r} is not a list of tags",
        file=file,
        line=line,
        field="tags",
        hint="such as ['rock', 'calm']",
    )


def _read_lines(file: Path) -> TagFile:
    rows = list(_weighed(file))
    kinds = {"artist": pl.String, "title": pl.String, "tag": pl.String, "weight": pl.Float64}
    assignments = pl.DataFrame(rows, schema=kinds, orient="row")
    return TagFile(f"tags of {file.name}", False, ranked(assignments, ["artist", "title"]))


def _weighed(file: Path) -> Iterator[tuple[str, str, str, float]]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield from _entry(line, file, number)


def _entry(line: bytes, file: Path, number: int) -> Iterator[tuple[str, str, str, float]]:
    try:
        entry: dict[str, Any] = json.loads(line)
        artist, title = entry["_id"]["artist"], entry["_id"]["track"]
        tags = [(str(tag), float(weight)) for tag, weight in entry["tags"].items()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogError(
            "is not a line of tags", file=file, line=number, hint=f"tags are read from {EXPECTED}"
        ) from error
    yield from ((artist, title, tag, weight) for tag, weight in tags)
