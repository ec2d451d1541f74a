"""Tables of vectors, and what is done to them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

VectorTable = NDArray[np.float32]
"""Shape (items, dimensions)."""


def of_length_1(vectors: VectorTable) -> VectorTable:
    """Each row divided by its length; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: VectorTable = (vectors / np.where(lengths > 1e-9, lengths, 1)).astype(np.float32)
    made[lengths[:, 0] <= 1e-9] = 0
    return made
