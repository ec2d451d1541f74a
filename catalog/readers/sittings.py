"""From single plays to listening sessions: one UTC day of a user, or an unbroken sitting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

FIRST_TIME: Final = 1_009_843_200
"""2002-01-01: no scrobbling service is older; earlier times come from players whose clock was not set."""

_DAY: Final = 86_400
_TIME_BITS: Final = 32


@dataclass(frozen=True)
class Sittings:
    """Sessions found in plays.

    Attributes:
        sessions: `user` (row of the users), `day` (Date, UTC, of the first play), `number` (1 for the user's
            first session of that day, 2 for the next), `tracks` (rows of the tracks in order of playing).
        repeated: plays left out because the same user played the same track in the same second.
        untimely: plays left out because their time lies before 2002.
    """

    sessions: pl.DataFrame
    repeated: int
    untimely: int


def find_sittings(plays: pl.DataFrame, gap_minutes: int | None = None) -> Sittings:
    """Group plays into sessions.

    Args:
        plays: `user` and `track` (UInt32, rows of the users and tracks), `time` (UInt32, seconds since 1970).
        gap_minutes: a session ends when the next play starts more than so many minutes after the last;
            by default it ends with the UTC day.
    """
    untimely = int((plays["time"] < FIRST_TIME).sum())
    ordered = _ordered(plays.filter(pl.col("time") >= FIRST_TIME) if untimely else plays)
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in ("user", "time", "track"))
    again = ordered.select(same.fill_null(False)).to_series()
    repeated = int(again.sum())
    # A filter copies all that it keeps; with tens of millions of plays it is not called for nothing.
    kept = ordered.filter(~again) if repeated else ordered
    return Sittings(_numbered(_grouped(kept, gap_minutes)), repeated, untimely)


def _ordered(plays: pl.DataFrame) -> pl.DataFrame:
    """Plays by user, time and track, so that the order of lines in the source does not matter."""
    users = int(plays["user"].max() or 0).bit_length()  # type: ignore[arg-type]
    tracks = int(plays["track"].max() or 0).bit_length()  # type: ignore[arg-type]
    if users + tracks + _TIME_BITS > 64:
        return plays.sort("user", "time", "track")
    # One number a play sorts four times as fast as three columns, in half the memory.
    user, time, track = (pl.col(name).cast(pl.UInt64) for name in ("user", "time", "track"))
    packed = plays.select(play=(user * 2**_TIME_BITS + time) * 2**tracks + track).sort("play")
    play = pl.col("play")
    return packed.select(
        user=(play // 2 ** (tracks + _TIME_BITS)).cast(pl.UInt32),
        time=(play // 2**tracks % 2**_TIME_BITS).cast(pl.UInt32),
        track=(play % 2**tracks).cast(pl.UInt32),
    )


def _grouped(plays: pl.DataFrame, gap_minutes: int | None) -> pl.DataFrame:
    user, time = pl.col("user"), pl.col("time")
    midnight = time // _DAY != time.shift() // _DAY
    # Sums stay below 2**32 for times before 2038; nobody is silent for 34 years.
    silence = time > time.shift() + min((gap_minutes or 0) * 60, 2**30)
    broken = midnight if gap_minutes is None else silence
    first = ((user != user.shift()) | broken).fill_null(True)
    return (
        plays.lazy()
        .select("user", "track", session=first.cum_sum(), day=(time // _DAY).cast(pl.Int32))
        .group_by("session", maintain_order=True)
        .agg(pl.col("user", "day").first(), tracks=pl.col("track"))
        .select("user", "tracks", day=pl.col("day").cast(pl.Date))
        .collect()
    )


def _numbered(sessions: pl.DataFrame) -> pl.DataFrame:
    return sessions.with_columns(number=pl.int_range(1, pl.len() + 1).over("user", "day"))


def session_table(sittings: Sittings, users: pl.DataFrame) -> pl.DataFrame:
    """Sessions as `TableCatalog` wants them, by date and then id.

    Args:
        users: `user_id` and demographics by their column names, in the order that `user` counts them.
    """
    found = sittings.sessions
    who = users[found["user"]]
    day = found["day"].dt.strftime("%Y-%m-%d")
    again = pl.when(found["number"] > 1).then(pl.format("__{}", found["number"])).otherwise(pl.lit(""))
    return who.with_columns(
        session_id=pl.concat_str(pl.col("user_id"), pl.lit("__"), pl.lit(day), again),
        session_date=found["day"],
        origin=pl.lit("played"),
        tracks=found["tracks"],
    ).sort("session_date", "session_id")
