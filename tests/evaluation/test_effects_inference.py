"""Holm, bootstrap and permutation against values known by hand, by enumeration or by simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.evaluation.inference import EXACT_UP_TO, bootstrap_interval, holm, sign_flip_p

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


def test_holm_by_hand() -> None:
    """0.01 x 4, 0.015 x 3 = 0.045, 0.02 x 2 = 0.04 raised to 0.045, 0.5 x 1."""
    assert holm([0.5, 0.015, 0.01, 0.02]) == pytest.approx([0.5, 0.045, 0.04, 0.045])


def test_holm_of_one_test_and_of_none() -> None:
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


@given(P_VALUES)
def test_holm_keeps_the_order_and_is_no_milder_than_the_p_values_nor_stricter_than_bonferroni(
    p_values: list[float],
) -> None:
    adjusted = holm(p_values)
    for p, corrected in zip(p_values, adjusted, strict=True):
        assert p <= corrected <= min(1.0, p * len(p_values)) + 1e-12
    for (p, a), (q, b) in itertools.product(zip(p_values, adjusted, strict=True), repeat=2):
        assert a <= b or p > q


@given(P_VALUES, st.randoms())
def test_holm_does_not_depend_on_the_order(p_values: list[float], random: object) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = holm([p_values[i] for i in order])
    assert shuffled == [holm(p_values)[i] for i in order]


@pytest.mark.parametrize(
    ("values", "p"),
    [
        ([1.0], 1.0),
        ([1.0, 1.0, 1.0], 2 / 8),
        ([1.0, 2.0, 3.0], 2 / 8),
        ([1.0, 2.0, -3.0], 8 / 8),
        ([3.0, 3.0, -1.0], 4 / 8),
        ([0.0, 0.0], 1.0),
        ([0.0, 2.0, 2.0, 2.0, 2.0, 2.0], 2 / 32),
    ],
)
def test_permutation_p_values_by_hand(values: list[float], p: float) -> None:
    assert sign_flip_p(np.array(values), seed=0) == pytest.approx(p)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=8))
def test_permutation_is_exact_for_few_units(values: list[int]) -> None:
    """Against plain enumeration in whole numbers, zeros and ties included."""
    flipped = [
        abs(sum(s * v for s, v in zip(signs, values, strict=True)))
        for signs in itertools.product((1, -1), repeat=len(values))
    ]
    expected = sum(total >= abs(sum(values)) for total in flipped) / len(flipped)
    # Divided by ten, the sums are not exact any more; ties must still count as ties.
    assert sign_flip_p(np.array(values) / 10, seed=0) == pytest.approx(expected)


def test_sampled_permutations_agree_with_the_binomial_they_stand_for() -> None:
    """All of one size: how often at least 16 of 22 signs agree, from either side."""
    values = np.array([1.0] * 16 + [-1.0] * 6)
    assert len(values) > EXACT_UP_TO
    expected = 2 * sum(math.comb(22, k) for k in range(16, 23)) / 2**22
    assert sign_flip_p(values, seed=1) == pytest.approx(expected, abs=0.003)


@pytest.mark.slow
def test_a_sampled_p_value_is_never_zero_and_repeats_for_its_seed() -> None:
    values = np.linspace(1, 2, 40)
    assert sign_flip_p(values, seed=3) == pytest.approx(1 / 100_001)
    noise = np.random.default_rng(4).normal(0.2, 1, 40)
    assert sign_flip_p(noise, seed=5) == sign_flip_p(noise, seed=5) != sign_flip_p(noise, seed=6)


@pytest.mark.slow
@settings(deadline=None)  # up to 64 tests an example
@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_permutation_rejects_a_true_null_no_more_often_than_it_says(sizes: list[int]) -> None:
    """Under the null every pattern of signs is as likely. All are tried: P(p <= alpha) never exceeds alpha."""
    patterns = itertools.product((1, -1), repeat=len(sizes))
    p_values = [sign_flip_p(np.array(signs) * np.array(sizes), seed=0) for signs in patterns]
    for alpha in p_values:
        assert np.mean([p <= alpha + 1e-12 for p in p_values]) <= alpha + 1e-12


@pytest.mark.parametrize(("units", "least"), [(8, 0.92), (20, 0.93), (40, 0.935)])
def test_the_bootstrap_interval_covers_the_truth_as_often_as_it_says(units: int, least: float) -> None:
    """600 experiments on shares of five tracks, as the differences in progress are."""
    rng = np.random.default_rng(units)
    covered = 0
    for number in range(600):
        values = rng.binomial(5, 0.6, units) / 5 - rng.binomial(5, 0.4, units) / 5
        low, high = bootstrap_interval(values, seed=number, resamples=1_000)
        covered += low <= 0.2 <= high
    assert least <= covered / 600 <= 0.985


def test_the_bootstrap_interval_is_about_student_s_for_normal_values() -> None:
    values = np.random.default_rng(7).normal(0.3, 1.0, 30)
    half = 2.0452 * values.std(ddof=1) / math.sqrt(30)
    low, high = bootstrap_interval(values, seed=8)
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.05)


@pytest.mark.slow
@given(st.floats(-5, 5), st.integers(2, 12))
def test_values_without_spread_have_an_interval_without_width(value: float, units: int) -> None:
    low, high = bootstrap_interval(np.full(units, value), seed=0, resamples=100)
    assert (low, high) == pytest.approx((value, value))


def test_an_interval_needs_two_units_and_a_test_one() -> None:
    with pytest.raises(ValueError, match="two units"):
        bootstrap_interval(np.array([1.0]), seed=0)
    with pytest.raises(ValueError, match="one unit"):
        sign_flip_p(np.array([]), seed=0)


def test_the_interval_of_four_units_is_widened_by_student_s_t() -> None:
    """At 3 degrees of freedom t is 3.1824, and the percentiles are those at -sqrt(4 / 3) t of a normal curve."""
    values = np.array([0.0, 1.0, 2.0, 4.0])
    tail = 0.5 * math.erfc(math.sqrt(4 / 3) * 3.1824463 / math.sqrt(2))
    draws = np.random.default_rng(3).integers(0, 4, (10_000, 4))
    expected = np.quantile(values[draws].mean(axis=1), [tail, 1 - tail])
    assert bootstrap_interval(values, seed=3) == pytest.approx(tuple(expected))
