"""Reader of LFM-1b and LFM-2b: tab-separated plays of Last.fm users with demographics.

LFM-1b has no header lines: plays are user, artist, album, track, seconds since 1970. LFM-2b has them: plays
are user_id, track_id, album_id, timestamp (`2019-05-04 18:22:01`); tracks, albums name their artist in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ..detect import Source
from ..source_files import text_of
from ..table import TableCatalog
from .delimited import Columns, located, scan_tsv
from .folder.playlists import bare_id
from .lfm_names import EVENTS_1B, Names, read_names
from .listeners import clean_users, with_unlisted
from .sessionization import session_table, sessionize

_EVENTS_2B: Final[Columns] = {"user": pl.Int64, "track": pl.Int64, "album": pl.Int64, "time": pl.String}
_ADDRESSES: Final[Columns] = {"track_id": pl.String, "uri": pl.String}
_TIME_2B: Final = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class _Plays:
    """Plays by row number of user and track, and what fell away on the way."""

    plays: pl.DataFrame
    users: pl.Series
    dropped: Mapping[str, int]


def read_lfm(source: Source, *, session_gap: int | None = None) -> TableCatalog:
    """The catalogue of an LFM-1b or LFM-2b folder. Tracks keep the order of their file.

    Raises:
        CatalogError: a file is missing, or a line does not fit the layout.
    """
    events_file = source.need(f"{source.format}-events")
    events = _events(events_file, modern=source.format == "lfm2b")
    names = read_names(source, events_file)
    albums = _albums_played(events, names)
    rows = len(events)
    plays = _by_row(events, names)
    del events
    users, ages = _users(source.one("lfm-users"), plays.users)
    sessionized = sessionize(plays.plays, session_gap)
    return TableCatalog.read_from(
        source,
        tracks=names.tracks.join(albums, on="track", how="left", maintain_order="left").drop("track"),
        sessions=session_table(sessionized, users),
        rows=rows,
        dropped={**plays.dropped, **sessionized.dropped},
        noticed={**names.noticed, **ages},
        spotify_ids=_spotify_ids(source.one("lfm2b-spotify")),
    )


def _spotify_ids(file: Path | None) -> pl.DataFrame | None:
    """`track_id` and `spotify_id` of LFM-2b's table of addresses."""
    if file is None:
        return None
    with located(file, _ADDRESSES, header=True):
        read = scan_tsv(file, _ADDRESSES, header=True).drop_nulls().collect()
    return read.select("track_id", spotify_id=bare_id("uri"))


def _events(file: Path, *, modern: bool) -> pl.DataFrame:
    """Plays as `user`, `album`, `track`, `time`, all UInt32; null where a line lacks it."""
    columns = _EVENTS_2B if modern else EVENTS_1B
    time = pl.col("time").str.to_datetime(_TIME_2B, strict=False).dt.epoch("s") if modern else pl.col("time")
    with located(file, columns, header=modern):
        return (
            scan_tsv(file, columns, header=modern)
            .select("user", "album", "track", time.alias("time"))
            .cast(pl.UInt32, strict=False)
            .collect(engine="streaming")
        )


def _albums_played(events: pl.DataFrame, names: Names) -> pl.DataFrame:
    """For each track the album under which it was played most; the smaller id where two are level."""
    return (
        events.lazy()
        .drop_nulls(["track", "album"])
        .group_by("track", "album")
        .len()
        .join(names.albums.lazy(), on="album")
        .sort(["track", "len", "album"], descending=[False, True, False])
        .unique("track", keep="first", maintain_order=True)
        .select(
            "track",
            album_name=pl.concat_list("album_name"),
            album_id=pl.concat_list(pl.col("album").cast(pl.String)),
        )
        .collect()
    )


def _by_row(events: pl.DataFrame, names: Names) -> _Plays:
    """Replace ids by row numbers, which are what memory can hold."""
    whole = events.select("user", "track", "time").drop_nulls()
    incomplete = len(events) - len(whole)
    users = whole["user"].unique().cast(pl.String).sort()
    user_rows = pl.DataFrame({"user": users.cast(pl.UInt32)}).with_row_index("user_row")
    track_rows = names.tracks.select("track").with_row_index("track_row")
    plays = (
        whole.lazy()
        .join(track_rows.lazy(), on="track", how="inner")
        .join(user_rows.lazy(), on="user", how="inner")
        .select(user="user_row", time="time", track="track_row")
        .collect(engine="streaming")
    )
    unknown = len(whole) - len(plays)
    dropped = {
        "plays without user, track or readable time": incomplete,
        "plays of a track id that has no name or artist": unknown,
    }
    return _Plays(plays, users, dropped)


def _users(file: Path | None, seen: pl.Series) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Demographics of the users in `seen`, in its order."""
    if file is None:
        return pl.DataFrame({"user_id": seen}), {}
    with file.open("rb") as opened:
        head = text_of(opened.readline(), file).rstrip("\r\n").split("\t")
    columns: Columns = dict.fromkeys(head, pl.String)
    with located(file, columns, header=True):
        read = scan_tsv(file, columns, header=True).collect()
    listed = with_unlisted(read.select("user_id", "country", "age", "gender"), seen)
    return clean_users(listed, country="country_code")
