"""By what tracks are ranked where an encoder talks: it alone, beside words, or with a reranker over both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from ...core.errors import ConfigError
from ...core.suggestions import choices
from ..walk.fusion import WeightedScorer
from ..walk.items import ItemTable
from ..walk.queries import ItemScorer
from ..walk.searching import SearchScorer
from .model import DualEncoder, EncodedItems
from .model_folder import load_encoder
from .reranker.folder import load_trees
from .reranking import DENSE, RankingTrees, RerankedScorer

Rank = Literal["walk", "hybrid", "rerank"]
RANKS: Final[tuple[Rank, ...]] = get_args(Rank)


@dataclass(frozen=True)
class RankedItems:
    """Items as an encoder sees them, and what ranks them."""

    encoded: EncodedItems
    scorer: ItemScorer


@dataclass(frozen=True)
class WalkRanking:
    """An encoder, and what else ranks. `trees`: where a reranker does."""

    encoder: DualEncoder
    rank: Rank
    trees: RankingTrees | None = None

    def over(self, items: ItemTable) -> RankedItems:
        """Ready to be asked about some items. Raises `ConfigError` where a package is missing."""
        encoded = self.encoder.over(items)
        return RankedItems(encoded, encoded if self.rank == "walk" else self._beside_words(encoded))

    def _beside_words(self, encoded: EncodedItems) -> ItemScorer:
        words = SearchScorer(encoded.features.items, "bm25")
        if self.trees is not None:
            return RerankedScorer(encoded, words, self.trees)
        return WeightedScorer([(encoded, DENSE), (words, 1 - DENSE)])


def open_ranking(folder: Path, rank: str = "walk") -> WalkRanking:
    """What the folder of an encoder holds.

    Raises:
        ConfigError: there is no such rank, the folder holds no encoder or no reranker, or a package is missing.
    """
    chosen = next((each for each in RANKS if each == rank), None)
    if chosen is None:
        raise ConfigError(f"there is no rank {rank!r}", hint=choices(str(rank), RANKS, what="one of"))
    return WalkRanking(load_encoder(folder), chosen, load_trees(folder) if chosen == "rerank" else None)
