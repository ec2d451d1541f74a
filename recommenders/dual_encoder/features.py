"""What the dual encoder reads: three blocks of numbers for each item, and for a request the sources that fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Literal

import numpy as np

from ..embeddings.arrays import VectorTable, of_length_1
from ..walk.items import ItemTable
from ..walk.queries import WalkQuery
from .company import CompanyTable
from .signs import sign_vectors
from .texts import TextEncoder
from .words import NamedArtists, artist_key

Block = Literal["text", "artist", "company"]

SOURCES: Final[Mapping[str, Block]] = {
    "text_last": "text",
    "text_earlier": "text",
    "text_liked": "text",
    "artist_named": "artist",
    "artist_named_earlier": "artist",
    "artist_liked": "artist",
    "company_named": "company",
    "company_named_earlier": "company",
    "company_liked": "company",
    "company_words": "company",
    "company_words_earlier": "company",
}
"""Source -> the block that it fills: what is said last and earlier and what was liked, by text; the artists that are
named, and those of what was liked, as themselves and by their company; the company of words."""

FADE: Final = 0.7
"""What an utterance counts beside the one after it."""


class EncoderFeatures:
    """Items by their blocks, and requests about them.

    Attributes:
        items: what there is to be found.
        artist_keys: of each item the main artist's; empty for one without.
    """

    def __init__(self, items: ItemTable, texts: TextEncoder, company: CompanyTable) -> None:
        self.items = items
        self._texts, self._company = texts, company
        self.artist_keys = [artist_key(text.artists[0]) if text.artists else "" for text in items.texts]

    @cached_property
    def blocks(self) -> Mapping[Block, VectorTable]:
        """Block -> a vector for each item: what its text means, its main artist, and the company that this keeps."""
        described = [text.description() for text in self.items.texts]
        return {
            "text": self._texts.of_items(described),
            "artist": sign_vectors(self.artist_keys),
            "company": self._company.of_artists(self.artist_keys),
        }

    @cached_property
    def _named(self) -> NamedArtists:
        return NamedArtists([*filter(None, self.artist_keys), *self._company.artists])

    def names_in(self, text: str) -> frozenset[str]:
        """Keys of the artists that are named in a text."""
        return frozenset(self._named(text))

    def named_in(self, text: str) -> list[int]:
        """Places of the items whose main artist is named in a text."""
        named = self.names_in(text)
        return [place for place, key in enumerate(self.artist_keys) if key in named]

    def sources(self, queries: Sequence[WalkQuery]) -> Mapping[str, VectorTable]:
        """Source -> a vector for each request, zeros where there is nothing to say."""
        said = list(dict.fromkeys(text for query in queries for text in query.said))
        meant = dict(zip(said, self._texts.of_requests(said), strict=True))
        names = {text: self._named(text) for text in said}
        signs = {text: sign_vectors(names[text]).sum(axis=0) for text in said}
        company = {text: self._company.of_artists(names[text]).sum(axis=0) for text in said}
        words = {text: self._company.of_words(text) for text in said}
        liked = {block: _liked(queries, table) for block, table in self.blocks.items()}
        made = {
            "text_last": _last(queries, meant),
            "text_earlier": of_length_1(_earlier(queries, meant)),
            "text_liked": of_length_1(liked["text"]),
            "artist_named": _last(queries, signs),
            "artist_named_earlier": _earlier(queries, signs),
            "artist_liked": liked["artist"],
            "company_named": _last(queries, company),
            "company_named_earlier": _earlier(queries, company),
            "company_liked": liked["company"],
            "company_words": _last(queries, words),
            "company_words_earlier": _earlier(queries, words),
        }
        return {name: made[name] for name in SOURCES}


def _liked(queries: Sequence[WalkQuery], table: VectorTable) -> VectorTable:
    """The mean of what was liked."""
    found = np.zeros((len(queries), table.shape[1]), dtype=np.float32)
    for row, query in enumerate(queries):
        if query.liked:
            found[row] = table[list(query.liked)].mean(axis=0)
    return found


def _last(queries: Sequence[WalkQuery], vectors: Mapping[str, VectorTable]) -> VectorTable:
    return np.array([vectors[query.said[-1]] for query in queries], dtype=np.float32)


def _earlier(queries: Sequence[WalkQuery], vectors: Mapping[str, VectorTable]) -> VectorTable:
    """Utterances before the last one, each counting less than the one after it."""

    def faded(query: WalkQuery) -> VectorTable:
        found: VectorTable = np.zeros_like(vectors[query.said[-1]])
        for age, text in enumerate(reversed(query.said[:-1])):
            found = found + np.float32(FADE**age) * vectors[text]
        return found

    return np.array([faded(query) for query in queries], dtype=np.float32)
