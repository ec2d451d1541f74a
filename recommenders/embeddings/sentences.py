"""`SentenceTexts`: texts as vectors by a model of sentence-transformers, those of many items kept in a file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...core.errors import ConfigError, CorruptionError
from ...core.hashing import digest_of
from ...core.packages import require
from ...core.places import cache_folder
from ..retrieval.array_files import read_arrays, write_arrays
from .arrays import VectorTable, of_length_1

SENTENCES_VERSION: Final = 1
"""Raised when the same model would give the same texts other vectors."""
MANY: Final = 500
"""Texts of items from which on their vectors are kept in a file."""
_AT_ONCE: Final = 64
_REMEMBERED: Final = 20_000
"""Texts whose vectors stay in memory: what is said comes again on later turns, a pool in other conversations."""
_WHAT_IT_MAY_BE: Final = "the folder of a model of sentence-transformers, or its name"


class SentenceTexts:
    """A model of sentence-transformers, by a folder or a name of the hub's; gives vectors of length 1, zeros for a text
    without a word.

    Raises:
        ConfigError: the package is not installed, or there is no such model at hand.
    """

    def __init__(self, name: str) -> None:
        if Path(name).is_absolute() and not Path(name).is_dir():
            raise ConfigError(f"the text encoder {name!r} is no folder", hint=_WHAT_IT_MAY_BE)
        package = require("sentence_transformers", extra="train", needed_by=f"the text encoder {name}")
        import_module("transformers").utils.logging.disable_progress_bar()
        try:
            self._model: Any = package.SentenceTransformer(name, device="cpu")
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise ConfigError(
                f"the text encoder {name!r} cannot be loaded: {_first_line(error)}", hint=_WHAT_IT_MAY_BE
            ) from error
        self._known: dict[str, VectorTable] = {}
        self.dimensions = int(self.of_requests(["a"]).shape[1])

    @cached_property
    def digest(self) -> str:
        """Of what the model consists of and its weights, wherever it lies."""
        found = hashlib.blake2b(repr(self._model).encode(), digest_size=16)
        for name, weights in sorted(self._model.state_dict().items()):
            found.update(name.encode())
            found.update(np.ascontiguousarray(weights.cpu().numpy()).tobytes())
        return found.hexdigest()

    def of_items(self, texts: Sequence[str]) -> VectorTable:
        """Of descriptions of tracks. Raises `CacheError` where those of many cannot be kept."""
        if len(texts) < MANY:
            return self.of_requests(texts)
        key = digest_of([SENTENCES_VERSION, self.digest, list(texts)])
        path = cache_folder() / "sentences" / f"{key}.vectors"
        try:
            return read_arrays(path)["vectors"]
        except (FileNotFoundError, CorruptionError):
            write_arrays(path, {"vectors": self._encoded(texts)})
        return read_arrays(path)["vectors"]

    def of_requests(self, texts: Sequence[str]) -> VectorTable:
        """Of what was said."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoded(new), strict=True))
        return np.stack([self._known[text] for text in texts])

    def _encoded(self, texts: Sequence[str]) -> VectorTable:
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        said = self._model.encode(list(texts), batch_size=_AT_ONCE, show_progress_bar=False)
        empty = np.array([not text.strip() for text in texts])
        return of_length_1(np.where(empty[:, None], 0, np.asarray(said, dtype=np.float32)))


@cache
def sentence_texts(name: str) -> SentenceTexts:
    """The model of a name, loaded once. Raises `ConfigError`, see `SentenceTexts`."""
    return SentenceTexts(name)


def _first_line(error: Exception) -> str:
    said = re.split(r"\n", str(error).strip())[0]
    return said[:200] or type(error).__name__
