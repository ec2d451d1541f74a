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
