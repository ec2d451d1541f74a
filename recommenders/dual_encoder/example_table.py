"""Examples of one or several catalogues as numbers: what is asked, what is sought, and hard negatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ...core.random import stream_seed
from ..embeddings.arrays import VectorTable
from .examples import WalkedExample
from .features import SOURCES, Block, EncoderFeatures
from .model import Weights

AMONG: Final = 2000
"""Items of a catalogue among which hard negatives are looked for, others for each part of the requests."""
_AT_ONCE: Final = 512


@dataclass(frozen=True)
class ExampleTable:
    """Some requests, in an order.

    Attributes:
        sources: source -> (requests, dimensions of its block).
        sought: block -> vectors of the items that are sought.
        hard: (requests, negatives, sources): how well each hard negative fits by each source.
        places: of the items that are sought.
        alike: the collections; what is in a request's is no negative of it.
        catalogs: number of the catalogue of each request; places are of one catalogue.
    """

    sources: Mapping[str, VectorTable]
    sought: Mapping[Block, VectorTable]
    hard: NDArray[np.float32]
    places: NDArray[np.int64]
    alike: tuple[NDArray[np.int64], ...]
    catalogs: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of(
        cls,
        examples: Sequence[WalkedExample],
        features: EncoderFeatures,
        weights: Weights,
        hard: int,
        *,
        catalog: int = 0,
        seed: int = 0,
    ) -> Self:
        """Examples of one catalogue.

        Args:
            weights: by which hard negatives are found.
            hard: how many.
            catalog: its number.
        """
        sources = features.sources([example.query for example in examples])
        places = np.array([example.sought for example in examples], dtype=np.int64)
        sought = {block: table[places] for block, table in features.blocks.items()}
        parts = [
            _hard(examples[begin : begin + _AT_ONCE], _cut(sources, begin), features, weights, hard, seed)
            for begin in range(0, len(examples), _AT_ONCE)
        ]
        alike = tuple(np.array(example.alike, dtype=np.int64) for example in examples)
        return cls(sources, sought, np.concatenate(parts), places, alike, np.full(len(places), catalog))

    @classmethod
    def joined(cls, tables: Sequence[Self]) -> Self:
        """Those of several catalogues, one after the other."""
        first = tables[0]
        return cls(
            {name: np.concatenate([each.sources[name] for each in tables]) for name in first.sources},
            {block: np.concatenate([each.sought[block] for each in tables]) for block in first.sought},
            np.concatenate([each.hard for each in tables]),
            np.concatenate([each.places for each in tables]),
            tuple(one for each in tables for one in each.alike),
            np.concatenate([each.catalogs for each in tables]),
        )

    def in_batch(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Of some requests, how well what each of them seeks fits each of them by each source, (requests, items,
        sources); and which of these are negatives."""
        fits = np.stack(
            [self.sources[name][rows] @ self.sought[block][rows].T for name, block in SOURCES.items()], axis=2
        )
        places, catalogs = self.places[rows], self.catalogs[rows]
        alike = np.array([np.isin(places, self.alike[row]) for row in rows])
        return fits, ~(alike & (catalogs[:, None] == catalogs[None, :]))


def _cut(sources: Mapping[str, VectorTable], begin: int) -> Mapping[str, VectorTable]:
    return {name: table[begin : begin + _AT_ONCE] for name, table in sources.items()}


def _hard(
    examples: Sequence[WalkedExample],
    sources: Mapping[str, VectorTable],
    features: EncoderFeatures,
    weights: Weights,
    count: int,
    seed: int,
) -> NDArray[np.float32]:
    """How well the best of some items that are not of its collection fit each request."""
    items = len(features.items.ids)
    rng = np.random.default_rng(stream_seed(seed, "hard", examples[0].sought, len(examples)))
    among = np.sort(rng.permutation(items)[:AMONG])
    fits = np.stack(
        [sources[name] @ features.blocks[block][among].T for name, block in SOURCES.items()], axis=2
    )
    scores = fits @ np.array([weights[name] for name in SOURCES], dtype=np.float32)
    for row, example in enumerate(examples):
        scores[row, np.isin(among, example.alike)] = -np.inf
    best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
    found: NDArray[np.float32] = np.take_along_axis(fits, best[:, :, None], axis=1)
    found[np.isneginf(np.take_along_axis(scores, best, axis=1))] = -np.inf
    return _as_many(found, count)


def _as_many(found: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Where there are too few, some that never fit."""
    lacking = count - found.shape[1]
    return np.pad(found, ((0, 0), (0, lacking), (0, 0)), constant_values=-np.inf) if lacking > 0 else found
