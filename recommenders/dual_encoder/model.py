"""`DualEncoder`: requests and items as vectors whose scalar product says how well they fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..walk.items import ItemTable
from ..walk.queries import ScoreTable, WalkQuery
from .company import CompanyTable
from .features import SOURCES, EncoderFeatures
from .texts import text_encoder

START: Final[Mapping[str, float]] = {
    "text_last": 1.0,
    "text_earlier": 0.3,
    "text_liked": 1.0,
    "artist_named": 1.0,
    "artist_named_earlier": 0.2,
    "artist_liked": 0.5,
    "company_named": 0.1,
    "company_named_earlier": 0.1,
    "company_liked": 1.0,
    "company_words": 0.7,
    "company_words_earlier": 0.3,
}
"""Weights of the sources before training, up to `SHARPNESS`: chosen."""
SHARPNESS: Final = 4.0
"""What all of them are multiplied by, so that scores are logits; no order depends on it."""

Weights = Mapping[str, float]


def untrained_weights() -> dict[str, float]:
    """The weights before training."""
    return {name: SHARPNESS * START[name] for name in SOURCES}


@dataclass(frozen=True)
class DualEncoder:
    """What was learned.

    Attributes:
        company: of artists and words.
        texts: name of the text encoder; see `text_encoder`.
        weights: of the sources.
    """

    company: CompanyTable
    texts: str
    weights: Weights

    def features(self, items: ItemTable) -> EncoderFeatures:
        """Items as it sees them. Raises `ConfigError` where the text encoder is not at hand."""
        return EncoderFeatures(items, text_encoder(self.texts), self.company)

    def over(self, items: ItemTable) -> EncodedItems:
        """The encoder over some items, ready to be asked. Raises `ConfigError`, see `features`."""
        return EncodedItems(self.features(items), self.weights)


class EncodedItems:
    """An `ItemScorer`: the scalar products of requests with items.

    Attributes:
        features: of the items.
    """

    def __init__(self, features: EncoderFeatures, weights: Weights) -> None:
        self.features, self._weights = features, weights

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`."""
        found: ScoreTable = np.zeros((len(queries), len(self.features.items.ids)), dtype=np.float32)
        if not len(queries):
            return found
        sources = self.features.sources(queries)
        for block, table in self.features.blocks.items():
            filled = (name for name, where in SOURCES.items() if where == block)
            asked = sum(np.float32(self._weights[name]) * sources[name] for name in filled)
            found += asked @ table.T
        return found
