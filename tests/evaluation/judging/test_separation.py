from __future__ import annotations

import random

import numpy as np
import pytest
from segue.evaluation.judging.separation import (
    exact_agreement,
    ordinal_alpha,
    rank_correlation,
    separation,
)


def test_scores_that_never_overlap_separate_wholly() -> None:
    found = separation([3.0, 4.0, 3.5], [1.0, 2.0, 1.5])
    assert (found.auc, found.low, found.high, found.found) == (1.0, 1.0, 1.0, "noticed")
    assert (found.higher, found.equal, found.lower) == (3, 0, 0)


def test_equal_scores_tell_nothing_apart() -> None:
    found = separation([4.0] * 5, [4.0] * 5)
    assert (found.auc, found.low, found.high, found.found) == (0.5, 0.5, 0.5, "not noticed")
    assert found.equal == 5


def test_liking_the_spoiled_ones_is_told_from_not_noticing() -> None:
    assert separation([1.0, 2.0, 1.0, 2.0], [3.0, 4.0, 4.0, 3.0]).found == "misled"


def test_auc_counts_all_pairs_and_ties_half() -> None:
    assert separation([1.0, 3.0], [2.0, 3.0]).auc == pytest.approx((0 + 0 + 1 + 0.5) / 4)


@pytest.mark.slow
def test_the_interval_holds_the_true_value_about_as_often_as_it_says() -> None:
    draw = random.Random(0)
    held = 0
    for _ in range(60):
        a, b = ([draw.gauss(mean, 1.0) for _ in range(40)] for mean in (1.0, 0.0))
        found = separation(a, b)
        assert found.low is not None and found.high is not None
        held += found.low <= 0.7602 <= found.high
    assert held >= 52


def test_one_conversation_has_no_interval() -> None:
    found = separation([4.0], [1.0])
    assert (found.auc, found.low, found.found) == (1.0, None, "not noticed")


def test_alpha_of_a_worked_example() -> None:
    # The example of Krippendorff's own note (2011): four observers, twelve units; ordinal alpha 0.815.
    nan = None
    ratings = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
        [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ]
    assert ordinal_alpha(ratings) == pytest.approx(0.815, abs=0.0005)


def test_alpha_needs_something_to_disagree_about() -> None:
    assert ordinal_alpha([[4, 4, 4], [4, 4, 4]]) is None
    assert ordinal_alpha([[1, 2, 3]]) is None
    assert ordinal_alpha([[1, None], [None, 2]]) is None
    assert exact_agreement([[4, 4, 4], [4, 4, 3]]) == pytest.approx(2 / 3)
    assert exact_agreement([[1, None]]) is None


def test_rank_correlation_is_spearman_s() -> None:
    draw = np.random.default_rng(1)
    a, b = draw.integers(1, 5, 50).astype(float), draw.integers(1, 5, 50).astype(float)
    stats = pytest.importorskip("scipy.stats")
    assert rank_correlation(list(a), list(b)) == pytest.approx(stats.spearmanr(a, b).statistic)
    assert rank_correlation([1.0, 2.0, 3.0], [10.0, 20.0, 20.5]) == pytest.approx(1.0)
    assert rank_correlation([1.0, 1.0], [1.0, 2.0]) is None
