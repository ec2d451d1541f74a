"""`TrainedPopularity`: what was played most often in the conversations and playlists that there are to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..walk.items import ItemTable
from ..walk.queries import ScoreTable
from .dividing import DividedTalks
from .queries import TalkQuery


class TrainedPopularity:
    """The same order for every conversation."""

    def __init__(self, items: ItemTable, divided: DividedTalks) -> None:
        plays = Counter(track for talk in divided.talks["train"] for track in talk.tracks())
        plays.update(track for tracks in divided.playlists for track in tracks)
        self._plays = np.array([plays[item] for item in items.ids], dtype=np.float32)

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        """See `TalkScorer`."""
        return np.tile(self._plays, (len(queries), 1))
