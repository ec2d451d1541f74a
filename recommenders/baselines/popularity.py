"""`Popularity`: what most people listen to, whatever is asked for."""

from __future__ import annotations

from ...agents.chair.view import RecommenderView


class Popularity:
    """Ranks the open tracks by popularity, the most popular first; those without a figure last, all ties in the order
    of the pool."""

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        known = {card.track_id: -1.0 if card.popularity is None else card.popularity for card in view.pool}
        return sorted(view.open_ids, key=lambda track_id: -known[track_id])
