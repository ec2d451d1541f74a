"""Ratings by many people of many conversations: a linear mixed model with crossed random effects.

A rating is the mean of its source, and of the rater, of the rater with that source, of the conversation, and of the
moment. Intervals and tests are Student's t with Satterthwaite's degrees of freedom, as lmerTest has them for lme4's
models (Kuznetsova, Brockhoff and Christensen, Journal of Statistical Software 82, 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from ..inference import CONFIDENCE, Numbers
from .likelihood import Products, Rated, Solved, fit


@dataclass(frozen=True)
class Spread:
    """Variances of a rating, by where they come from.

    Attributes:
        rater: some are milder than others.
        rater_source: some like one source more than others do.
        conversation: some conversations of a source are better.
        residual: all else.
    """

    rater: float
    rater_source: float
    conversation: float
    residual: float

    @property
    def total(self) -> float:
        return self.rater + self.rater_source + self.conversation + self.residual


@dataclass(frozen=True)
class Estimated:
    """A mean or a difference: its standard error, degrees of freedom, 95 % interval, and p of its being zero."""

    value: float
    error: float
    freedom: float
    low: float
    high: float
    p: float


class CrossedModel:
    """The model of one question, fitted.

    Attributes:
        sources: in the order in which they were given.
        spread: the variances that were found.
    """

    def __init__(self, ratings: Sequence[Rated], sources: Sequence[str]) -> None:
        """Fit it.

        Raises:
            ValueError: a source has no rating, or there are no more ratings than sources.
        """
        self.sources = tuple(sources)
        lacking = [name for name in self.sources if all(each.source != name for each in ratings)]
        if lacking:
            raise ValueError(f"no rating of {lacking[0]}")
        self._products = Products.of([each for each in ratings if each.source in self.sources], self.sources)
        if self._products.count <= len(self.sources):
            raise ValueError("an interval needs more ratings than sources")
        self._variances = fit(self._products)
        self._solved = Solved.of(self._products, self._variances)
        self.spread = Spread(*(float(each) for each in self._variances))

    def mean(self, source: str) -> Estimated:
        """The mean opinion score of a source."""
        return self._estimated(np.array([float(name == source) for name in self.sources]))

    def difference(self, one: str, other: str) -> Estimated:
        """`one` less `other`."""
        return self._estimated(np.array([float(n == one) - float(n == other) for n in self.sources]))

    def _estimated(self, weights: Numbers) -> Estimated:
        value = float(weights @ self._solved.means)
        variance = float(weights @ self._solved.covariance @ weights)
        freedom = self._freedom(weights, variance)
        error = max(variance, 0.0) ** 0.5
        if error == 0:
            return Estimated(value, 0.0, freedom, value, value, float(value == 0))
        reach = float(stats.t.ppf(0.5 + CONFIDENCE / 2, freedom)) * error
        p = float(2 * stats.t.sf(abs(value) / error, freedom))
        return Estimated(value, error, freedom, value - reach, value + reach, p)

    def _freedom(self, weights: Numbers, variance: float) -> float:
        """Satterthwaite's: the better the variance of the estimate is known, the more."""
        kept = self._variances > 0
        gradient = self._solved.gradient(weights)[kept]
        information = self._solved.information[np.ix_(kept, kept)]
        unknown = float(gradient @ np.linalg.pinv(information) @ gradient)
        most = float(self._products.count - len(self.sources))
        return most if unknown <= 0 else min(most, max(1.0, 2 * variance**2 / unknown))
