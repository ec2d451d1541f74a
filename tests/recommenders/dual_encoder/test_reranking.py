"""LambdaRank over candidates: what it is told, and that it learns an order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.recommenders.dual_encoder.model import DualEncoder, untrained_weights
from segue.recommenders.dual_encoder.reranking import (
    CANDIDATES,
    USED,
    CandidateFinder,
    Candidates,
    RankingTrees,
)
from segue.recommenders.walk.queries import WalkQuery
from segue.recommenders.walk.searching import SearchScorer
from support.recommenders.encoding import EACH, artist, found
from support.recommenders.sentence_model import small_sentence_model

from .test_encoder import company


def finder() -> CandidateFinder:
    items = found().items
    encoded = DualEncoder(company(), "static", untrained_weights()).over(items)
    return CandidateFinder(encoded, SearchScorer(items, "bm25"))


def test_candidates_are_what_fits_and_what_was_liked_is_last() -> None:
    query = WalkQuery((f"some {artist(3)}",), (3 * EACH,))
    [made] = finder().found([query])
    assert len(made.places) == min(CANDIDATES, len(found().items.ids)) == len(made.table)
    assert {place // EACH for place in made.places[: EACH - 1].tolist()} == {3}
    assert made.places[-1] == 3 * EACH, "there are fewer items than candidates"
    assert np.isfinite(made.table).all() and finder().found([]) == []


@pytest.mark.slow
def test_sentences_are_features_more_and_change_no_other(tmp_path: Path) -> None:
    model = small_sentence_model(tmp_path / "small")
    items = found().items
    encoded = DualEncoder(company(), "static", untrained_weights()).over(items)
    reads = CandidateFinder(encoded, SearchScorer(items, "bm25"), str(model))
    queries = [WalkQuery(("hello",)), WalkQuery(("some soul", f"and {artist(2)}"), (0, 7))]
    for plain, more in zip(finder().found(queries), reads.found(queries), strict=True):
        assert np.array_equal(plain.places, more.places)
        width = plain.table.shape[1]
        assert np.array_equal(plain.table, more.table[:, :width]) and more.table.shape[1] == width + 6
        assert np.abs(more.table[:, width::2]).max() <= 1 + 1e-6 and np.isfinite(more.table).all()
    assert more.table[0, width:].tolist() != [0] * 6


def test_no_feature_tells_of_company() -> None:
    assert USED and not any(name.startswith("company") for name in USED)


def test_trees_learn_what_is_right_and_order_by_it() -> None:
    pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
    rng = np.random.default_rng(0)
    made = [Candidates(rng.permutation(100), rng.random((100, 3)).astype(np.float32)) for _ in range(60)]
    right = [frozenset(each.places[np.argsort(-each.table[:, 1])[:5]].tolist()) for each in made]
    trees = RankingTrees()
    trees.fit(made[:50], right[:50])
    first = [trees.order(each)[:5].tolist() for each in made[50:]]
    hits = [len(fit & set(order)) for fit, order in zip(right[50:], first, strict=True)]
    assert np.mean(hits) > 4
    assert sorted(trees.order(made[0]).tolist()) == list(range(100))
