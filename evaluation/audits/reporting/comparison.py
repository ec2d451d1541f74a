"""The comparison of two audited data sets: differences of their metrics with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..result import Metric
from ..suite import DataAudit

RESAMPLES = 2_000
_TAILS = (0.025, 0.975)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class MetricDifference:
    """One metric in two data sets.

    Attributes:
        difference: b - a; None where one of them has no value.
        low, high: 95 % interval of the difference; None for metrics that are no ratio of sums.
        paired: both hold the same sessions, which were resampled together.
    """

    audit: str
    metric: str
    kind: str
    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    paired: bool

    @property
    def found(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def compare(
    a: DataAudit, b: DataAudit, *, seed: int = 0, resamples: int = RESAMPLES
) -> list[MetricDifference]:
    """The differences of all metrics that both have, b - a.

    Conversations are resampled: pairs of them where both data sets hold the same sessions, else each data set
    on its own. Deviations are widened by sqrt(n / (n - 1)) against the narrowness of the bootstrap in small
    samples. The same seed gives the same intervals.
    """
    both = list(_common(a, b))
    order = _pairing(a, b)
    ratios = [(x, y) for _, x, y in both if x.ratio and y.ratio]
    sums_a, sums_b = (
        _sums([x for x, _ in ratios], len(a.sessions)),
        _sums([y for _, y in ratios], len(b.sessions)),
    )
    if order is not None:
        sums_b = sums_b[:, order]
    low, high = _intervals(sums_a, sums_b, order is not None, seed, resamples)
    found: list[MetricDifference] = []
    at = 0
    for audit, x, y in both:
        limits: tuple[float | None, float | None] = (None, None)
        if x.ratio and y.ratio:
            limits = (_finite(low[at]), _finite(high[at]))
            at += 1
        difference = y.value - x.value if x.value is not None and y.value is not None else None
        found.append(
            MetricDifference(audit, x.name, x.kind, x.value, y.value, difference, *limits, order is not None)
        )
    return found


def _common(a: DataAudit, b: DataAudit) -> Iterator[tuple[str, Metric, Metric]]:
    for result in a.results:
        other = b.result(result.name)
        for metric in result.metrics if other is not None else ():
            twin = other.metric(metric.name) if other is not None else None
            if twin is not None:
                yield result.name, metric, twin


def _pairing(a: DataAudit, b: DataAudit) -> list[int] | None:
    """Where in b each session of a is; None unless both hold the same ones, each once."""
    places = {session: place for place, session in enumerate(b.sessions)}
    if len(places) != len(b.sessions) or len(a.sessions) != len(b.sessions) or set(a.sessions) != set(places):
        return None
    return [places[session] for session in a.sessions]


def _sums(metrics: list[Metric], size: int) -> Numbers:
    """Hits and chances by conversation; shape: 2 * metrics, conversations."""
    pairs = [metric.ratio.by_conversation(size) for metric in metrics if metric.ratio]
    return np.array([row for pair in pairs for row in pair], dtype=np.float64).reshape(2 * len(pairs), size)


def _intervals(a: Numbers, b: Numbers, paired: bool, seed: int, resamples: int) -> tuple[Numbers, Numbers]:
    count = len(a) // 2
    if not count or min(a.shape[1], b.shape[1]) < 2:
        return np.full(count, np.nan), np.full(count, np.nan)
    rng = np.random.default_rng(seed)
    drawn = np.empty((resamples, count))
    for number in range(resamples):
        weights = _weights(rng, a.shape[1])
        others = weights if paired else _weights(rng, b.shape[1])
        drawn[number] = _ratios(b @ others) - _ratios(a @ weights)
    ones_a, ones_b = np.ones(a.shape[1]), np.ones(b.shape[1])
    middle = _ratios(b @ ones_b) - _ratios(a @ ones_a)
    size = min(a.shape[1], b.shape[1])
    with np.errstate(invalid="ignore"):
        drawn = middle + (drawn - middle) * np.sqrt(size / (size - 1))
    usable = ~np.isnan(drawn).any(axis=0)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    if usable.any():
        low[usable], high[usable] = np.quantile(drawn[:, usable], _TAILS, axis=0)
    return low, high


def _weights(rng: np.random.Generator, size: int) -> Numbers:
    return np.bincount(rng.integers(0, size, size), minlength=size).astype(np.float64)


def _ratios(sums: Numbers) -> Numbers:
    """Hits / chances; NaN without a chance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios: Numbers = sums[0::2] / sums[1::2]
    return ratios


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
