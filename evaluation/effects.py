"""The statistics of an ablation: paired differences, bootstrap intervals, permutation tests, correction."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ..core.random import stream_seed

Numbers = NDArray[np.float64]
Levels = Mapping[str, str]
"""Factor -> level of one cell of the experiment."""

CONFIDENCE = 0.95
RESAMPLES = 10_000
PERMUTATIONS = 100_000
EXACT_UP_TO = 16
"""Units up to which every one of the 2**n sign patterns is counted; more are sampled."""

_BLOCK = 1 << 20
"""Numbers drawn at once, so that memory does not grow with the experiment."""
_EQUAL = 1e-9
"""Sums that differ by less than this, relative to their size, differ by rounding alone."""


@dataclass(frozen=True)
class Observation:
    """One measure of one conversation.

    Attributes:
        unit: the listening session. Sessions are independent of each other; conversations on one are not.
        block: what else two conversations must share to be a pair, such as the run's seed and the repetition.
        value: None where there is nothing to measure.
    """

    unit: str
    block: tuple[object, ...]
    levels: Levels
    value: float | None


@dataclass(frozen=True)
class Effect:
    """How far a level moves a measure from the reference level, all else equal.

    Attributes:
        factor, level, reference: for an interaction both factors and levels, joined by ` x `.
        reference_mean, level_mean: over units, of the pairs alone; None for an interaction.
        difference: mean over units of level minus reference; None without a single pair.
        low, high: 95 % interval of the difference, bootstrapped over units; None for fewer than two units.
        p: two-sided, by sign flips over units. `p_holm`: corrected for all tests of the report.
        units, pairs: independent sessions, and the pairs of conversations averaged within them.
        unpaired: conversations left out because their counterpart failed or had nothing to measure.
    """

    measure: str
    factor: str
    level: str
    reference: str
    reference_mean: float | None
    level_mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    units: int
    pairs: int
    unpaired: int

    @property
    def found(self) -> bool:
        """Whether the difference stands after the correction, at 5 %."""
        return self.p_holm is not None and self.p_holm < 1 - CONFIDENCE


def main_effects(
    measured: Mapping[str, Sequence[Observation]], factors: Mapping[str, Sequence[str]], *, seed: int
) -> list[Effect]:
    """The effect of every level but the first on every measure. `p_holm` is still empty: see `corrected`.

    Two conversations are a pair when they share unit, block and the levels of all other factors. Differences
    are averaged within a unit first, so that each unit counts once however often it was played.

    Args:
        measured: measure -> observations.
        factors: factor -> levels, the reference first.
        seed: of the resampling.
    """
    return [
        _effect(name, rows, factor, level, levels[0], seed)
        for name, rows in measured.items()
        for factor, levels in factors.items()
        for level in levels[1:]
    ]


def interactions(
    measured: Mapping[str, Sequence[Observation]], factors: Mapping[str, Sequence[str]], *, seed: int
) -> list[Effect]:
    """For every two factors of two levels: how much the one's effect differs between the other's levels."""
    pairs = itertools.combinations([f for f, levels in factors.items() if len(levels) == 2], 2)
    return [
        _interaction(name, rows, (a, b), (factors[a], factors[b]), seed)
        for a, b in pairs
        for name, rows in measured.items()
    ]


def corrected(effects: Sequence[Effect]) -> list[Effect]:
    """The effects with `p_holm` over all of them that have a p-value."""
    adjusted = iter(holm([e.p for e in effects if e.p is not None]))
    return [e if e.p is None else replace(e, p_holm=next(adjusted)) for e in effects]


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


Contrast = Mapping[tuple[str, ...], float]
"""Levels of the factors in question -> the weight of their value."""


def _effect(
    measure: str, rows: Sequence[Observation], factor: str, level: str, reference: str, seed: int
) -> Effect:
    contrast: Contrast = {(level,): 1.0, (reference,): -1.0}
    found = _contrast(rows, (factor,), contrast)
    names = (measure, factor, level, reference)
    return _estimated(names, found, _means(found, (reference,)), _means(found, (level,)), seed)


def _interaction(
    measure: str,
    rows: Sequence[Observation],
    factors: tuple[str, str],
    levels: tuple[Sequence[str], Sequence[str]],
    seed: int,
) -> Effect:
    (a0, a1), (b0, b1) = levels
    contrast: Contrast = {(a1, b1): 1.0, (a1, b0): -1.0, (a0, b1): -1.0, (a0, b0): 1.0}
    names = (measure, " x ".join(factors), f"{a1} x {b1}", f"{a0} x {b0}")
    return _estimated(names, _contrast(rows, factors, contrast), None, None, seed)


@dataclass(frozen=True)
class _Contrasted:
    """Groups of conversations that differ in nothing but the factors in question, by unit."""

    differences: Numbers
    groups: Mapping[str, Sequence[Mapping[tuple[str, ...], float]]]
    unpaired: int


def _contrast(rows: Iterable[Observation], factors: tuple[str, ...], contrast: Contrast) -> _Contrasted:
    """The contrast in every complete group, averaged within units, in order of units."""
    found: dict[str, dict[object, dict[tuple[str, ...], float]]] = defaultdict(lambda: defaultdict(dict))
    wanted = 0
    for row in rows:
        own = tuple(row.levels[factor] for factor in factors)
        if own in contrast:
            wanted += 1
            rest = tuple(sorted((f, level) for f, level in row.levels.items() if f not in factors))
            group = found[row.unit][row.block, rest]
            if row.value is not None:
                group[own] = row.value
    complete = {
        unit: [group for group in groups.values() if len(group) == len(contrast)]
        for unit, groups in sorted(found.items())
    }
    groups = {unit: there for unit, there in complete.items() if there}
    means = [
        np.mean([sum(weight * group[own] for own, weight in contrast.items()) for group in there])
        for there in groups.values()
    ]
    used = len(contrast) * sum(map(len, groups.values()))
    return _Contrasted(np.array(means, dtype=np.float64), groups, wanted - used)


def _means(found: _Contrasted, own: tuple[str, ...]) -> float | None:
    """Mean over units of one level's values."""
    units = [np.mean([group[own] for group in there]) for there in found.groups.values()]
    return float(np.mean(units)) if units else None


def _estimated(
    names: tuple[str, str, str, str],
    found: _Contrasted,
    reference_mean: float | None,
    level_mean: float | None,
    seed: int,
) -> Effect:
    values = found.differences
    low = high = None
    if len(values) > 1:
        low, high = bootstrap_interval(values, seed=stream_seed(seed, "bootstrap", *names))
    return Effect(
        *names,
        reference_mean=reference_mean,
        level_mean=level_mean,
        difference=float(values.mean()) if len(values) else None,
        low=low,
        high=high,
        p=sign_flip_p(values, seed=stream_seed(seed, "signs", *names)) if len(values) else None,
        p_holm=None,
        units=len(values),
        pairs=sum(map(len, found.groups.values())),
        unpaired=found.unpaired,
    )
