"""`WordSearch` and `MeaningSearch`: whatever fits what was said best, as a search of the pool sees it."""

from __future__ import annotations

from functools import lru_cache

from ...agents.chair.view import RecommenderView
from ..retrieval.documents import TrackText
from ..retrieval.index import INDEXES
from ..retrieval.names import RetrieverName
from ..retrieval.ranking import best_places
from ..retrieval.requests import wanted_of
from ..retrieval.scoring import Index

_KEPT = 64
"""Pools whose index is kept: that of a conversation comes again with each of its turns."""


class WordSearch:
    """Ranks the open tracks by BM25 of what was said, ties in the order of the pool."""

    def __init__(self) -> None:
        _index((), "bm25")  # a package that is missing is told of at once

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        return _ranked(view, "bm25")


class MeaningSearch:
    """Ranks the open tracks by how near static embeddings say that they are to what was said."""

    def __init__(self) -> None:
        _index((), "dense")

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        return _ranked(view, "dense")


def _ranked(view: RecommenderView, name: RetrieverName) -> list[str]:
    tracks = tuple(TrackText.of_card(card) for card in view.pool)
    scores = _index(tracks, name).scores(wanted_of(view))
    order = [view.pool[place].track_id for place in best_places(scores, len(scores)).tolist()]
    open_ids = set(view.open_ids)
    return [track_id for track_id in order if track_id in open_ids]


@lru_cache(_KEPT)
def _index(tracks: tuple[TrackText, ...], name: RetrieverName) -> Index:
    return INDEXES[name].build(tracks)
