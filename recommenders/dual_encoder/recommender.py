"""`WalkRecommender`: a dual encoder in the recsys's chair."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from ...agents.chair.view import RecommenderView
from ..retrieval.documents import TrackText
from ..retrieval.ranking import best_places
from ..retrieval.requests import asks_for_more
from ..walk.items import ItemTable
from .ranks import RankedItems, open_ranking
from .talk import talked_scores

_KEPT: Final = 64
"""Pools whose vectors are kept: that of a conversation comes again with each of its turns."""


class WalkRecommender:
    """Ranks the open tracks as the dual encoder of a folder does, ties in the order of the pool. What was played counts
    as liked where the next message asks for more like it.

    Args:
        folder: what `segue walk train` made.
        rank: `walk` by the encoder, `hybrid` beside words, `rerank` by the reranker that is kept with it.

    Raises:
        ConfigError: there is no encoder in it or no reranker, or a package is missing.
    """

    def __init__(self, folder: str, rank: str = "walk") -> None:
        self._ranking = open_ranking(Path(folder), rank)
        self._ranking.encoder.features(ItemTable((), ()))  # a package that is missing is told of at once
        self._over = lru_cache(_KEPT)(self._ranked)

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        items = ItemTable(
            tuple(card.track_id for card in view.pool), tuple(TrackText.of_card(card) for card in view.pool)
        )
        messages = [*(each.message for each in view.exchanges), view.message]
        liked = [
            each.track_id
            for each, answer in zip(view.exchanges, messages[1:], strict=True)
            if each.track_id is not None and asks_for_more(answer)
        ]
        replies = [each.reply for each in view.exchanges]
        scores = talked_scores(self._over(items), messages, items.places(liked), replies)
        open_ids = set(view.open_ids)
        ranked = (items.ids[place] for place in best_places(scores, len(scores)).tolist())
        return [track_id for track_id in ranked if track_id in open_ids]

    def _ranked(self, items: ItemTable) -> RankedItems:
        return self._ranking.over(items)
