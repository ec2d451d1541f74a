"""`Codebook`: the centres of each modality, which give any track its codes, a new one as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....core.errors import InputError
from ...embeddings.arrays import VectorTable
from .clustering import centres_of, nearest
from .modalities import LEAST_CODES, MISSING, MODALITIES, CodeTable, Distances
from .track_vectors import known


class Coded(NamedTuple):
    """Codes of tracks, and how far each track is from the centre of its code."""

    codes: CodeTable
    distances: Distances

    def of_rows(self, rows: Sequence[int] | NDArray[np.intp]) -> Coded:
        """Those of some tracks, in that order."""
        return Coded(self.codes[rows], self.distances[rows])


@dataclass(frozen=True)
class Codebook:
    """Of each modality `size` codes: one for what is missing, the others for clusters.

    Attributes:
        centres: modality -> centres, of which there are `size` - 1 or fewer.
    """

    size: int
    centres: Mapping[str, VectorTable]

    @classmethod
    def of(cls, vectors: Mapping[str, VectorTable], size: int, seed: int = 0) -> Codebook:
        """Clusters of the vectors that are not zeros.

        Raises:
            InputError: there are no more tracks than codes.
            ConfigError: faiss is not installed.
        """
        tracks = len(next(iter(vectors.values())))
        if not LEAST_CODES <= size <= tracks:
            raise InputError(
                f"{size:,} codes for {tracks:,} tracks: it must be from {LEAST_CODES} to the number of tracks",
                hint="--codes; left out, it follows from the catalogue",
            )
        found = {
            name: centres_of(_known_rows(table), size - 1, seed + place)
            for place, (name, table) in enumerate(vectors.items())
        }
        return cls(size, found)

    def encode(self, vectors: Mapping[str, VectorTable]) -> Coded:
        """Codes of tracks. A modality that is not among the vectors is missing of all of them."""
        count = len(next(iter(vectors.values())))
        codes: CodeTable = np.full((count, len(MODALITIES)), MISSING, dtype=np.int32)
        distances: Distances = np.zeros((count, len(MODALITIES)), dtype=np.float32)
        for column, name in enumerate(MODALITIES):
            if name not in vectors or not len(self.centres[name]):
                continue
            there = known(vectors[name])
            places, apart = nearest(_known_rows(vectors[name]), self.centres[name])
            codes[there, column] = places + MISSING + 1
            distances[there, column] = apart
        return Coded(codes, distances)


def _known_rows(table: VectorTable) -> VectorTable:
    """Those of which something is known; the table itself where that is all of it."""
    there = known(table)
    return table if there.all() else table[there]
