"""`BM25Index`: tracks found by their words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...core.packages import require
from .array_files import Arrays
from .documents import TrackText
from .requests import SearchText
from .scoring import Scores
from .words import common_words, pairs_of, words_of

QUIET: Final = 0.08
"""Weight of a common word; `Something` is a title, too."""
_QUOTES: Final = '"“”„«»'


class BM25Index:
    """BM25 in Lucene's variant (k1 = 1.5, b = 0.75; Kamphuis et al., ECIR 2020), its scores computed once by bm25s
    for each word and track, in columns of words.

    Args:
        vocabulary: word -> column.
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        scores: NDArray[np.float32],
        tracks: NDArray[np.int32],
        columns: NDArray[np.int64],
        count: int,
    ) -> None:
        self._vocabulary = vocabulary
        self._scores, self._tracks, self._columns = scores, tracks, columns
        self._count = count

    @classmethod
    def build(cls, texts: Iterable[TrackText]) -> Self:
        """See `Index`. Raises `ConfigError` where bm25s is not installed."""
        bm25s = require("bm25s", extra="retrieval", needed_by="the retriever bm25")
        vocabulary: dict[str, int] = {}
        documents: list[list[int]] = []
        for text in texts:
            documents.append([vocabulary.setdefault(word, len(vocabulary)) for word in text.words()])
        if not vocabulary:
            return cls._without_words(len(documents))
        made = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        made.index((documents, vocabulary), create_empty_token=False, show_progress=False)
        found = made.scores
        return cls(
            vocabulary,
            found["data"].astype(np.float32, copy=False),
            found["indices"].astype(np.int32, copy=False),
            found["indptr"].astype(np.int64, copy=False),
            len(documents),
        )

    @classmethod
    def _without_words(cls, count: int) -> Self:
        scores, tracks = np.zeros(0, dtype=np.float32), np.zeros(0, dtype=np.int32)
        return cls({}, scores, tracks, np.zeros(1, dtype=np.int64), count)

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """See `Index`."""
        told = arrays["words"].tobytes().decode()
        words = told.split("\n") if told else []
        return cls(
            {word: column for column, word in enumerate(words)},
            arrays["scores"],
            arrays["tracks"],
            arrays["columns"],
            int(arrays["count"][0]),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `Index`."""
        return {
            "words": np.frombuffer("\n".join(self._vocabulary).encode(), dtype=np.uint8),
            "scores": self._scores,
            "tracks": self._tracks,
            "columns": self._columns,
            "count": np.array([self._count], dtype=np.int64),
        }

    def scores(self, wanted: Sequence[SearchText]) -> Scores:
        """See `Index`."""
        found = np.zeros(self._count, dtype=np.float32)
        for column, weight in self._weights(wanted).items():
            begin, end = self._columns[column], self._columns[column + 1]
            # A word stands once in the column of a track.
            found[self._tracks[begin:end]] += np.float32(weight) * self._scores[begin:end]
        return found

    def _weights(self, wanted: Sequence[SearchText]) -> dict[int, float]:
        """Column -> weight, of the words and pairs that some track has; a word counts once in each text."""
        found: dict[int, float] = {}
        common = common_words()
        for one in wanted:
            words = words_of(one.text)
            quoted = _quoted(one.text)
            for word in dict.fromkeys([*words, *pairs_of(words)]):
                if (column := self._vocabulary.get(word)) is not None:
                    quiet = word not in quoted and common.issuperset(word.split(" "))
                    found[column] = found.get(column, 0.0) + one.weight * (QUIET if quiet else 1.0)
        return found


def _quoted(text: str) -> frozenset[str]:
    """The words and pairs that stand between quotation marks."""
    straight = text.translate({ord(mark): '"' for mark in _QUOTES})
    words = [words_of(part) for part in straight.split('"')[1::2]]
    return frozenset(word for part in words for word in (*part, *pairs_of(part)))
