"""`Retriever`: the tracks of a catalogue that fit a conversation best, as the recsys knows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...catalog.catalog import Catalog
from ...core.random import stream_seed
from .index import Say, open_index
from .names import RetrieverName
from .ranking import best_places
from .requests import SearchedTalk, wanted_of
from .scoring import Index, Scores

_CHANCE: Final = 1e-4
"""What chance adds, at most: tracks that nothing tells apart come in an order that is not the catalogue's."""

Among = NDArray[np.intp]
"""Places of tracks in the catalogue, rising."""


class Retriever:
    """A catalogue with an index. May be asked from several threads at once."""

    def __init__(self, catalog: Catalog, index: Index) -> None:
        self.catalog = catalog
        self._index = index
        self._ids = catalog.track_ids()

    def rank(
        self, view: SearchedTalk, count: int, *, among: Among | None = None, without: Collection[str] = ()
    ) -> list[str]:
        """Ids of the `count` tracks that fit best, the best first. What was played is left out.

        Args:
            among: the pool, where it is not the whole catalogue.
            without: ids that are left out, too.
        """
        left = {*view.used_ids, *without}
        scores = self._index.scores(wanted_of(view)) + self._chance
        if among is None:
            found = best_places(scores, count + len(left)).tolist()
        else:
            found = among[best_places(scores[among], count + len(left))].tolist()
        ids = (self._ids[place] for place in found)
        return [track_id for track_id in ids if track_id not in left][:count]

    def knows(self, track_id: str) -> bool:
        """Whether the catalogue has such a track."""
        return track_id in self._place_of

    def places(self, ids: Collection[str]) -> Among:
        """Where tracks stand in the catalogue, rising."""
        return np.array(sorted(self._place_of[i] for i in ids), dtype=np.intp)

    @cached_property
    def _place_of(self) -> Mapping[str, int]:
        return {track_id: place for place, track_id in enumerate(self._ids)}

    @cached_property
    def _chance(self) -> Scores:
        draw = np.random.default_rng(stream_seed(0, "retrieval", self.catalog.digest))
        return (draw.random(len(self._ids)) * _CHANCE).astype(np.float32)


def open_retriever(
    catalog: Catalog, name: RetrieverName, *, lyrics_chars: int, folder: Path, say: Say
) -> Retriever:
    """A retriever on an index that is made once and kept in the folder. Raises as `open_index` does."""
    return Retriever(catalog, open_index(catalog, name, lyrics_chars, folder, say).index)
