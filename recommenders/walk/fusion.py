"""Several orders of the same items made one, by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..retrieval.ranking import best_places
from .queries import ItemScorer, ScoreTable, WalkQuery

RANK_CONSTANT: Final = 60
"""k of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009)."""
_DEPTH: Final = 500
"""Items of each order that count."""


def fused(tables: Sequence[ScoreTable]) -> ScoreTable:
    """The sum over orders of 1 / (60 + rank), rank from 1; items far down in all of them get 0."""
    total: ScoreTable = np.zeros_like(tables[0])
    for table in tables:
        for row, scores in enumerate(table):
            places: NDArray[np.intp] = best_places(scores, _DEPTH)
            total[row, places] += (1 / (RANK_CONSTANT + 1 + np.arange(len(places)))).astype(np.float32)
    return total


class FusedScorer:
    """The reciprocal ranks of several scorers, added up."""

    def __init__(self, parts: Sequence[ItemScorer]) -> None:
        self._parts = tuple(parts)

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`."""
        return fused([part.scores(queries) for part in self._parts])


class WeightedScorer:
    """The scores of several scorers, each request's from 0 to 1, added up by weight."""

    def __init__(self, parts: Sequence[tuple[ItemScorer, float]]) -> None:
        self._parts = tuple(parts)

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`."""
        tables = [np.float32(weight) * from_0_to_1(part.scores(queries)) for part, weight in self._parts]
        total: ScoreTable = np.sum(tables, axis=0)
        return total


def from_0_to_1(table: ScoreTable) -> ScoreTable:
    """Each row moved and stretched to reach from 0 to 1; a row of equals becomes zeros."""
    least = table.min(axis=1, keepdims=True)
    spread = table.max(axis=1, keepdims=True) - least
    found: ScoreTable = (table - least) / np.where(spread > 0, spread, 1)
    return found
