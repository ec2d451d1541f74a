"""How near what was said and liked is to the texts of items, as a model of sentence-transformers tells it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..embeddings.arrays import VectorTable, of_length_1
from ..walk.items import ItemTable
from ..walk.queries import WalkQuery
from .texts import TextEncoder


class SentenceMatches:
    """Compares requests with the descriptions of items."""

    def __init__(self, items: ItemTable, texts: TextEncoder) -> None:
        self._texts = texts
        self._items = texts.of_items([text.description() for text in items.texts])

    def cosines(self, queries: Sequence[WalkQuery]) -> NDArray[np.float32]:
        """Of every item with the last utterance, with all that was said (the latest first, for a model reads the
        beginning of a long text alone), and with the mean of what was liked: shape (3, queries, items)."""
        asked = [
            self._texts.of_requests([query.said[-1] for query in queries]),
            self._texts.of_requests([" ".join(reversed(query.said)) for query in queries]),
            of_length_1(self._liked(queries)),
        ]
        return np.stack([each @ self._items.T for each in asked])

    def _liked(self, queries: Sequence[WalkQuery]) -> VectorTable:
        found = np.zeros((len(queries), self._items.shape[1]), dtype=np.float32)
        for row, query in enumerate(queries):
            if query.liked:
                found[row] = self._items[list(query.liked)].mean(axis=0)
        return found
