"""Several scores of the same tracks made one: by reciprocal ranks, or by standardized scores added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ..walk.fusion import fused
from ..walk.queries import ScoreTable

UNRANKED: Final = -4.0
"""Standard score of what a system does not rank at all, below nearly all that it ranks."""


def by_ranks(tables: Sequence[ScoreTable]) -> ScoreTable:
    """Reciprocal rank fusion; see `fused`."""
    return fused(tables)


def by_standard_scores(tables: Sequence[ScoreTable]) -> ScoreTable:
    """The sum of the scores, each row of each table brought to mean 0 and deviation 1 first."""
    total: ScoreTable = np.zeros_like(tables[0])
    for table in tables:
        total += _standardized(table)
    return total


def _standardized(table: ScoreTable) -> ScoreTable:
    ranked = np.isfinite(table)
    held = np.where(ranked, table, 0)
    count = np.maximum(ranked.sum(axis=1, keepdims=True), 1)
    mean = held.sum(axis=1, keepdims=True) / count
    spread = np.sqrt((np.where(ranked, table - mean, 0) ** 2).sum(axis=1, keepdims=True) / count)
    found: ScoreTable = np.where(ranked, (held - mean) / np.where(spread > 0, spread, 1), UNRANKED)
    return found.astype(np.float32)
