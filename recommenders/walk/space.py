"""`WalkSpace`: collections as points among one another, through which a walk goes."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ..embeddings.arrays import VectorTable, of_length_1
from .collections import ItemCollection

MOST_NEIGHBOURS: Final = 200
_BLOCK: Final = 1024


@dataclass(frozen=True)
class WalkSpace:
    """What a walk needs.

    Attributes:
        members: of each collection, places of its items.
        vectors: of the items, of length 1 (shape: items, dimensions).
        centres: of the collections: the mean of their items, of length 1.
        nearest: of each collection the others, the nearest first (shape: collections, neighbours).
        sums: running sums of the collections' weights.
    """

    members: tuple[NDArray[np.int64], ...]
    vectors: VectorTable
    centres: VectorTable
    nearest: NDArray[np.int32]
    sums: tuple[float, ...]

    @classmethod
    def of(
        cls,
        collections: Sequence[ItemCollection],
        vectors: VectorTable,
        neighbours: int,
        weights: Sequence[float] | None = None,
    ) -> Self:
        """The space of some collections of items with these vectors.

        Args:
            weights: of the collections; all alike when left out.
        """
        members = tuple(np.array(each.places, dtype=np.int64) for each in collections)
        centres = of_length_1(np.array([vectors[places].mean(axis=0) for places in members]))
        sums = tuple(accumulate(weights or [1.0] * len(collections)))
        return cls(members, vectors, centres, _nearest(centres, neighbours), sums)

    def drawn(self, chance: float) -> int:
        """The collection that a number from 0 to 1 stands for, by weight."""
        return min(bisect(self.sums, chance * self.sums[-1]), len(self.sums) - 1)

    @cached_property
    def sets(self) -> tuple[frozenset[int], ...]:
        """The members of each collection."""
        return tuple(frozenset(places.tolist()) for places in self.members)


def _nearest(centres: VectorTable, count: int) -> NDArray[np.int32]:
    """Itself is no neighbour of a collection, unless it is the only one."""
    size = len(centres)
    kept = max(1, min(count, size - 1))
    found = np.zeros((size, kept), dtype=np.int32)
    for begin in range(0, size, _BLOCK):
        near = centres[begin : begin + _BLOCK] @ centres.T
        rows = np.arange(len(near))
        near[rows, begin + rows] = -np.inf
        best = np.argpartition(-near, kept - 1, axis=1)[:, :kept]
        order = np.argsort(-np.take_along_axis(near, best, axis=1), axis=1, kind="stable")
        found[begin : begin + len(near)] = np.take_along_axis(best, order, axis=1)
    return found
