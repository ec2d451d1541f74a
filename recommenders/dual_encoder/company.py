"""`CompanyTable`: artists and words as vectors, by the company that they keep in groups of artists."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]
from scipy.sparse.linalg import svds  # type: ignore[import-untyped]

from ...core.hashing import canonical_json
from ..embeddings.arrays import VectorTable
from ..embeddings.co_occurrence import SMOOTHING, member_table, positive_information
from ..retrieval.array_files import Arrays
from .groups import ArtistGroup
from .words import told_words

LEAST_GROUPS: Final = 2
"""Groups or artists that a word is told with, at least."""


@dataclass(frozen=True)
class CompanyTable:
    """Vectors by key, about of length 1 for an artist that keeps company; what is unknown has zeros.

    Artists: the rows of the positive pointwise mutual information of artists in one group, each artist beside itself
    as much as beside its closest, of length 1, projected on the first singular vectors. Words: their information on
    artists, in the same space (Levy and Goldberg, NeurIPS 2014).

    Attributes:
        artists, words: in the order of the rows of `artist_vectors` and `word_vectors`.
    """

    artists: tuple[str, ...]
    words: tuple[str, ...]
    artist_vectors: VectorTable
    word_vectors: VectorTable

    @classmethod
    def learned(cls, groups: Sequence[ArtistGroup], dimensions: int) -> Self:
        """The table of some groups; dimensions that cannot be had are zeros."""
        artists = tuple(dict.fromkeys(artist for group in groups for artist in group.artists))
        place_of = {artist: place for place, artist in enumerate(artists)}
        members = [[place_of[artist] for artist in group.artists] for group in groups]
        beside = _beside(member_table(members, len(artists)))
        words, told = _told(groups, members, len(artists))
        axes = _axes(beside, dimensions)
        return cls(artists, words, _projected(beside, axes), _projected(told, axes))

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """What `arrays` gave."""
        return cls(_read(arrays["artists"]), _read(arrays["words"]), arrays["by_artist"], arrays["by_word"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it consists of."""
        return {
            "artists": _written(self.artists),
            "words": _written(self.words),
            "by_artist": self.artist_vectors,
            "by_word": self.word_vectors,
        }

    @property
    def dimensions(self) -> int:
        return int(self.artist_vectors.shape[1])

    @cached_property
    def _artist_places(self) -> Mapping[str, int]:
        return {artist: place for place, artist in enumerate(self.artists)}

    @cached_property
    def _word_places(self) -> Mapping[str, int]:
        return {word: place for place, word in enumerate(self.words)}

    def of_artists(self, keys: Iterable[str]) -> VectorTable:
        """A vector for each."""
        return self._of(keys, self._artist_places, self.artist_vectors)

    def of_words(self, text: str) -> VectorTable:
        """The vectors of the words of a text that are known, added up, by the root of their number."""
        known = [word for word in told_words(text) if word in self._word_places]
        found: VectorTable = self._of(known, self._word_places, self.word_vectors).sum(axis=0)
        return found / np.float32(max(1, len(known)) ** 0.5)

    def _of(self, keys: Iterable[str], places: Mapping[str, int], vectors: VectorTable) -> VectorTable:
        rows = np.array([places.get(key, -1) for key in keys], dtype=np.int64)
        if not len(vectors):
            return np.zeros((len(rows), self.dimensions), dtype=np.float32)
        found: VectorTable = vectors[rows] * (rows >= 0).astype(np.float32)[:, None]
        return found


def _beside(members: Any) -> Any:
    information = positive_information(members)
    if not information.nnz:
        return information
    closest = information.max(axis=1).toarray().ravel()
    return _of_length_1(information + sparse.diags_array(closest))


def _told(
    groups: Sequence[ArtistGroup], members: Sequence[Sequence[int]], artists: int
) -> tuple[tuple[str, ...], Any]:
    """Words, and their positive information on artists: (words, artists)."""
    counts: Counter[tuple[str, int]] = Counter()
    for group, places in zip(groups, members, strict=True):
        said = {word: None for text in group.words for word in told_words(text)}
        counts.update((word, place) for word in said for place in places)
    sums = Counter[str]()
    for (word, _), count in counts.items():
        sums[word] += count
    words = tuple(sorted(word for word, count in sums.items() if count >= LEAST_GROUPS))
    place_of = {word: place for place, word in enumerate(words)}
    kept = [(place_of[word], artist, count) for (word, artist), count in counts.items() if word in place_of]
    if not kept:
        return (), sparse.csr_array((0, artists))
    rows, columns, values = (np.array(each) for each in zip(*kept, strict=True))
    by_word = np.bincount(rows, weights=values)
    by_artist = np.bincount(columns, weights=values, minlength=artists) ** SMOOTHING
    information = np.log(values * by_artist.sum() / (by_word[rows] * by_artist[columns]))
    information *= np.minimum(1, np.log1p(values))
    positive = information > 0
    table = sparse.csr_array(
        (information[positive], (rows[positive], columns[positive])), shape=(len(words), artists)
    )
    return words, _of_length_1(table)


def _axes(beside: Any, dimensions: int) -> NDArray[np.float32]:
    """The first right singular vectors, (artists, dimensions)."""
    found = np.zeros((beside.shape[1], dimensions), dtype=np.float32)
    rank = min(dimensions, beside.shape[0] - 1)
    if beside.nnz and rank > 0:
        _, strength, right = svds(beside.astype(np.float32), k=rank, rng=np.random.default_rng(0))
        found[:, :rank] = right[np.argsort(-strength, kind="stable")].T
    return found


def _projected(table: Any, axes: NDArray[np.float32]) -> VectorTable:
    return np.ascontiguousarray(table @ axes, dtype=np.float32)


def _of_length_1(table: Any) -> Any:
    lengths = np.sqrt(table.multiply(table).sum(axis=1))
    return sparse.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ table


def _written(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(canonical_json(list(texts)), dtype=np.uint8)


def _read(array: NDArray[Any]) -> tuple[str, ...]:
    return tuple(json.loads(array.tobytes().decode("utf-8", "surrogatepass")))
