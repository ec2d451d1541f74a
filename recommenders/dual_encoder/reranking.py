"""LambdaRank over what words and the dual encoder find: a few candidates of each request put in a better order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...core.errors import ConfigError
from ...core.packages import require
from ..embeddings.sentences import sentence_texts
from ..retrieval.ranking import best_places
from ..walk.fusion import RANK_CONSTANT, WeightedScorer, from_0_to_1
from ..walk.queries import ItemScorer, ScoreTable, WalkQuery
from .features import SOURCES, EncoderFeatures
from .matches import ItemMatches
from .model import EncodedItems
from .sentence_matches import SentenceMatches

CANDIDATES: Final = 300
"""Items of each request that are put in order."""
SURELY: Final = 40
THINNED: Final = 3
"""The first candidates of a request are all learned from, of those after them that are not right one in so many."""
DENSE: Final = 0.8
"""Weight of the dual encoder beside words where candidates are chosen; both from 0 to 1. Chosen on CPCD's dialogs."""
USED: Final = tuple(name for name, block in SOURCES.items() if block != "company")
"""Sources that are features of their own. Company is not: an artist without any is one whom no playlist holds, and in a
catalogue that is made of what somebody liked, that alone tells of being liked elsewhere."""
_TREES: Final = {
    "objective": "lambdarank",
    "n_estimators": 200,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_child_samples": 50,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

FeatureTable = NDArray[np.float32]
"""Shape (candidates, features)."""


@dataclass(frozen=True)
class Candidates:
    """Of one request: places of items, those that fit best first, and their features."""

    places: NDArray[np.intp]
    table: FeatureTable


class CandidateFinder:
    """Finds candidates, and says of each how well words and the encoder say that it fits; never how often it was liked.

    Args:
        words: scores items by words.
        sentences: name of a model of sentence-transformers that is asked, too.

    Raises:
        ConfigError: there is no such model at hand.
    """

    def __init__(self, items: EncodedItems, words: ItemScorer, sentences: str | None = None) -> None:
        self._items, self._words = items, words
        self._matches = ItemMatches(items.features)
        table = items.features.items
        self._sentences = None if sentences is None else SentenceMatches(table, sentence_texts(sentences))

    def found(self, queries: Sequence[WalkQuery]) -> list[Candidates]:
        """Of each request; what was liked already is no candidate."""
        if not queries:
            return []
        dense = from_0_to_1(self._items.scores(queries))
        words = from_0_to_1(self._words.scores(queries))
        sources = self._items.features.sources(queries)
        meant = () if self._sentences is None else self._sentences.cosines(queries)
        made = []
        for row, query in enumerate(queries):
            both = DENSE * dense[row] + (1 - DENSE) * words[row]
            both[list(query.liked)] = -1
            places = best_places(both, CANDIDATES)
            own = {name: table[row] for name, table in sources.items()}
            columns = [
                both[places],
                *_ranked(dense[row], places),
                *_ranked(words[row], places),
                *self._by_source(own, places),
                *self._matches.columns(query, places.tolist()),
                *(column for cosines in meant for column in _ranked(cosines[row], places)),
            ]
            made.append(Candidates(places, np.stack(columns, axis=1).astype(np.float32)))
        return made

    def _by_source(self, own: dict[str, NDArray[np.float32]], places: NDArray[np.intp]) -> list[Any]:
        features: EncoderFeatures = self._items.features
        return [features.blocks[SOURCES[name]][places] @ own[name] for name in USED]


class RankingTrees:
    """LambdaRank, fitted once or read. Raises `ConfigError` where lightgbm is not installed.

    Attributes:
        sentences: name of the model of sentence-transformers that its candidates were told by, if any.
    """

    def __init__(self, seed: int = 0, sentences: str | None = None) -> None:
        self.sentences = sentences
        self._lightgbm = require("lightgbm", extra="rerank", needed_by="the reranker")
        self._seed = seed
        self._booster: Any = None

    def fit(self, candidates: Sequence[Candidates], right: Sequence[frozenset[int]]) -> None:
        """Learn from requests and places of what is right; those of whose candidates none is right say nothing.

        Raises:
            ConfigError: none of them says anything.
        """
        labels = [np.isin(each.places, list(fit)) for each, fit in zip(candidates, right, strict=True)]
        rows = [_learned(found) for found in labels]
        kept = [row for row, found in enumerate(labels) if found.any()]
        if not kept:
            raise ConfigError(
                "nothing that is right is among the candidates", hint="learn from more conversations"
            )
        table = np.concatenate([candidates[row].table[rows[row]] for row in kept])
        wanted = np.concatenate([labels[row][rows[row]] for row in kept]).astype(np.int32)
        ranker = self._lightgbm.LGBMRanker(**_TREES, random_state=self._seed)
        ranker.fit(table, wanted, group=[int(rows[row].sum()) for row in kept])
        self._booster = ranker.booster_

    def order(self, candidates: Candidates) -> NDArray[np.intp]:
        """Their places, the best first."""
        scores = self._booster.predict(candidates.table, num_threads=1)
        return candidates.places[np.argsort(-scores, kind="stable")]

    def text(self) -> str:
        """As LightGBM writes them."""
        return str(self._booster.model_to_string())

    @classmethod
    def of_text(cls, text: str, sentences: str | None = None) -> Self:
        """What was written, read back."""
        trees = cls(sentences=sentences)
        trees._booster = trees._lightgbm.Booster(model_str=text)
        return trees


class RerankedScorer:
    """An `ItemScorer`: candidates in the order of trees, before all other items, which stay as words and the encoder
    have them."""

    def __init__(self, items: EncodedItems, words: ItemScorer, trees: RankingTrees) -> None:
        self._both = WeightedScorer([(items, DENSE), (words, 1 - DENSE)])
        self._finder, self._trees = CandidateFinder(items, words, trees.sentences), trees

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        """See `ItemScorer`; from 0 to 2, candidates above 1."""
        table = self._both.scores(queries)
        for row, found in zip(table, self._finder.found(queries), strict=True):
            row[self._trees.order(found)] = 1 + np.linspace(1, 0, len(found.places), endpoint=False)
        return table


def _learned(right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which candidates are learned from: what is right, the first ones, and some of those after them."""
    places = np.arange(len(right))
    found: NDArray[np.bool_] = right | (places < SURELY) | (places % THINNED == 0)
    return found


def _ranked(scores: NDArray[np.float32], places: NDArray[np.intp]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Of each candidate the score, and one by its rank among all items."""
    above = np.sort(scores)[::-1]
    ranks = np.searchsorted(-above, -scores[places], side="left")
    return scores[places], 1 / (RANK_CONSTANT + 1 + ranks)
