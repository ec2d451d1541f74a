"""How well scores tell sound conversations from spoiled ones: the area under the ROC curve, and agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from ...core.packages import require
from ..inference import CONFIDENCE

RESAMPLES = 4000
Numbers = NDArray[np.float64]
Found = Literal["noticed", "not noticed", "misled"]


@dataclass(frozen=True)
class Separation:
    """Scores of the same conversations, sound and spoiled.

    Attributes:
        auc: chance that a sound conversation scores higher than a spoiled one, ties counted half.
        low, high: its interval, conversations resampled; None for fewer than two.
        higher, equal, lower: conversations that score higher, equal or lower when they are sound.
    """

    n: int
    auc: float
    low: float | None
    high: float | None
    higher: int
    equal: int
    lower: int

    @property
    def found(self) -> Found:
        """`noticed` when the interval lies above one half, `misled` when below: the spoiled ones are liked more."""
        if self.low is not None and self.low > 0.5:
            return "noticed"
        return "misled" if self.high is not None and self.high < 0.5 else "not noticed"


def separation(sound: Sequence[float], spoiled: Sequence[float], *, seed: int = 0) -> Separation:
    """AUC with a percentile bootstrap interval over conversations; both lists in the same order.

    Raises:
        ValueError: without a conversation, or for lists of different lengths.
    """
    if not sound or len(sound) != len(spoiled):
        raise ValueError("a separation needs the same conversations twice, and at least one")
    a, b = np.asarray(sound, np.float64), np.asarray(spoiled, np.float64)
    wins = (a[:, None] > b[None, :]) + 0.5 * (a[:, None] == b[None, :])
    low, high = _interval(wins, seed) if len(a) > 1 else (None, None)
    pairs = [int(np.sum(test)) for test in (a > b, a == b, a < b)]
    return Separation(len(a), float(wins.mean()), low, high, *pairs)


def _interval(wins: Numbers, seed: int) -> tuple[float, float]:
    size = len(wins)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(size, np.full(size, 1 / size), RESAMPLES).astype(np.float64)
    areas = ((weights @ wins) * weights).sum(axis=1) / size**2
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(areas, [tail, 1 - tail])
    return float(low), float(high)


def ordinal_alpha(ratings: Sequence[Sequence[float | None]]) -> float | None:
    """Krippendorff's alpha for ordinal ratings; rows are raters, columns what they rated, None where not.

    None when there is nothing to disagree about: a single rater, or one value throughout.

    Raises:
        ConfigError: the package `krippendorff` is not installed.
    """
    table = np.array([[np.nan if v is None else v for v in row] for row in ratings], np.float64)
    if table.ndim != 2 or len(table) < 2:
        return None
    table = table[:, (~np.isnan(table)).sum(axis=0) >= 2]
    if table.shape[1] < 2 or len(np.unique(table[~np.isnan(table)])) < 2:
        return None
    krippendorff = require("krippendorff", extra="audits", needed_by="agreement")
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"))


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where one side does not vary."""
    if len(a) < 2 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    return float(stats.spearmanr(a, b).statistic)


def exact_agreement(ratings: Sequence[Sequence[float | None]]) -> float | None:
    """Share of pairs of ratings of the same thing that are equal; None without a pair."""
    pairs = equal = 0
    for column in zip(*ratings, strict=True):
        values = [value for value in column if value is not None]
        for place, value in enumerate(values):
            pairs += len(values) - place - 1
            equal += sum(value == other for other in values[place + 1 :])
    return equal / pairs if pairs else None
