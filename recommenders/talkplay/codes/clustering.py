"""k-means by faiss."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....core.packages import require
from ...embeddings.arrays import VectorTable

ITERATIONS: Final = 20
_POINTS_A_CENTRE: Final = 256
"""More than so many are a sample."""
_BLOCK: Final = 8192


def centres_of(vectors: VectorTable, count: int, seed: int) -> VectorTable:
    """Centres of up to `count` clusters; the same vectors give the same ones. Where there are fewer different vectors,
    each of them is a centre.

    Raises:
        ConfigError: faiss is not installed.
    """
    faiss: Any = require("faiss", extra="talkplay", needed_by="k-means")
    if not _surely_more(vectors, count):
        different = np.unique(vectors, axis=0)
        if len(different) <= count:
            return np.ascontiguousarray(different)
    found = faiss.Kmeans(
        vectors.shape[1],
        count,
        niter=ITERATIONS,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=_POINTS_A_CENTRE,
    )
    found.train(np.ascontiguousarray(vectors))
    made: VectorTable = np.array(found.centroids, dtype=np.float32).reshape(count, vectors.shape[1])
    return made


def _surely_more(vectors: VectorTable, count: int) -> bool:
    """Whether there are more different vectors than `count`, as their shadows on one line tell, without sorting whole
    vectors; False where that tells nothing."""
    line = np.random.default_rng(0).standard_normal(vectors.shape[1], dtype=np.float32)
    return len(np.unique(np.round(vectors @ line, 4))) > count


def nearest(vectors: VectorTable, centres: VectorTable) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(place of the nearest centre, squared distance to it) of each vector; of equals, the first."""
    places = np.zeros(len(vectors), dtype=np.int64)
    distances = np.zeros(len(vectors), dtype=np.float32)
    sizes = np.einsum("ij,ij->i", centres, centres)
    for begin in range(0, len(vectors), _BLOCK):
        block = vectors[begin : begin + _BLOCK]
        apart = sizes - 2 * (block @ centres.T)
        best = apart.argmin(axis=1)
        own = np.einsum("ij,ij->i", block, block)
        places[begin : begin + len(block)] = best
        distances[begin : begin + len(block)] = np.maximum(apart[np.arange(len(block)), best] + own, 0)
    return places, distances
