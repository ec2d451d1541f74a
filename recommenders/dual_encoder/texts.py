"""What texts mean, as vectors of length 1: a static table that comes in a package, or a sentence encoder by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, Protocol

import numpy as np

from ..embeddings.arrays import VectorTable
from ..embeddings.sentences import sentence_texts
from ..retrieval.dense import Embedding, embedding
from ..retrieval.words import common_words
from .encoder_settings import STATIC

STATIC_DIMENSIONS: Final = 256
QUIET: Final = np.float32(0.08)
"""Weight of a common word's tokens in what is said, as where words are searched."""


class TextEncoder(Protocol):
    """Gives texts vectors of length 1; zeros for a text without a word."""

    @property
    def dimensions(self) -> int: ...

    def of_items(self, texts: Sequence[str]) -> VectorTable:
        """Of descriptions of tracks."""
        ...

    def of_requests(self, texts: Sequence[str]) -> VectorTable:
        """Of what was said."""
        ...


class StaticTexts:
    """Means of static token vectors. Common words of what is said are quiet. Raises `ConfigError` as `embedding`."""

    dimensions = STATIC_DIMENSIONS

    def __init__(self) -> None:
        self._embed = embedding(STATIC_DIMENSIONS)
        self._weights = _quiet(self._embed)

    def of_items(self, texts: Sequence[str]) -> VectorTable:
        """See `TextEncoder`."""
        return _table([self._embed(text) for text in texts])

    def of_requests(self, texts: Sequence[str]) -> VectorTable:
        """See `TextEncoder`."""
        return _table([self._embed(text, self._weights) for text in texts])


@cache
def text_encoder(name: str) -> TextEncoder:
    """The encoder of a name, `static` or one of sentence-transformers', loaded once. Raises `ConfigError`."""
    return StaticTexts() if name == STATIC else sentence_texts(name)


def _table(vectors: Sequence[VectorTable]) -> VectorTable:
    return np.array(vectors, dtype=np.float32).reshape(len(vectors), STATIC_DIMENSIONS)


def _quiet(embed: Embedding) -> VectorTable:
    """A weight for each token of the table."""
    weights = np.ones(embed.tokens, dtype=np.float32)
    for word in common_words():
        weights[embed.token_ids(word)] = QUIET
        weights[embed.token_ids(word.capitalize())] = QUIET
    return weights
