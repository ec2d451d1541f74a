"""`Oracle`: plays what is right, because it is told; to prove a bench by, never to make data with."""

from __future__ import annotations

import ast
import random
from typing import Any

from ...agents.chair.view import RecommenderView
from ...core.errors import ConfigError
from ...state.partition import Information


class Oracle:
    """Ranks the right tracks of the goal first.

    It reads the truth about the goal, which an experiment has to grant it; such conversations are marked and left out
    of exports.

    Args:
        noise: share of the turns on which it ranks at random.

    Raises:
        ConfigError: the noise is no share.
    """

    def __init__(self, noise: float = 0.0) -> None:
        if not 0 <= noise <= 1:
            raise ConfigError(f"oracle: noise must be from 0 to 1, not {noise}")
        self.noise = noise

    def recommend(self, view: RecommenderView) -> list[str]:
        """See `Recommender`. Raises `ConfigError` where the truth was not granted."""
        rng = random.Random(view.seed)
        ranked = rng.sample(view.open_ids, len(view.open_ids))
        if rng.random() < self.noise:
            return ranked
        right = _right_ids(view)
        return sorted(ranked, key=lambda track_id: track_id not in right)


def _right_ids(view: RecommenderView) -> frozenset[str]:
    granted = dict(view.granted).get(Information.TRUTH.value)
    if granted is None:
        raise ConfigError(
            "the oracle was not told what is right",
            hint="it is for `segue bench`, which grants it the truth of the goal",
        )
    truths: list[dict[str, Any]] = ast.literal_eval(granted)[0]
    return frozenset(track_id for truth in truths for track_id in truth.get("track_ids", ()))
