"""From single plays to listening sessions: one UTC day of a user, or an unbroken stretch of listening."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

FIRST_TIME: Final = 1_009_843_200
"""2002-01-01: no scrobbling service is older; earlier times come from players whose clock was not set."""

_DAY: Final = 86_400
_AHEAD_S: Final = _DAY
"""How far a player's clock may be ahead of ours."""

# Days since 1970 and seconds of a day; the times of plays are below 2**32.
_DAY_BITS, _SECOND_BITS = 16, 17

Whole = NDArray[np.uint64]
Numbers = NDArray[np.uint32]


@dataclass(frozen=True)
class SessionizedPlays:
    """Sessions found in plays.

    Attributes:
        sessions: `user` (row of the users), `day` (Date, UTC, of the first play), `number` (1 for the user's
            first session of that day, 2 for the next), `tracks` (rows of the tracks in order of playing).
        repeated: plays left out because the same user played the same track in the same second.
        untimely: reason -> plays left out because their time lies before 2002 or ahead of now.
    """

    sessions: pl.DataFrame
    repeated: int
    untimely: Mapping[str, int]

    @property
    def dropped(self) -> Mapping[str, int]:
        """Reason -> plays left out."""
        return {"plays repeated within the same second": self.repeated, **self.untimely}


def sessionize(
    plays: pl.DataFrame, gap_minutes: int | None = None, *, now: float | None = None
) -> SessionizedPlays:
    """Group plays into sessions.

    Args:
        plays: `user` and `track` (UInt32, rows of the users and tracks), `time` (UInt32, seconds since 1970).
        gap_minutes: a session ends when the next play starts more than so many minutes after the last;
            by default it ends with the UTC day.
        now: seconds since 1970, by the clock when left out: nobody has played what is dated later.
    """
    latest = min(int((time.time() if now is None else now) + _AHEAD_S), 2**32 - 1)
    untimely = {
        "plays dated before 2002": int((plays["time"] < FIRST_TIME).sum()),
        "plays dated in the future": int((plays["time"] > latest).sum()),
    }
    timely = plays.filter(pl.col("time").is_between(FIRST_TIME, latest)) if any(untimely.values()) else plays
    packed = _Packed.of(timely)
    if packed is None:
        ordered = timely.sort("user", "time", "track")
        again = ordered.select(_repeats("user", "time", "track")).to_series()
        kept, repeated = ordered.filter(~again), int(again.sum())
        return SessionizedPlays(_numbered(_grouped(kept, gap_minutes)), repeated, untimely)
    before = len(packed.numbers)
    packed = packed.once()
    found = packed.days() if gap_minutes is None else _numbered(_grouped(packed.plays(), gap_minutes))
    return SessionizedPlays(found, before - len(packed.numbers), untimely)


@dataclass(frozen=True)
class _Packed:
    """Plays in order, each as one number: user, day, second of the day, track, from the high bits to the low.

    One number a play sorts four times as fast as three columns, in half the memory.
    """

    numbers: Whole
    track_bits: int

    @classmethod
    def of(cls, plays: pl.DataFrame) -> Self | None:
        """The plays, sorted; None where users and tracks are too many for it."""
        users = int(plays["user"].max() or 0).bit_length()  # type: ignore[arg-type]
        tracks = int(plays["track"].max() or 0).bit_length()  # type: ignore[arg-type]
        if users + _DAY_BITS + _SECOND_BITS + tracks > 64:
            return None
        time = plays["time"].to_numpy()
        day = time // np.uint32(_DAY)
        numbers = plays["user"].to_numpy().astype(np.uint64)
        for value, bits in (
            (day, _DAY_BITS),
            (time - day * np.uint32(_DAY), _SECOND_BITS),
            (plays["track"].to_numpy(), tracks),
        ):
            numbers <<= np.uint64(bits)
            numbers |= value
        return cls(pl.Series(numbers).sort().to_numpy(), tracks)

    def once(self) -> Self:
        """Without plays of the same track by the same user in the same second."""
        again = self.numbers[1:] == self.numbers[:-1]
        if not again.any():
            return self
        return replace(self, numbers=self.numbers[np.concatenate([[True], ~again])])

    def days(self) -> pl.DataFrame:
        """The sessions when each day of a user is one, as `SessionizedPlays` has them."""
        sessions = pl.Series(self.numbers >> np.uint64(_SECOND_BITS + self.track_bits)).set_sorted()
        # In a column that is known to be sorted, groups are found without a table of hashes.
        found = (
            pl.DataFrame({"session": sessions, "track": self._tracks})
            .group_by("session", maintain_order=True)
            .agg(tracks="track")
        )
        user, day = pl.col("session") // 2**_DAY_BITS, pl.col("session") % 2**_DAY_BITS
        return found.select(
            "tracks", user=user.cast(pl.UInt32), day=day.cast(pl.Int32).cast(pl.Date), number=pl.lit(1)
        )

    def plays(self) -> pl.DataFrame:
        """The plays as columns again."""
        when = self.numbers >> np.uint64(self.track_bits)
        second = (when & np.uint64(2**_SECOND_BITS - 1)).astype(np.uint32)
        day = (when >> np.uint64(_SECOND_BITS)).astype(np.uint32) & np.uint32(2**_DAY_BITS - 1)
        user = (when >> np.uint64(_SECOND_BITS + _DAY_BITS)).astype(np.uint32)
        return pl.DataFrame({"user": user, "time": day * np.uint32(_DAY) + second, "track": self._tracks})

    @property
    def _tracks(self) -> Numbers:
        return (self.numbers & np.uint64(2**self.track_bits - 1)).astype(np.uint32)


def _repeats(*names: str) -> pl.Expr:
    """The play is in all these columns as the one before."""
    return pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in names).fill_null(False)


def _grouped(plays: pl.DataFrame, gap_minutes: int | None) -> pl.DataFrame:
    user, time = pl.col("user"), pl.col("time")
    midnight = time // _DAY != time.shift() // _DAY
    # Sums stay below 2**32 for times before 2038; nobody is silent for 34 years.
    silence = time > time.shift() + min((gap_minutes or 0) * 60, 2**30)
    broken = midnight if gap_minutes is None else silence
    first = ((user != user.shift()) | broken).fill_null(True)
    return (
        plays.select("user", "track", session=first.cum_sum().set_sorted(), day=(time // _DAY).cast(pl.Int32))
        .group_by("session", maintain_order=True)
        .agg(pl.col("user", "day").first(), tracks=pl.col("track"))
        .select("user", "tracks", day=pl.col("day").cast(pl.Date))
    )


def _numbered(sessions: pl.DataFrame) -> pl.DataFrame:
    return sessions.with_columns(number=pl.int_range(1, pl.len() + 1).over("user", "day"))


def session_table(sessionized: SessionizedPlays, users: pl.DataFrame) -> pl.DataFrame:
    """Sessions as `TableCatalog` wants them, by date and then id.

    Args:
        users: `user_id` and demographics by their column names, in the order that `user` counts them.
    """
    found = sessionized.sessions
    who = users[found["user"]]
    day = found["day"].dt.strftime("%Y-%m-%d")
    again = pl.when(found["number"] > 1).then(pl.format("__{}", found["number"])).otherwise(pl.lit(""))
    return who.with_columns(
        session_id=pl.concat_str(pl.col("user_id"), pl.lit("__"), pl.lit(day), again),
        session_date=found["day"],
        origin=pl.lit("played"),
        tracks=found["tracks"],
    ).sort("session_date", "session_id")
