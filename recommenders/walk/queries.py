"""`WalkQuery`: what a retriever knows when it is asked: what was said, and what was liked before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..retrieval.requests import SearchText
from .items import ItemTable

LAST: Final = 2.0
"""Weight of the last utterance beside that of the text of one liked item, where words are searched."""

ScoreTable = NDArray[np.float32]
"""Shape (queries, items), higher for better."""


class WalkQuery(NamedTuple):
    """One request.

    Attributes:
        said: the utterances, the last one last.
        liked: places of the items that were liked before, in order.
        replies: what was answered to utterances before the last one, in order; none where nobody answers in words.
    """

    said: tuple[str, ...]
    liked: tuple[int, ...] = ()
    replies: tuple[str, ...] = ()


class ItemScorer(Protocol):
    """Whatever gives every item a score for a request."""

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """How well each item fits each request."""
        ...


def searched_texts(query: WalkQuery, items: ItemTable) -> Iterator[SearchText]:
    """Of a request, what a search for words looks for: the last utterance twice, and the texts of what was liked."""
    yield SearchText(query.said[-1], LAST)
    for place in query.liked:
        yield SearchText(items.texts[place].description(), 1.0)
