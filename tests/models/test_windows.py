"""Windows: no span of a minute ever holds more than the limit, and nothing waits longer than it must."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from segue.models.windows import MINUTE_S, Window

Arrivals = st.lists(st.tuples(st.floats(0, 40, allow_nan=False), st.integers(1, 60)), min_size=1, max_size=40)


def started(limit: int, arrivals: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """(time, amount) at which things start that arrive so many seconds apart, first come first served."""
    window, now, starts = Window(limit), 1000.0, list[tuple[float, int]]()
    for pause, amount in arrivals:
        now = max(now + pause, window.earliest(amount, now + pause))
        assert window.earliest(amount, now) == now, "the time that was named is early enough"
        window.take(amount, now)
        starts.append((now, amount))
    return starts


@given(arrivals=Arrivals)
def test_no_span_of_a_minute_holds_more_than_the_limit(arrivals: list[tuple[float, int]]) -> None:
    limit = 60
    starts = started(limit, arrivals)
    for at, _ in starts:
        held = [amount for time, amount in starts if time <= at < time + MINUTE_S]
        assert sum(held) <= limit


@given(arrivals=Arrivals)
def test_nothing_waits_for_more_than_the_minute_before_it(arrivals: list[tuple[float, int]]) -> None:
    starts = started(60, arrivals)
    for (before, _), (at, _), (pause, _) in zip(starts, starts[1:], arrivals[1:], strict=False):
        assert before + pause <= at <= before + pause + MINUTE_S


def test_more_than_the_limit_waits_until_it_is_alone() -> None:
    window = Window(10)
    window.take(3, 0.0)
    assert window.earliest(50, 1.0) == 60.0
    window.take(50, 60.0)
    assert window.earliest(1, 61.0) == 120.0


def test_a_correction_frees_or_takes_what_the_estimate_was_off_by() -> None:
    window = Window(10)
    entry = window.take(8, 0.0)
    assert window.earliest(5, 1.0) == 60.0
    window.correct(entry, 2)
    assert window.earliest(5, 1.0) == 1.0
    window.correct(entry, 12)
    assert window.earliest(1, 1.0) == 60.0
    assert window.earliest(1, 60.0) == 60.0
    window.correct(entry, 1)
    assert window.earliest(10, 60.0) == 60.0, "what is gone is corrected no more"
