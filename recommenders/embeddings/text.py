"""Items as vectors by what their texts mean, from the static table that comes in a package."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..retrieval.dense import DIMENSIONS, embedding
from ..retrieval.documents import TrackText
from .arrays import VectorTable


def text_vectors(texts: Sequence[TrackText]) -> VectorTable:
    """A vector of length 1 for each text, zeros for one without a word.

    Raises:
        ConfigError: the weights' package is not installed.
    """
    embed = embedding()
    made = [embed(text.description()) for text in texts]
    return np.array(made, dtype=np.float32).reshape(len(made), DIMENSIONS)
