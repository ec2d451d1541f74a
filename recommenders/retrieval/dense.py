"""`DenseIndex`: tracks found by meaning, as static embeddings tell it. The weights come in a package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ConfigError
from ...core.packages import Need, require_all
from .array_files import Arrays
from .documents import TrackText
from .requests import SearchText
from .scoring import Scores

DIMENSIONS: Final = 128
"""Of 256: the first ones hold most, as they were trained to (Kusupati et al., NeurIPS 2022)."""
SUNG: Final = np.float32(0.3)
"""Weight of the lyrics beside all else that a card says."""
_WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
_TOKENIZER: Final = "tokenizers/l2_supercat_tokenizer_config.json"
_HINT: Final = "pip install 'segue[dense]'"
_KEPT: Final = 4096
"""Texts whose vector is kept: those of a conversation come again with each of its turns."""

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]


class DenseIndex:
    """One vector of length 1 for each track, and the scalar product with that of what is wanted."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    @classmethod
    def build(cls, texts: Iterable[TrackText]) -> Self:
        """See `Index`. Raises `ConfigError` where the weights' package is not installed."""
        embed = embedding()
        made = [_vector(embed, text) for text in texts]
        return cls(np.array(made, dtype=np.float32).reshape(len(made), DIMENSIONS))

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """See `Index`."""
        return cls(arrays["vectors"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See `Index`."""
        return {"vectors": self._vectors}

    def scores(self, wanted: Sequence[SearchText]) -> Scores:
        """See `Index`."""
        query = np.zeros(DIMENSIONS, dtype=np.float32)
        for one in wanted:
            query += np.float32(one.weight) * vector_of(one.text)
        found: Scores = self._vectors @ query
        return found


class Embedding:
    """Static embeddings of WordLlama (Miller, 2024): the mean of the vectors of a text's tokens, of length 1.

    The package's own code is not imported: it sets up the logging of the whole program.
    """

    def __init__(self, folder: Path, dimensions: int = DIMENSIONS) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        weights = load_file(folder / _WEIGHTS)["embedding.weight"]
        self._vectors: Vectors = np.ascontiguousarray(weights[:, :dimensions], dtype=np.float32)
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def __call__(self, text: str, weights: Vector | None = None) -> Vector:
        """Zeros for a text without a token. `weights`: of each token that there is; all weigh the same without."""
        tokens = self.token_ids(text)
        if not tokens:
            return np.zeros(self._vectors.shape[1], dtype=np.float32)
        if weights is None:
            return _of_length_1(self._vectors[tokens].mean(axis=0))
        return _of_length_1(weights[tokens] @ self._vectors[tokens])

    @property
    def tokens(self) -> int:
        """How many there are."""
        return len(self._vectors)

    def token_ids(self, text: str) -> list[int]:
        """The tokens of a text."""
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found


def _vector(embed: Embedding, text: TrackText) -> Vector:
    said = embed(text.description())
    return _of_length_1(said + SUNG * embed(text.lyrics)) if text.lyrics else said


def _of_length_1(vector: Vector) -> Vector:
    return vector / (np.linalg.norm(vector) or np.float32(1))


@lru_cache(_KEPT)
def vector_of(text: str) -> Vector:
    """The vector of one text, which may not be changed. Raises as `embedding` does."""
    return embedding()(text)


@cache
def embedding(dimensions: int = DIMENSIONS) -> Embedding:
    """The weights, read once. `dimensions`: of a vector, at most 256.

    Raises:
        ConfigError: a package is missing, or has not the weights that this was made for.
    """
    needed_by = "the retriever dense"
    require_all(Need(name, "dense", needed_by) for name in ("safetensors", "tokenizers"))
    package = find_spec("wordllama")
    places = list(package.submodule_search_locations or ()) if package else []
    if not places:
        raise ConfigError(f"{needed_by} needs wordllama, which is not installed", hint=_HINT)
    folder = Path(places[0])
    if not all((folder / name).is_file() for name in (_WEIGHTS, _TOKENIZER)):
        raise ConfigError(f"{needed_by}: the wordllama that is installed brings no weights", hint=_HINT)
    return Embedding(folder, dimensions)
