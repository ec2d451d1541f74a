"""`NeverPivots`: more of the same, whatever is asked for."""

from __future__ import annotations

import random

from ...agents.chair.view import RecommenderView
from ...state.criteria import comparable
from ...state.values import TrackCard


class NeverPivots:
    """Ranks the open tracks by how much they have in common with the track played before; the first is any track."""

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        ranked = random.Random(view.seed).sample(view.open_ids, len(view.open_ids))
        if not view.used_ids:
            return ranked
        cards = {card.track_id: card for card in view.pool}
        known = {each.track_id: each.track for each in view.exchanges}
        traits = _traits(known[view.used_ids[-1]] or cards[view.used_ids[-1]])
        return sorted(ranked, key=lambda track_id: -len(traits & _traits(cards[track_id])))


def _traits(card: TrackCard) -> frozenset[str]:
    names = (*card.tags, *card.artists, *((card.album,) if card.album else ()))
    return frozenset(comparable(name) for name in names)
