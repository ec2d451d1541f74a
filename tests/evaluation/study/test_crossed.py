"""The mixed model: what it finds on ratings that were made, and that its likelihood is the one of the textbooks."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]
from segue.evaluation.study.crossed import CrossedModel
from segue.evaluation.study.likelihood import Products, Rated, Solved

SOURCES = ["one", "other"]


def made(seed: int, raters: int = 12, drawn: int = 10, rater: float = 0.4, thing: float = 0.3) -> list[Rated]:
    """Every rater rates a half of the conversations of both sources; `one` is ahead by 1."""
    random = np.random.default_rng(seed)
    mild = random.normal(0, rater, raters)
    good = random.normal(0, thing, (2, drawn))
    return [
        Rated(r, c, SOURCES[s], 3 + (s == 0) + mild[r] + good[s, c] + random.normal(0, 0.7))
        for r, s, c in product(range(raters), range(2), range(drawn))
        if (r + c) % 2 == 0
    ]


def dense(ratings: list[Rated], variances: np.ndarray) -> tuple[float, np.ndarray]:
    """(restricted likelihood, its slope by small steps) from the whole covariance matrix."""

    def likelihood(values: np.ndarray) -> float:
        keys = [
            [r.rater for r in ratings],
            [(r.rater, r.source) for r in ratings],
            [(r.source, r.conversation) for r in ratings],
        ]
        whole = values[3] * np.eye(len(ratings))
        for variance, names in zip(values[:3], keys, strict=True):
            whole += variance * np.array([[a == b for b in names] for a in names])
        x = np.array([[float(r.source == s) for s in SOURCES] for r in ratings])
        y = np.array([r.value for r in ratings])
        inverse = np.linalg.inv(whole)
        means = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
        left = y - x @ means
        logs = np.linalg.slogdet(whole)[1] + np.linalg.slogdet(x.T @ inverse @ x)[1]
        return -float(logs + left @ inverse @ left) / 2

    step = 1e-5
    slopes = [
        (likelihood(variances + step * unit) - likelihood(variances - step * unit)) / (2 * step)
        for unit in np.eye(4)
    ]
    return likelihood(variances), np.array(slopes)


@settings(max_examples=10)
@given(st.integers(0, 99), st.tuples(*[st.floats(0.05, 1.0)] * 4))
def test_the_likelihood_and_its_slope_are_those_of_the_whole_matrix(
    seed: int, given_: tuple[float, ...]
) -> None:
    ratings, variances = made(seed, raters=5, drawn=4), np.array(given_)
    solved = Solved.of(Products.of(ratings, SOURCES), variances)
    likelihood, slopes = dense(ratings, variances)
    assert solved.likelihood == pytest.approx(likelihood, rel=1e-9)
    assert solved.score == pytest.approx(slopes, rel=1e-4, abs=1e-4)


def test_of_one_rating_each_by_separate_people_it_is_the_t_test() -> None:
    random = np.random.default_rng(1)
    one, other = random.normal(4, 1, 30), random.normal(3, 1, 30)
    ratings = [
        Rated(f"{s}{n}", n, s, v) for s, vs in (("one", one), ("other", other)) for n, v in enumerate(vs)
    ]
    found = CrossedModel(ratings, SOURCES).difference("one", "other")
    expected = stats.ttest_ind(one, other)
    low, high = expected.confidence_interval()
    assert found.value == pytest.approx(one.mean() - other.mean())
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-2)


def test_of_pairs_it_is_the_paired_t_test() -> None:
    random = np.random.default_rng(2)
    mild = random.normal(0, 2, 20)
    one, other = mild + random.normal(0.5, 1, 20), mild + random.normal(0, 1, 20)
    ratings = [Rated(n, n, s, v) for s, vs in (("one", one), ("other", other)) for n, v in enumerate(vs)]
    found = CrossedModel(ratings, SOURCES).difference("one", "other")
    low, high = stats.ttest_rel(one, other).confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3)


def test_a_difference_is_found_and_its_sides_are_named() -> None:
    model = CrossedModel(made(3), SOURCES)
    found, turned = model.difference("one", "other"), model.difference("other", "one")
    assert found.low > 0 and found.p < 0.001
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
    assert model.mean("one").value - model.mean("other").value == pytest.approx(found.value)


def test_people_who_differ_more_widen_a_mean_and_not_a_difference() -> None:
    alike, unlike = (CrossedModel(made(4, rater=r), SOURCES) for r in (0.1, 1.5))
    assert unlike.mean("one").error > 2 * alike.mean("one").error
    assert unlike.difference("one", "other").error == pytest.approx(
        alike.difference("one", "other").error, rel=0.3
    )
    assert unlike.spread.rater > 10 * alike.spread.rater


def test_one_value_throughout_has_no_width() -> None:
    ratings = [Rated(r, c, s, 4.0) for r, c, s in product(range(3), range(3), SOURCES)]
    model = CrossedModel(ratings, SOURCES)
    assert model.mean("one").low == pytest.approx(4.0, abs=1e-4) and model.difference(
        "one", "other"
    ).p == pytest.approx(1.0)


@pytest.mark.parametrize("count", [0, 2])
def test_too_little_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=r"no rating of|more ratings than sources"):
        CrossedModel([Rated(n, n, SOURCES[n], 3.0) for n in range(count)], SOURCES)


@pytest.mark.slow
@pytest.mark.parametrize("difference", [0.0, 1.0])
def test_intervals_hold_what_they_promise(difference: float) -> None:
    held = 0
    for seed in range(300):
        ratings = [
            Rated(r.rater, r.conversation, r.source, r.value + (difference - 1) * (r.source == "one"))
            for r in made(seed)
        ]
        found = CrossedModel(ratings, SOURCES).difference("one", "other")
        held += found.low <= difference <= found.high
    assert 0.92 <= held / 300 <= 0.98
