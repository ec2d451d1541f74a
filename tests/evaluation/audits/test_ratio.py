"""Intervals of ratios end inside of what is possible, however few conversations there are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.evaluation.audits.ratio import Ratio

PARTS = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), min_size=2, max_size=12)


def ratio_of(parts: list[tuple[int, float]], most: float = 1.0) -> Ratio:
    """One value a chance, each between 0 and `most`."""
    ratio = Ratio()
    for conversation, value in parts:
        ratio.add(conversation, value * most)
    return ratio


@pytest.mark.parametrize("most", [1.0, 4.0])
@given(PARTS)
def test_a_mean_with_bounds_has_an_interval_inside_of_them(
    most: float, parts: list[tuple[int, float]]
) -> None:
    ratio = ratio_of(parts, most)
    found = ratio.interval(share=False, most=most)
    assert (found is None) == (len({conversation for conversation, _ in parts}) < 2)
    if found is not None:
        assert ratio.value is not None
        assert 0 <= found[0] <= ratio.value + 1e-9 and ratio.value - 1e-9 <= found[1] <= most


@given(PARTS)
def test_a_mean_of_counts_is_never_less_than_nothing(parts: list[tuple[int, float]]) -> None:
    found = ratio_of(parts, 50.0).interval(share=False)
    assert found is None or 0 <= found[0] <= found[1]


def test_with_many_conversations_both_are_about_the_same() -> None:
    parts = [(number, [0.2, 0.4, 0.9][number % 3]) for number in range(300)]
    bounded, free = (ratio_of(parts).interval(share=False, most=most) for most in (1.0, math.inf))
    assert bounded == pytest.approx(free, abs=0.002)
