"""Searches of the pool in the recsys's chair."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.agents.chair.answers import Ranked, check_ranking
from segue.agents.chair.view import RecommenderView
from segue.recommenders.baselines.searching import MeaningSearch, WordSearch
from segue.state.values import TrackCard
from support.agents.chairs import told
from support.recommenders.retrieving import asked, song

WITH_WEIGHTS = pytest.mark.skipif(find_spec("wordllama") is None, reason="the extra dense is not installed")
EACH = pytest.mark.parametrize("kind", [WordSearch, pytest.param(MeaningSearch, marks=WITH_WEIGHTS)])
SONGS = (
    song("Something", "The Bees", "pop"),
    song("Iron sky", "Hammerfell", "metal", "loud"),
    song("Quiet river", "Ana", "folk", "calm"),
    song("???", "!!!"),
)


def view_of(message: str, *played: int) -> RecommenderView:
    pool = tuple(TrackCard.of_row(track.to_row()) for track in SONGS)
    before = [(f"request {place}", SONGS[place]) for place in played]
    return RecommenderView.of(asked(message, *before, pool=pool), "s")


@EACH
def test_the_nearest_comes_first(kind: Any) -> None:
    assert kind().recommend(view_of("calm folk"))[0] == "Quiet river"
    assert kind().recommend(view_of("loud metal, please"))[0] == "Iron sky"
    assert kind().recommend(view_of("loud metal, please", 1))[0] != "Iron sky"


def test_a_pool_without_a_word_is_ranked_too() -> None:
    pool = (TrackCard.of_row(SONGS[3].to_row()),)
    assert WordSearch().recommend(RecommenderView.of(asked("hello", pool=pool), "s")) == ["???"]
    assert WordSearch().recommend(view_of("nothing in common")) == [track.track_id for track in SONGS]


@EACH
@given(turn=st.integers(1, 8))
def test_all_open_tracks_are_ranked_once(kind: Any, turn: int) -> None:
    view = told(turn)
    found = kind().recommend(view)
    assert sorted(found) == sorted(view.open_ids) and found == kind().recommend(view)
    assert check_ranking(Ranked(tuple(found)), view) is None
