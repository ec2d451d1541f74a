"""Means with their intervals, and how plays spread over tracks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from ..inference import ratio_interval


@dataclass(frozen=True)
class Interval:
    """A mean with its interval of 95 %, bootstrapped over clusters; None for fewer than two of them."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0


def estimate_of(values: Iterable[tuple[str, float | None]], seed: int) -> Interval:
    """Mean over conversations; its interval resamples whole clusters."""
    clusters: dict[str, list[float]] = defaultdict(list)
    for cluster, value in values:
        if value is not None:
            clusters[cluster].append(value)
    every = [value for found in clusters.values() for value in found]
    if not every:
        return Interval(None)
    if len(clusters) < 2:
        return Interval(fmean(every), n=len(every))
    if min(every) == max(every):
        return Interval(fmean(every), every[0], every[0], len(every))
    sums = np.array([sum(found) for found in clusters.values()])
    counts = np.array([float(len(found)) for found in clusters.values()])
    low, high = ratio_interval(sums, counts, seed=seed)
    return Interval(fmean(every), low, high, len(every))


def _offered(pools: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(track_id for pool in pools for track_id in pool))


def coverage(plays: Counter[str], pools: Sequence[Sequence[str]]) -> float | None:
    """Share of the tracks in all pools that were played at least once."""
    offered = _offered(pools)
    return sum(track_id in plays for track_id in offered) / len(offered) if offered else None


def gini(plays: Counter[str], pools: Sequence[Sequence[str]]) -> float | None:
    """Inequality of how often the tracks in the pools were played: 0 for all alike."""
    counts = np.sort(np.array([plays[track_id] for track_id in _offered(pools)], dtype=float))
    if not counts.sum():
        return None
    ranks = np.arange(1, len(counts) + 1)
    return float(
        (2 * (ranks * counts).sum() / (len(counts) * counts.sum())) - (len(counts) + 1) / len(counts)
    )
