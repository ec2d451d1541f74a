"""`TrackIndex`: the words of track metadata, searched with BM25."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..core.packages import require
from ..recommenders.retrieval.ranking import best_places
from .audits.language.audited_text import key_of

FIELDS = ("track_name", "artist_name", "album_name", "tag_list")


class TrackIndex:
    """All tracks as BM25 documents: title, artists, album, tags (Lucene's variant, k1 = 1.5, b = 0.75).

    Raises:
        ConfigError: bm25s is not installed.
    """

    def __init__(self, tracks: Mapping[str, Mapping[str, Any]], *, needed_by: str) -> None:
        bm25s = require("bm25s", extra="audits", needed_by=needed_by)
        self.ids = list(tracks)
        self._places = {track: place for place, track in enumerate(self.ids)}
        self._bm25 = bm25s.BM25()
        self._bm25.index([document(tracks[track]) for track in self.ids], show_progress=False)

    def rank(self, words: Iterable[str], track: str) -> float | None:
        """Rank of the track from 1, the middle of its ties; None when no word of it was asked for."""
        scores = self._scores(words)
        if scores is None or scores[self._places[track]] <= 0:
            return None
        own = scores[self._places[track]]
        return float(np.count_nonzero(scores > own)) + (np.count_nonzero(scores == own) + 1) / 2

    def best(self, words: Iterable[str], count: int, *, without: Sequence[str] = ()) -> list[str]:
        """The `count` best tracks for the words, the best first; the index's order decides between equals."""
        scores = self._scores(words)
        if scores is None:
            scores = np.zeros(len(self.ids))
        left = {self._places[track] for track in without if track in self._places}
        places = best_places(scores, count + len(left)).tolist()
        return [self.ids[place] for place in places if place not in left][:count]

    def _scores(self, words: Iterable[str]) -> Any:
        """One score a track, for the words that any track has; None without one."""
        known = [word for word in words if word in self._known]
        return self._bm25.get_scores(known) if known else None

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._bm25.vocab_dict)


def document(track: Mapping[str, Any]) -> list[str]:
    """The words of a track's metadata."""
    return [word for name in FIELDS for text in track.get(name) or () for word in key_of(text).split()]
