"""Items as vectors by the company that they keep: item2vec as a factorization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]
from scipy.sparse.linalg import svds  # type: ignore[import-untyped]

from .arrays import VectorTable, of_length_1

SMOOTHING: Final = 0.75
"""Exponent of the contexts' counts (Levy, Goldberg and Dagan, TACL 2015)."""


def co_occurrence_vectors(collections: Sequence[Sequence[int]], items: int, dimensions: int) -> VectorTable:
    """Vectors of length 1 from which collections items share; zeros for an item that stands alone.

    Positive pointwise mutual information of items that are in one collection, factorized (Levy and Goldberg, NeurIPS
    2014). A collection counts less the longer it is, by the logarithm of its length.

    Args:
        collections: places of items.
        items: how many there are.
        dimensions: of a vector; those that cannot be had are zeros.
    """
    found: VectorTable = np.zeros((items, dimensions), dtype=np.float32)
    shared = positive_information(member_table(collections, items))
    rank = min(dimensions, items - 1)
    if shared.nnz == 0 or rank < 1:
        return found
    left, strength, _ = svds(shared, k=rank, rng=np.random.default_rng(0))
    order = np.argsort(-strength)
    vectors = left[:, order] * np.sqrt(strength[order])
    vectors[np.diff(shared.indptr) == 0] = 0  # what rounding leaves there would be made as long as all others
    found[:, :rank] = of_length_1(_signed(vectors).astype(np.float32))
    return found


def member_table(collections: Sequence[Sequence[int]], items: int) -> Any:
    """Which items are in which collection, (collections, items), a longer one counting less."""
    members = [np.unique(np.asarray(each, dtype=np.int64)) for each in collections]
    sizes = np.array([len(each) for each in members], dtype=np.int64)
    weights = np.sqrt(1 / np.log2(1 + np.maximum(sizes, 1)))
    rows = np.repeat(np.arange(len(members)), sizes)
    columns = np.concatenate(members) if members else np.zeros(0, dtype=np.int64)
    return sparse.csr_array((np.repeat(weights, sizes), (rows, columns)), shape=(len(members), items))


def positive_information(table: Any) -> Any:
    """Positive pointwise mutual information of items in one collection, (items, items), none with themselves."""
    together = (table.T @ table).tocoo()
    apart = together.row != together.col
    rows, columns, counts = together.row[apart], together.col[apart], together.data[apart]
    size = table.shape[1]
    if not len(counts):
        return sparse.csr_array((size, size))
    sums = np.bincount(rows, weights=counts, minlength=size)
    contexts = sums**SMOOTHING
    information = np.log(counts * contexts.sum() / (sums[rows] * contexts[columns]))
    kept = information > 0
    return sparse.csr_array((information[kept], (rows[kept], columns[kept])), shape=(size, size))


def _signed(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same factorization whatever signs came out: in each column the largest number is positive."""
    largest = np.abs(vectors).argmax(axis=0)
    signs = np.sign(vectors[largest, np.arange(vectors.shape[1])])
    return vectors * np.where(signs == 0, 1, signs)
