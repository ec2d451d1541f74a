"""A large play log with names in every line, read in one stream: names kept once, plays as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...core.errors import CatalogError
from .delimited import Columns, located, scan_tsv

COLUMNS: Final[Columns] = dict.fromkeys(
    ("user", "time", "artist_mbid", "artist", "track_mbid", "title"), pl.String
)
_NAMES: Final = ("artist_mbid", "artist", "track_mbid", "title")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_USER_BITS, _NAME_BITS = 16, 22

Hashes = NDArray[np.uint64]
Lines = NDArray[np.int64]
Numbers = NDArray[np.uint32]


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


class _Numbering:
    """Numbers for hashed texts, given out as they are met, and the texts behind them.

    A table of the last text met in each place answers for nearly all lines. A text that another has pushed out
    of its place gets a second number; `settled` makes the numbers of one text one again.
    """

    def __init__(self, bits: int) -> None:
        self._hashes = np.zeros(1 << bits, np.uint64)
        self._numbers = np.zeros(1 << bits, np.uint32)
        self._shift = np.uint64(64 - bits)
        self._given: list[Hashes] = []
        self._texts: list[pl.DataFrame] = []
        self._count = 0

    def take(self, hashes: Hashes, texts: pl.DataFrame) -> Numbers:
        """The number of each line.

        Args:
            texts: columns of the same lines, kept where they are new.
        """
        places = (hashes >> self._shift).astype(np.int64)
        numbers: Numbers = self._numbers[places]
        lines = np.flatnonzero(self._hashes[places] != hashes)
        if len(lines):
            numbers[lines] = self._number(hashes[lines], places[lines], texts, lines)
        return numbers

    def _number(self, hashes: Hashes, places: Lines, texts: pl.DataFrame, lines: Lines) -> Numbers:
        """New numbers for `lines`, of which several may be the same text; the last one in a place stays there."""
        own = np.arange(len(lines), dtype=np.uint32)
        self._hashes[places], self._numbers[places] = hashes, own
        stays = self._numbers[places]
        pushed = self._hashes[places] != hashes
        first = (stays == own) | pushed
        given = (np.cumsum(first) + (self._count - 1)).astype(np.uint32)
        numbers: Numbers = given[np.where(pushed, own, stays)]
        self._numbers[places] = given[stays]
        self._count += int(first.sum())
        self._given.append(hashes[first])
        # Joined text is a copy. The fields themselves would keep alive the pieces of the file they lie in.
        copied = (pl.concat_str(name, pl.lit("")).alias(name) for name in texts.columns)
        self._texts.append(texts[lines[first]].select(copied))
        return numbers

    def settled(self, *, by: str | None = None) -> tuple[pl.DataFrame, Numbers]:
        """The texts of each hash once, and for each number that was given out its row among them.

        Args:
            by: the column to sort by; otherwise they are in no order that means anything.
        """
        if not self._given:
            return pl.DataFrame(), np.zeros(0, np.uint32)
        met = pl.concat(self._texts).with_columns(hash=np.concatenate(self._given))
        self._given, self._texts = [], []
        once = met.unique("hash", keep="any")
        once = (once.sort(by) if by else once).with_row_index("row")
        rows = met.select("hash").join(once.select("hash", "row"), on="hash", maintain_order="left")["row"]
        return once.drop("row", "hash"), rows.to_numpy()


def read_play_log(file: Path) -> PlayLog:
    """Read lines of user, ISO time, artist MBID, artist, track MBID, title.

    Twelve bytes a line are kept: numbers of user and names, and the time. Names are told apart by 64 bits:
    among ten million different ones, two are taken for the same in one of 370,000 logs.

    Raises:
        CatalogError: a line does not fit, or its time cannot be read; names file, line and field.
    """
    users, names = _Numbering(_USER_BITS), _Numbering(_NAME_BITS)
    parts: dict[str, list[Numbers]] = {"user": [], "time": [], "track": []}
    rows = 0
    with located(file, COLUMNS):
        for lines in _hashed(file).collect_batches(maintain_order=True):
            rows += len(lines)
            whole = lines.drop_nulls(["user", "time"])
            parts["user"].append(users.take(whole["user_hash"].to_numpy(), whole.select("user")))
            parts["track"].append(names.take(whole["names_hash"].to_numpy(), whole.select(_NAMES)))
            parts["time"].append(whole["time"].to_numpy())
    kept = sum(map(len, parts["time"]))
    if kept < rows and (wrong := _wrong_time(file)):
        raise wrong
    ids, user_rows = users.settled(by="user")
    tracks, name_rows = names.settled()
    columns = {"user": _replaced(parts.pop("user"), user_rows), "time": _joined(parts.pop("time"))}
    plays = pl.DataFrame({**columns, "track": _replaced(parts.pop("track"), name_rows)})
    dropped = {"lines without user or time": rows - kept}
    if not kept:
        none = dict.fromkeys(("user", *_NAMES), pl.String)
        ids, tracks = pl.DataFrame(schema={"user": pl.String}), pl.DataFrame(schema=none).drop("user")
    return PlayLog(plays, ids["user"], tracks, rows, dropped)


def _hashed(file: Path) -> pl.LazyFrame:
    """The texts of every line, its time (UInt32), and the hashes of its user and of its names."""
    names = pl.lit(0, dtype=pl.UInt64)
    for seed, name in enumerate(_NAMES):
        names = names ^ pl.col(name).hash(seed)
    # Times hardly repeat, so that a cache of them costs more than it saves.
    time = pl.col("time").str.to_datetime(_TIME, strict=False, cache=False, time_unit="ms").dt.epoch("s")
    return scan_tsv(file, COLUMNS).select(
        "user",
        *_NAMES,
        time=time.cast(pl.UInt32, strict=False),
        user_hash=pl.col("user").hash(len(_NAMES)),
        names_hash=names,
    )


def _replaced(parts: list[Numbers], rows: Numbers) -> pl.Series:
    """The parts as one column, each number by its row."""
    for at, part in enumerate(parts):
        parts[at] = rows[part]
    return _joined(parts)


def _joined(parts: list[Numbers]) -> pl.Series:
    return pl.Series(np.concatenate(parts) if parts else np.zeros(0, np.uint32))


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
