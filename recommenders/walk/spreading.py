"""What is shown first, spread over artists: each further track of one artist counts a little less than the last one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..retrieval.documents import TrackText
from ..retrieval.ranking import best_places
from ..retrieval.words import fold
from .fusion import from_0_to_1
from .items import ItemTable
from .queries import ItemScorer, ScoreTable, WalkQuery

FIRST: Final = 10
"""Tracks that are chosen one after the other; all after them keep their order."""
CROWD: Final = 0.02
"""What a track loses for each of its artist that is chosen already, where scores reach from 0 to 1. Chosen on CPCD's
dialogs."""
_AMONG: Final = 60

ArtistNumbers = NDArray[np.int64]
"""Of each item one number, the same for those of one main artist."""


def artist_numbers(texts: Sequence[TrackText]) -> ArtistNumbers:
    """An item without an artist has a number of its own."""
    numbers: dict[str, int] = {}
    keys = [fold(text.artists[0]) if text.artists else "" for text in texts]
    found = [numbers.setdefault(key, len(numbers)) if key else -1 - place for place, key in enumerate(keys)]
    return np.array(found, dtype=np.int64)


def spread_places(
    scores: NDArray[np.float32], artists: ArtistNumbers, count: int, without: Collection[int] = ()
) -> list[int]:
    """Places of the `count` items to be shown first, or of as many as there are: each time the best of those that are
    left, less `CROWD` for each one of its artist before it.

    Args:
        scores: from 0 to 1.
        without: places of what is not to be shown.
    """
    left = scores.astype(np.float64)
    left[list(without)] = -np.inf
    places = best_places(left, max(count, _AMONG))
    values, of = left[places], artists[places]
    found: list[int] = []
    for _ in range(min(count, int(np.isfinite(values).sum()))):
        best = int(np.argmax(values))
        found.append(int(places[best]))
        values[best] = -np.inf
        values[of == of[best]] -= CROWD
    return found


class SpreadScorer:
    """An `ItemScorer`: the first `FIRST` of another's that were not liked yet, spread over artists, before all others.

    Args:
        part: gives the scores.
        items: what it scores.
    """

    def __init__(self, part: ItemScorer, items: ItemTable) -> None:
        self._part, self._artists = part, artist_numbers(items.texts)

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`; from 0 to 2, the first ones above 1."""
        table = from_0_to_1(self._part.scores(queries))
        for row, query in zip(table, queries, strict=True):
            first = spread_places(row, self._artists, FIRST, query.liked)
            row[first] = 1 + np.linspace(1, 0, len(first), endpoint=False)
        return table
