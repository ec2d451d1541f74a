"""`FusedVectors`: several tables of vectors side by side, kept by what they were made of and mapped into memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from ...core.errors import CorruptionError
from ...core.hashing import digest_of
from ..retrieval.array_files import read_arrays, write_arrays
from .arrays import VectorTable, of_length_1

VECTORS_VERSION: Final = 1
"""Raised when the same items would get other vectors."""

Part = tuple[float, Callable[[], VectorTable]]
"""A weight, and what makes a table of vectors when there is none yet."""


def fused_vectors(parts: Mapping[str, Part], digest: str, folder: Path) -> VectorTable:
    """Vectors of length 1: those of the parts by their weights, side by side. Made once, and kept in the folder.

    A part of which an item has nothing (zeros) leaves its place to the others.

    Args:
        parts: by name, such as `text`; a weight of 0 leaves one out.
        digest: of all that the vectors are made of.

    Raises:
        CacheError: the folder cannot be written.
    """
    used = {name: part for name, part in parts.items() if part[0] > 0}
    key = digest_of([VECTORS_VERSION, digest, {name: weight for name, (weight, _) in used.items()}])
    path = folder / f"{key}.vectors"
    try:
        return read_arrays(path)["vectors"]
    except (FileNotFoundError, CorruptionError):
        tables = [np.float32(weight) * make() for weight, make in used.values()]
        write_arrays(path, {"vectors": of_length_1(np.concatenate(tables, axis=1))})
    return read_arrays(path)["vectors"]
