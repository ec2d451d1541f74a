"""The inference behind effects: Holm's correction, bootstrap intervals, permutation tests of a zero mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

Numbers = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 10_000
PERMUTATIONS = 100_000
EXACT_UP_TO = PERMUTATIONS.bit_length() - 1
"""Units up to which every one of the 2**n sign patterns is counted; of more, `PERMUTATIONS` are sampled."""

_BLOCK = 1 << 20
"""Numbers drawn at once, so that memory does not grow with the experiment."""
_DIGITS = 9
"""Decimals to which sums are told apart, relative to their size: what differs beyond differs by rounding alone."""


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (1979): the k-th smallest of n times n - k + 1, never falling, up to 1."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        least = max(least, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = least
    return adjusted


def bootstrap_interval(values: Numbers, *, seed: int, resamples: int = RESAMPLES) -> tuple[float, float]:
    """Interval for the mean of `values` (shape: units) at `CONFIDENCE`, percentiles of resampled means.

    The percentiles are widened to make up for the narrowness of the bootstrap in small samples (the expanded
    percentile interval: Hesterberg, The American Statistician 69, 2015, section 4).

    Raises:
        ValueError: for fewer than two units.
    """
    size = len(values)
    level = _reach(size)
    found = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=resamples,
        batch=max(1, _BLOCK // size),
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def ratio_interval(sums: Numbers, counts: Numbers, *, seed: int) -> tuple[float, float]:
    """Interval for the mean over all members of clusters, by resampling whole clusters; see `bootstrap_interval`.

    Args:
        sums, counts: of each cluster (shape: clusters).

    Raises:
        ValueError: for fewer than two clusters.
    """
    size = len(sums)
    found = stats.bootstrap(
        (sums, counts),
        lambda total, held, axis: total.sum(axis=axis) / held.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, _BLOCK // max(1, size)),
        confidence_level=_reach(size),
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _reach(size: int) -> float:
    """The level at which percentiles are taken, so that few units make up for the narrowness of the bootstrap."""
    if size < 2:
        raise ValueError("an interval needs at least two units")
    reach = math.sqrt(size / (size - 1)) * stats.t.ppf(0.5 + CONFIDENCE / 2, size - 1)
    return float(1 - 2 * stats.norm.cdf(-reach))


def sign_flip_p(values: Numbers, *, seed: int, permutations: int = PERMUTATIONS) -> float:
    """Two-sided p-value of a zero mean of `values` (shape: units), were each as likely with the other sign.

    Exact up to `EXACT_UP_TO` units; beyond, sampled, the observed signs counted among the samples, so that
    it is valid and never 0.

    Raises:
        ValueError: without units.
    """
    if not len(values):
        raise ValueError("a test needs at least one unit")
    # A zero keeps its sum under either sign: patterns of the others tell all.
    moved = values[values != 0]
    # One unit alone lies as far from zero under either sign.
    if len(moved) < 2:
        return 1.0
    size = np.abs(moved).sum()

    def distance(flipped: Numbers, axis: int) -> Numbers:
        apart: Numbers = np.round(np.abs(flipped.sum(axis=axis)) / size, _DIGITS)
        return apart

    test = stats.permutation_test(
        (moved,),
        distance,
        permutation_type="samples",
        vectorized=True,
        n_resamples=permutations,
        batch=max(1, _BLOCK // len(moved)),
        alternative="greater",
        rng=np.random.default_rng(seed),
    )
    return float(test.pvalue)
