"""A large play log with names in every line, read in a stream: names kept once, plays as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ...core.errors import CatalogError
from .delimited import Columns, located, scan_tsv

COLUMNS: Final[Columns] = dict.fromkeys(
    ("user", "time", "artist_mbid", "artist", "track_mbid", "title"), pl.String
)
_NAMES: Final = ("artist_mbid", "artist", "track_mbid", "title")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class PlayLog:
    """A play log without its repetitions.

    Attributes:
        plays: `user` (row in `users`), `time` (seconds since 1970), `track` (row in `tracks`), all UInt32.
        users: their ids, sorted.
        tracks: `artist_mbid`, `artist`, `track_mbid`, `title`, each combination once.
        rows: lines read.
        dropped: reason -> lines left out.
    """

    plays: pl.DataFrame
    users: pl.Series
    tracks: pl.DataFrame
    rows: int
    dropped: Mapping[str, int]


def read_play_log(file: Path) -> PlayLog:
    """Read lines of user, ISO time, artist MBID, artist, track MBID, title.

    The first pass keeps 20 bytes a line: hashes of user and names, and the time. The second fetches the names
    from the first line that has them. Names are told apart by 64 bits: among ten million different ones, two
    are taken for the same in one of 370,000 logs.

    Raises:
        CatalogError: a line does not fit, or its time cannot be read; names file, line and field.
    """
    with located(file, COLUMNS):
        lines = _hashed(file)
        whole = lines.drop_nulls()
        if len(whole) < len(lines) and (wrong := _wrong_time(file)):
            raise wrong
        firsts = {name: lines[name].arg_unique() for name in ("user", "names")}
        texts = _texts_of(file, pl.concat(firsts.values()).unique().sort())
    dropped = {"lines without user or time": len(lines) - len(whole)}
    rows = len(lines)
    known = {name: _known(lines, name, first, texts) for name, first in firsts.items()}
    del lines
    users = known["user"].sort("user").drop_nulls("user")
    plays = _numbered(whole, users["user_hash"], known["names"]["names_hash"])
    return PlayLog(plays, users["user"], known["names"].select(_NAMES), rows, dropped)


def _hashed(file: Path) -> pl.DataFrame:
    """For every line `user` and `names` (UInt64, hashes) and `time` (UInt32); user and time may be null."""
    names = pl.lit(0, dtype=pl.UInt64)
    for seed, name in enumerate(_NAMES):
        names = names ^ pl.col(name).hash(seed)
    time = pl.col("time").str.to_datetime(_TIME, strict=False).dt.epoch("s")
    user = pl.when(pl.col("user").is_not_null()).then(pl.col("user").hash(len(_NAMES)))
    return (
        scan_tsv(file, COLUMNS)
        .select(user=user, time=time.cast(pl.UInt32, strict=False), names=names)
        .collect(engine="streaming")
    )


def _texts_of(file: Path, lines: pl.Series) -> pl.DataFrame:
    """`line` and the texts of the lines with those numbers."""
    kept = ("user", *_NAMES)
    found = (
        scan_tsv(file, COLUMNS)
        .with_row_index("line")
        .filter(pl.col("line").is_in(lines.implode()))
        # Joined text is a copy. The fields themselves would keep alive the pieces of the file they lie in.
        .select("line", text=pl.concat_str(pl.col(kept).fill_null(""), separator="\t"))
        .collect(engine="streaming")
    )
    split = found["text"].str.split_exact("\t", len(kept) - 1).struct.rename_fields(list(kept))
    cells = split.struct.unnest().with_columns(pl.when(pl.col(kept) != "").then(pl.col(kept)))
    return cells.with_columns(found["line"])


def _known(lines: pl.DataFrame, name: str, first: pl.Series, texts: pl.DataFrame) -> pl.DataFrame:
    """The different values of hash `name`, as `<name>_hash`, with the texts of the first line that has it."""
    hashes = pl.DataFrame({"line": first, f"{name}_hash": lines[name].gather(first)})
    return hashes.join(texts, on="line", maintain_order="left")


def _numbered(plays: pl.DataFrame, users: pl.Series, names: pl.Series) -> pl.DataFrame:
    """Plays by position in `users` and `names` instead of by hash."""
    user_rows = pl.LazyFrame({"user": users}).with_row_index("user_row")
    name_rows = pl.LazyFrame({"names": names}).with_row_index("track")
    return (
        plays.lazy()
        .join(name_rows, on="names")
        .join(user_rows, on="user")
        .select("time", "track", user="user_row")
        .collect(engine="streaming")
    )


def _wrong_time(file: Path) -> CatalogError | None:
    """The first line that has a user and a time, but not one that can be read."""
    time = pl.col("time")
    bad = (
        scan_tsv(file, COLUMNS)
        .with_row_index("line", offset=1)
        .filter(pl.col("user").is_not_null() & time.is_not_null())
        .filter(time.str.to_datetime(_TIME, strict=False).is_null())
        .select("line", "time")
        .head(1)
        .collect(engine="streaming")
    )
    if bad.is_empty():
        return None
    line, given = bad.row(0)
    return CatalogError(
        f"{given!r} is not a time such as 2009-05-04T23:08:57Z",
        file=file,
        line=line,
        field="time",
        hint="correct or delete this line",
    )
