"""What texts mean, as vectors of length 1: a static table that comes in a package, or a sentence encoder by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from ...core.errors import ConfigError
from ...core.packages import require
from ..embeddings.arrays import VectorTable, of_length_1
from ..retrieval.dense import Embedding, embedding
from ..retrieval.words import common_words
from .encoder_settings import STATIC

STATIC_DIMENSIONS: Final = 256
QUIET: Final = np.float32(0.08)
"""Weight of a common word's tokens in what is said, as where words are searched."""
_AT_ONCE: Final = 64
_WHAT_IT_MAY_BE: Final = f"the folder of a model of sentence-transformers, its name, or {STATIC}"


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


class SentenceTexts:
    """A model of sentence-transformers, by the name of a folder or of the hub's.

    Raises:
        ConfigError: the package is not installed, or there is no such model at hand.
    """

    def __init__(self, name: str) -> None:
        if Path(name).is_absolute() and not Path(name).is_dir():
            raise ConfigError(f"the text encoder {name!r} is no folder", hint=_WHAT_IT_MAY_BE)
        package = require("sentence_transformers", extra="train", needed_by=f"the text encoder {name}")
        try:
            self._model: Any = package.SentenceTransformer(name, device="cpu")
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise ConfigError(
                f"the text encoder {name!r} cannot be loaded: {_first_line(error)}",
                hint=_WHAT_IT_MAY_BE,
            ) from error
        self.dimensions = len(self._model.encode(["a"], show_progress_bar=False)[0])

    def of_items(self, texts: Sequence[str]) -> VectorTable:
        """See `TextEncoder`."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        said = self._model.encode(list(texts), batch_size=_AT_ONCE, show_progress_bar=False)
        empty = np.array([not text.strip() for text in texts])
        return of_length_1(np.where(empty[:, None], 0, np.asarray(said, dtype=np.float32)))

    of_requests = of_items


@cache
def text_encoder(name: str) -> TextEncoder:
    """The encoder of a name, `static` or one of sentence-transformers', loaded once. Raises `ConfigError`."""
    return StaticTexts() if name == STATIC else SentenceTexts(name)


def _table(vectors: Sequence[VectorTable]) -> VectorTable:
    return np.array(vectors, dtype=np.float32).reshape(len(vectors), STATIC_DIMENSIONS)


def _quiet(embed: Embedding) -> VectorTable:
    """A weight for each token of the table."""
    weights = np.ones(embed.tokens, dtype=np.float32)
    for word in common_words():
        weights[embed.token_ids(word)] = QUIET
        weights[embed.token_ids(word.capitalize())] = QUIET
    return weights


def _first_line(error: Exception) -> str:
    said = re.split(r"\n", str(error).strip())[0]
    return said[:200] or type(error).__name__
