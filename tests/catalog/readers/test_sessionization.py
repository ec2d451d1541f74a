"""Single plays become sessions: days or unbroken sittings, whichever way the numbers are packed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from segue.catalog.readers.sessionization import FIRST_TIME, sessionize
from support.catalog.sources import seconds

BIG = 2**31 - 1
"""A track's row for which no packing into 64 bits is left."""


def plays(*rows: tuple[int, str | int, int]) -> pl.DataFrame:
    table = [(user, when if isinstance(when, int) else seconds(when), track) for user, when, track in rows]
    return pl.DataFrame(table, schema=dict.fromkeys(("user", "time", "track"), pl.UInt32), orient="row")


ROWS = (
    (1, "2012-03-05T00:00:00", 3),
    (0, "2012-03-04T23:59:59", 2),
    (0, "2012-03-05T00:20:00", 1),
    (0, "2012-03-04T23:59:59", 2),
    (0, "2012-03-05T09:00:00", 2),
    (0, "2012-03-04T23:59:59", 1),
    (1, FIRST_TIME - 1, 1),
)


@pytest.mark.parametrize("users", [0, BIG - 1], ids=["packed", "too many to be packed"])
def test_days_and_silences(users: int) -> None:
    """A user's number beyond what the bits hold changes the way and not the outcome."""
    more = [(users, "2020-01-01T12:00:00", BIG)] if users else []
    days = sessionize(plays(*ROWS, *more))
    assert days.dropped == {
        "plays repeated within the same second": 1,
        "plays dated before 2002": 1,
        "plays dated in the future": 0,
    }
    expected = [
        (0, date(2012, 3, 4), 1, [1, 2]),
        (0, date(2012, 3, 5), 1, [1, 2]),
        (1, date(2012, 3, 5), 1, [3]),
    ]
    columns = ("user", "day", "number", "tracks")
    assert days.sessions.select(columns).rows()[:3] == expected
    silences = sessionize(plays(*ROWS, *more), 30)
    assert silences.sessions.select(columns).rows()[:3] == [
        (0, date(2012, 3, 4), 1, [1, 2, 1]),
        (0, date(2012, 3, 5), 1, [2]),
        (1, date(2012, 3, 5), 1, [3]),
    ]


def test_times_up_to_the_last_second_that_fits() -> None:
    found = sessionize(plays((5, 2**32 - 1, 7)), now=2**32)
    [(day, tracks)] = found.sessions.select("day", "tracks").rows()
    assert (day, tracks) == (date(2106, 2, 7), [7])


def test_nobody_has_played_what_is_dated_tomorrow() -> None:
    now = seconds("2012-03-04T12:00:00")
    found = sessionize(plays((0, now, 1), (0, now + 3600, 2), (0, now + 2 * 86_400, 3)), now=now)
    assert found.sessions["tracks"].to_list() == [[1, 2]]
    assert found.dropped["plays dated in the future"] == 1


def test_no_plays() -> None:
    found = sessionize(plays())
    assert found.sessions.is_empty() and found.repeated == 0
