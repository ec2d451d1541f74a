"""The inference behind effects: Holm's correction, bootstrap intervals, permutation tests of a zero mean."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CONFIDENCE = 0.95
RESAMPLES = 10_000
PERMUTATIONS = 100_000
EXACT_UP_TO = 16
"""Units up to which every one of the 2**n sign patterns is counted; more are sampled."""

_BLOCK = 1 << 20
"""Numbers drawn at once, so that memory does not grow with the experiment."""
_EQUAL = 1e-9
"""Sums that differ by less than this, relative to their size, differ by rounding alone."""


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
    if size < 2:
        raise ValueError("an interval needs at least two units")
    rng = np.random.default_rng(seed)
    rows = max(1, _BLOCK // size)
    means = [
        values[rng.integers(0, size, (min(rows, resamples - done), size))].mean(axis=1)
        for done in range(0, resamples, rows)
    ]
    tail = NormalDist().cdf(-math.sqrt(size / (size - 1)) * _t_quantile(0.5 + CONFIDENCE / 2, size - 1))
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


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
    if not len(moved):
        return 1.0
    least = abs(moved.sum()) - _EQUAL * np.abs(moved).sum()
    if len(moved) <= EXACT_UP_TO:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(moved)))).reshape(-1, len(moved))
        return float(np.mean(np.abs(signs @ moved) >= least))
    rng = np.random.default_rng(seed)
    rows = max(1, _BLOCK // len(moved))
    hits = sum(
        int(np.sum(np.abs(_signs(rng, min(rows, permutations - done), len(moved)) @ moved) >= least))
        for done in range(0, permutations, rows)
    )
    return (hits + 1) / (permutations + 1)


def _signs(rng: np.random.Generator, rows: int, columns: int) -> Numbers:
    return rng.integers(0, 2, (rows, columns)).astype(np.float64) * 2 - 1


def _t_quantile(probability: float, freedom: int) -> float:
    """Student's t by its expansion in 1 / freedom (Abramowitz and Stegun, 26.7.5); exact below 3 degrees."""
    if freedom == 1:
        return math.tan(math.pi * (probability - 0.5))
    if freedom == 2:
        centred = 2 * probability - 1
        return centred * math.sqrt(2 / (1 - centred**2))
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom ** (power + 1) for power, term in enumerate(terms))
