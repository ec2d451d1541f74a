"""Tracks found by what a conversation says and has played, by weights that are chosen on the training part."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..retrieval.index import INDEXES
from ..retrieval.names import RetrieverName
from ..retrieval.requests import SearchText
from ..walk.items import ItemTable
from ..walk.queries import ScoreTable
from .queries import TalkQuery

Places = NDArray[np.intp]


class SearchWeights(NamedTuple):
    """What counts how much: the present message, each message before it, the text of each track that was played."""

    now: float = 1.0
    earlier: float = 0.2
    played: float = 0.1


_GRID: Final[Mapping[str, Sequence[float]]] = {
    "now": (1.0,),
    "earlier": (0.0, 0.05, 0.1, 0.2, 0.5, 1.0),
    "played": (0.0, 0.004, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
}


class TalkSearch:
    """An index of the tracks' texts, asked for all that was said and played; one score is the weighted sum of three.

    Raises:
        ConfigError: a package is missing.
    """

    def __init__(self, items: ItemTable, name: RetrieverName, weights: SearchWeights | None = None) -> None:
        self.weights = weights or SearchWeights()
        self._items = items
        self._index = INDEXES[name].build(items.texts)

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """See `TalkScorer`."""
        return self._weighted(self._parts(queries), self.weights)

    def tune(self, queries: Sequence[TalkQuery], gold: Places) -> float:
        """Take the weights under which what was played comes highest, by its mean reciprocal rank, which is returned;
        the first of equals.

        Args:
            gold: place of the track that was played, for each query.
        """
        parts = self._parts(queries)
        found = [(self._mean_reciprocal(parts, each, queries, gold), each) for each in _candidates()]
        best, self.weights = max(found, key=lambda each: each[0])
        return best

    def _parts(self, queries: Sequence[TalkQuery]) -> tuple[ScoreTable, ScoreTable, ScoreTable]:
        shape = (len(queries), len(self._items.ids))
        now, earlier, played = (np.zeros(shape, dtype=np.float32) for _ in range(3))
        for row, query in enumerate(queries):
            now[row] = self._index.scores((SearchText(query.said[-1], 1.0),))
            earlier[row] = self._index.scores(tuple(SearchText(text, 1.0) for text in query.said[:-1]))
            texts = (self._items.texts[place].description() for place in query.heard)
            played[row] = self._index.scores(tuple(SearchText(text, 1.0) for text in texts))
        return now, earlier, played

    @staticmethod
    def _weighted(parts: Sequence[ScoreTable], weights: SearchWeights) -> ScoreTable:
        found: ScoreTable = sum(
            (np.float32(weight) * part for weight, part in zip(weights, parts, strict=True)),
            start=np.zeros_like(parts[0]),
        )
        return found

    def _mean_reciprocal(
        self,
        parts: Sequence[ScoreTable],
        weights: SearchWeights,
        queries: Sequence[TalkQuery],
        gold: Places,
    ) -> float:
        table = without_played(self._weighted(parts, weights), queries)
        return float((1 / ranks_of(table, gold)).mean())


def _candidates() -> Iterator[SearchWeights]:
    return itertools.starmap(SearchWeights, itertools.product(*_GRID.values()))


def without_played(table: ScoreTable, queries: Sequence[TalkQuery]) -> ScoreTable:
    """The table, changed in place: what a conversation has played is not ranked again."""
    for row, query in enumerate(queries):
        table[row, list(query.heard)] = -np.inf
    return table


def ranks_of(table: ScoreTable, gold: Places) -> NDArray[np.float64]:
    """Rank of one track in each row, from 1; of several with the same score, the middle of their ranks."""
    own = table[np.arange(len(gold)), gold][:, None]
    above, level = (table > own).sum(axis=1), (table == own).sum(axis=1)
    ranks: NDArray[np.float64] = above + (level + 1) / 2
    return ranks
