"""Artists by their identity: vectors of signs that a name gives, nearly at right angles for different names."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from ..embeddings.arrays import VectorTable

SIGNS: Final = 256


def sign_vectors(keys: Sequence[str]) -> VectorTable:
    """A vector of length 1 for each key; zeros for an empty one."""
    found = np.zeros((len(keys), SIGNS), dtype=np.float32)
    for row, key in enumerate(keys):
        if key:
            raw = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=SIGNS // 8).digest()
            found[row] = np.unpackbits(np.frombuffer(raw, dtype=np.uint8)).astype(np.float32) * 2 - 1
    return found / np.float32(SIGNS**0.5)
