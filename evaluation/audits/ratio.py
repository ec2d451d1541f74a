"""`Ratio`: hits out of chances, kept by conversation, with the interval that conversations as clusters allow."""

from __future__ import annotations

import math
from array import array
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_Z = NormalDist().inv_cdf(0.975)


class Ratio:
    """A ratio of two sums over conversations: hits / chances for a share, a sum / its number for a mean."""

    def __init__(self) -> None:
        self._at = array("L")
        self._hits = array("d")
        self._chances = array("d")
        self._last = -1

    def add(self, index: int, hits: float, chances: float = 1.0) -> None:
        """Count for the conversation numbered `index`; any number of times."""
        if index == self._last:
            self._hits[-1] += hits
            self._chances[-1] += chances
        else:
            self._last = index
            self._at.append(index)
            self._hits.append(hits)
            self._chances.append(chances)

    def __len__(self) -> int:
        return len(self._at)

    @property
    def hits(self) -> float:
        return math.fsum(self._hits)

    @property
    def chances(self) -> float:
        return math.fsum(self._chances)

    @property
    def value(self) -> float | None:
        """The ratio; None without a chance."""
        chances = self.chances
        return self.hits / chances if chances else None

    def by_conversation(self, size: int) -> tuple[Numbers, Numbers]:
        """Hits and chances of each of `size` conversations; both of shape (size,)."""
        at = np.asarray(self._at, dtype=np.int64)
        return (
            np.bincount(at, weights=np.asarray(self._hits), minlength=size).astype(np.float64),
            np.bincount(at, weights=np.asarray(self._chances), minlength=size).astype(np.float64),
        )

    def interval(self, *, share: bool, most: float = math.inf) -> tuple[float, float] | None:
        """At 95 %, inside of what is possible; None with fewer than two conversations.

        For a share: Wilson's score interval at the effective number of chances, that is the chances over the
        design effect of conversations as clusters (Kish; Korn and Graubard 1998), so that turns of one
        conversation do not count as independent, and no hit at all still leaves room for some. For a mean
        between 0 and `most`: the same, where so many chances are effective as would vary as much. For any
        other mean: the ratio estimator's normal interval, from 0 on.
        """
        clusters = np.unique(np.asarray(self._at, dtype=np.int64))
        if len(clusters) < 2 or self.value is None:
            return None
        hits, chances = self.by_conversation(int(clusters[-1]) + 1)
        variance = _ratio_variance(hits[clusters], chances[clusters], self.value)
        if share:
            return _wilson(self.value, _effective(self.value, variance, self.chances, len(clusters)))
        if most < math.inf:
            part, size = self.value / most, variance / most**2
            low, high = _wilson(part, _effective(part, size, math.inf, len(clusters)))
            return most * low, most * high
        half = _Z * math.sqrt(variance)
        return max(0.0, self.value - half), self.value + half


def _ratio_variance(hits: Numbers, chances: Numbers, ratio: float) -> float:
    """Of the ratio of two sums, conversations drawn independently (Taylor linearisation)."""
    size, total = len(hits), float(chances.sum())
    residuals = hits - ratio * chances
    return float(np.square(residuals).sum()) * size / (size - 1) / total**2


def _effective(value: float, variance: float, chances: float, clusters: int) -> float:
    """Independent chances that would vary as much; with none or all hit, one a conversation."""
    if value in (0.0, 1.0) or variance == 0:
        return float(min(clusters, chances))
    return min(chances, value * (1 - value) / variance)


def _wilson(value: float, size: float) -> tuple[float, float]:
    spread = _Z**2 / size
    middle = (value + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(value * (1 - value) / size + spread / (4 * size))
    return max(0.0, middle - half), min(1.0, middle + half)
