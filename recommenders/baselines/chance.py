"""`Chance`: any open track, by the conversation's random stream."""

from __future__ import annotations

import random

from ...agents.chair.view import RecommenderView


class Chance:
    """Ranks the open tracks at random; the same conversation gives the same order."""

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`."""
        return random.Random(view.seed).sample(view.open_ids, len(view.open_ids))
