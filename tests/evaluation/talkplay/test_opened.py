"""Whoever was trained is opened by its name, and asked about the whole catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from segue.agents.chair.spec import RecommenderSpec
from segue.catalog.demo import open_demo
from segue.core.errors import ConfigError
from segue.evaluation.talkplay.opened import WalkedScorer, openers
from segue.evaluation.talkplay.recommending import RecommenderScorer
from segue.recommenders.next_track.queries import TalkQuery
from segue.recommenders.walk.queries import ScoreTable, WalkQuery


class Noting:
    """An `ItemScorer` that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[WalkQuery] = []

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        self.asked += queries
        return np.zeros((len(queries), 3), dtype=np.float32)


def test_whoever_sits_in_the_chair_is_asked_about_the_whole_catalogue() -> None:
    """Chance ranks the open tracks, so that what was played is never among them."""
    catalog = open_demo()
    scorer = RecommenderScorer(RecommenderSpec.of("random"), catalog)
    [first, later] = scorer.scores([TalkQuery(("hello",)), TalkQuery(("hello", "more"), (7,), ("here",))])
    assert np.isfinite(first).sum() == len(catalog.track_ids())
    assert np.isfinite(later).sum() == len(catalog.track_ids()) - 1 and later[7] == -np.inf
    assert (scorer.scores([TalkQuery(("hello",))])[0] == first).all(), "the same again"
    with pytest.raises(ConfigError, match="only what runs in this process"):
        RecommenderScorer(RecommenderSpec.of("http://127.0.0.1:9"), catalog)


def test_what_was_played_counts_as_liked_in_a_walk() -> None:
    noting = Noting()
    WalkedScorer(noting).scores(
        [TalkQuery(("hello", "more"), (7,), ("here",)), TalkQuery(("x", "y"), (None,))]
    )
    assert noting.asked == [WalkQuery(("hello", "more"), (7,)), WalkQuery(("x", "y"), ())]


def test_names_with_a_colon_are_opened_and_others_are_not(tmp_path: Path) -> None:
    names = ["bm25", f"talkplay:{tmp_path}", f"walk:{tmp_path}", "python:mine:Nearest"]
    assert list(openers(names, open_demo())) == names[1:]
    with pytest.raises(ConfigError, match="no such recommender"):
        openers(["nobody:here"], open_demo())
