"""`RecommenderScorer`: whoever can sit in the recsys's chair, asked about a whole catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...agents.chair.python_class import make
from ...agents.chair.spec import RecommenderSpec
from ...agents.chair.view import SEED_BITS, RecommenderView
from ...catalog.catalog import Catalog
from ...core.errors import ConfigError
from ...core.random import stream_seed
from ...recommenders.next_track.queries import TalkQuery
from ...recommenders.talkplay.views import PlayedTurn, cards_of, view_of
from ...recommenders.walk.queries import ScoreTable


class RecommenderScorer:
    """Scores of the tracks where it gives any (a method `scores(view)`), else the order in which it ranks them.

    Args:
        catalog: whose tracks, in its order, are scored.

    Raises:
        ConfigError: it is no class of Python, or cannot be made.
    """

    def __init__(self, spec: RecommenderSpec, catalog: Catalog, seed: int = 0) -> None:
        if spec.kind != "python":
            raise ConfigError(
                f"{spec.name}: only what runs in this process can be asked about a whole catalogue",
                hint="a class, such as python:package.module:Class",
            )
        self._made, self._seed = make(spec), seed
        self._scored = hasattr(self._made, "scores")
        self._pool = cards_of(catalog)
        self._places = {card.track_id: place for place, card in enumerate(self._pool)}

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """See `TalkScorer`."""
        found: ScoreTable = np.full((len(queries), len(self._pool)), -np.inf, dtype=np.float32)
        for row, query in enumerate(queries):
            view = self._view(query)
            if self._scored:
                found[row] = self._made.scores(view)
            else:
                places = [self._places[each] for each in _ranked(self._made.recommend(view))]
                found[row, places] = -np.arange(len(places), dtype=np.float32)
        return found

    def _view(self, query: TalkQuery) -> RecommenderView:
        ids = [None if place is None else self._pool[place].track_id for place in query.played]
        turns = [
            PlayedTurn(said, track_id, reply)
            for said, track_id, reply in zip(query.said[:-1], ids, query.replied, strict=True)
            if track_id is not None
        ]
        seed = stream_seed(self._seed, "asked", *query.said) & ((1 << SEED_BITS) - 1)
        return view_of(self._pool, turns, query.said[-1], seed=seed)


def _ranked(answer: Any) -> list[str]:
    """Ids of what a recommender gives back: a list of ids, or an object that holds one; none for no match."""
    ids = getattr(answer, "track_ids", answer)
    return [] if ids is None else [str(each) for each in ids]
