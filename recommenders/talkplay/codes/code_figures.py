"""How well codes tell tracks apart, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....core.tables import Table
from .modalities import MISSING, MODALITIES, CodeTable


@dataclass(frozen=True)
class ModalityFigures:
    """Of one modality.

    Attributes:
        clusters: that there are.
        used: clusters that some track has.
        entropy: of the clusters, in bits, over the tracks that have one.
        missing: tracks without.
    """

    clusters: int
    used: int
    entropy: float
    missing: int


@dataclass(frozen=True)
class CodeFigures:
    """Of a table of codes.

    Attributes:
        modalities: by name.
        distinct: different tuples.
        colliding: tracks whose tuple some other track has, too.
    """

    tracks: int
    size: int
    modalities: Mapping[str, ModalityFigures]
    distinct: int
    colliding: int

    @property
    def used_share(self) -> float:
        """Used clusters of all."""
        clusters = sum(each.clusters for each in self.modalities.values())
        return sum(each.used for each in self.modalities.values()) / clusters if clusters else 0.0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "used_share": self.used_share}

    def tables(self) -> list[Table]:
        """To read."""
        rows = [
            [name, each.clusters, each.used, f"{each.entropy:.2f}", each.missing]
            for name, each in self.modalities.items()
        ]
        whole: list[list[object]] = [
            ["tracks", self.tracks],
            ["codes of a modality, with the one for what is missing", self.size],
            ["clusters used", f"{100 * self.used_share:.1f} %"],
            ["different tuples", self.distinct],
            ["tracks that share their tuple", self.colliding],
        ]
        columns = ["modality", "clusters", "used", "entropy (bits)", "tracks without"]
        return [Table(columns, rows, right=columns[1:]), Table(["", "count"], whole, right=["count"])]


def figures_of(codes: CodeTable, size: int, clusters: Mapping[str, int]) -> CodeFigures:
    """Count them.

    Args:
        clusters: modality -> how many there are.
    """
    found = {name: _of_column(codes[:, column], clusters[name]) for column, name in enumerate(MODALITIES)}
    _, shared = np.unique(codes, axis=0, return_counts=True)
    return CodeFigures(len(codes), size, found, len(shared), int(shared[shared > 1].sum()))


def _of_column(column: NDArray[np.int32], clusters: int) -> ModalityFigures:
    there = column[column != MISSING]
    counts = np.unique(there, return_counts=True)[1]
    shares = counts / max(1, len(there))
    entropy = float(-(shares * np.log2(shares)).sum()) if len(there) else 0.0
    return ModalityFigures(clusters, len(counts), abs(entropy), len(column) - len(there))
