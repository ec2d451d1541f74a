"""What a request and an item have in common, counted: names, titles, albums and songs that were said or liked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..retrieval.documents import TrackText
from ..retrieval.words import common_words, fold, words_of
from ..walk.queries import WalkQuery
from .features import EncoderFeatures

LATEST: Final = 3
"""Liked items that count as the latest."""
_BRACKETS: Final = re.compile(r"[(\[].*?[)\]]")
_KEPT: Final = 4096

Columns = list[NDArray[Any]]


class ItemMatches:
    """Compares requests with items; never asks how often an item or an artist was liked elsewhere."""

    def __init__(self, features: EncoderFeatures) -> None:
        texts = features.items.texts
        self._artists = features.artist_keys
        self._titles = [frozenset(words_of(text.title)) - common_words() for text in texts]
        self._albums = [fold(text.album or "") for text in texts]
        self._songs = [(key, _song(text)) for key, text in zip(self._artists, texts, strict=True)]
        self._named = lru_cache(_KEPT)(features.names_in)

    def columns(self, query: WalkQuery, places: Sequence[int]) -> Columns:
        """One column for each kind of match, in the order of the places; these stand best first.

        Of the title: the share of its words that is said last and in all, and their number. Of the artist: whether it
        was named before; how many, what share and whether one of the latest of the liked items are of it; how many
        items of it stand before. Of the rest: whether album and song are those of a liked item. Of replies, the last
        one and all: the share of the title's words in them, and whether they name the artist. Then, the same for all
        items: how many artists are named, and how much was said and liked.
        """
        return [
            *self._of_titles(query, places),
            *self._of_artists(query, places),
            *self._of_liked(query, places),
            *self._of_replies(query, places),
            *_of_request(query, len(self._named(query.said[-1])), len(places)),
        ]

    def _of_titles(self, query: WalkQuery, places: Sequence[int]) -> Columns:
        last = frozenset(words_of(query.said[-1]))
        every = last.union(*map(words_of, query.said[:-1]))
        return [
            *(self._share(said, places) for said in (last, every)),
            np.array([len(self._titles[place]) for place in places]),
        ]

    def _share(self, said: frozenset[str], places: Sequence[int]) -> NDArray[np.float64]:
        """Of the words of each title that are not common ones."""
        titles = [self._titles[place] for place in places]
        return np.array([len(each & said) / max(1, len(each)) for each in titles])

    def _of_artists(self, query: WalkQuery, places: Sequence[int]) -> Columns:
        named = frozenset[str]().union(*map(self._named, query.said[:-1]))
        liked = Counter(self._artists[place] for place in query.liked)
        latest = frozenset(self._artists[place] for place in query.liked[-LATEST:])
        artists = [self._artists[place] for place in places]
        counts = np.array([liked[each] for each in artists])
        return [
            np.array([each in named for each in artists]),
            counts,
            counts / max(1, len(query.liked)),
            np.array([each in latest for each in artists]),
            _earlier(artists),
        ]

    def _of_liked(self, query: WalkQuery, places: Sequence[int]) -> Columns:
        albums = frozenset(self._albums[place] for place in query.liked) - {""}
        songs = frozenset(self._songs[place] for place in query.liked)
        return [
            np.array([self._albums[place] in albums for place in places]),
            np.array([self._songs[place] in songs for place in places]),
        ]

    def _of_replies(self, query: WalkQuery, places: Sequence[int]) -> Columns:
        artists = [self._artists[place] for place in places]
        found: Columns = []
        for replies in (query.replies[-1:], query.replies):
            named = frozenset[str]().union(*map(self._named, replies))
            found.append(self._share(frozenset[str]().union(*map(words_of, replies)), places))
            found.append(np.array([each in named for each in artists]))
        return found


def _of_request(query: WalkQuery, named: int, count: int) -> Columns:
    facts = (named, len(query.said), len(query.liked), len(words_of(query.said[-1])))
    return [np.full(count, fact) for fact in facts]


def _earlier(keys: Sequence[str]) -> NDArray[np.int64]:
    """Of each key how often it stands before."""
    seen = Counter[str]()
    found = []
    for key in keys:
        found.append(seen[key])
        seen[key] += 1
    return np.array(found, dtype=np.int64)


def _song(text: TrackText) -> str:
    """A title without what stands in brackets or after a dash, such as what version it is."""
    return fold(_BRACKETS.sub("", text.title).split(" - ")[0]).strip()
