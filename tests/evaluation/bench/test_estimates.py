"""Means with intervals, and how plays spread."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.evaluation.bench.estimates import Interval, coverage, estimate_of, gini


def test_an_interval_is_that_of_clusters_and_a_single_one_has_none() -> None:
    values = [(f"u{n % 10}", float(n % 2)) for n in range(40)]
    found = estimate_of(values, seed=0)
    assert found.mean == 0.5 and found.n == 40
    assert found.low is not None and found.high is not None and found.low < 0.5 < found.high
    assert estimate_of([("u", 1.0), ("u", 0.0)], seed=0) == Interval(0.5, n=2)
    assert estimate_of([("u", None)], seed=0) == Interval(None)
    assert estimate_of([("u", 1.0), ("v", 1.0)], seed=0) == Interval(1.0, 1.0, 1.0, 2)


def test_coverage_and_inequality_are_over_all_that_was_offered() -> None:
    pools = [["a", "b"], ["b", "c", "d"]]
    assert coverage(Counter("aab"), pools) == 0.5
    assert gini(Counter("abcd"), pools) == pytest.approx(0.0)
    assert gini(Counter("aaaa"), pools) == pytest.approx(0.75)
    assert coverage(Counter(), []) is None and gini(Counter(), pools) is None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 1)), min_size=1, max_size=40))
def test_an_interval_holds_its_own_mean(values: list[tuple[str, float]]) -> None:
    found = estimate_of(values, seed=0)
    assert found.mean is not None and found.n == len(values)
    if found.low is not None and found.high is not None:
        assert found.low - 1e-9 <= found.mean <= found.high + 1e-9


def test_a_cluster_of_many_weighs_as_many() -> None:
    values = [("u0", 0.0)] * 99 + [(f"u{n}", 1.0) for n in range(1, 21)]
    found = estimate_of(values, seed=0)
    assert found.low is not None and found.high is not None
    assert found.mean == pytest.approx(20 / 119) and found.low < 20 / 119 < found.high
