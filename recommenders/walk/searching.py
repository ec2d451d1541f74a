"""Items found by the words of the last utterance and of what was liked, or by the meaning of these: untrained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..retrieval.index import INDEXES
from ..retrieval.names import RetrieverName
from .items import ItemTable
from .queries import ScoreTable, WalkQuery, searched_texts


class SearchScorer:
    """An index of the items' texts, asked for each request. Raises `ConfigError` where a package is missing."""

    def __init__(self, items: ItemTable, name: RetrieverName) -> None:
        self._items = items
        self._index = INDEXES[name].build(items.texts)

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`."""
        found = np.zeros((len(queries), len(self._items.ids)), dtype=np.float32)
        for row, query in enumerate(queries):
            found[row] = self._index.scores(tuple(searched_texts(query, self._items)))
        return found
