"""Recommenders to compare others with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from segue.agents.chair.answers import Ranked, check_ranking
from segue.recommenders.baselines.chance import Chance
from segue.recommenders.baselines.popularity import Popularity
from support.agents.chairs import told


def test_popularity_ranks_the_most_popular_open_track_first() -> None:
    view = told(3)
    assert Popularity().recommend(view) == [f"pool-track-{number:02d}" for number in range(15, 1, -1)]
    unknown = view.pool[5].model_copy(update={"popularity": None})
    pool = (*view.pool[:5], unknown, *view.pool[6:])
    assert Popularity().recommend(view.model_copy(update={"pool": pool}))[-1] == unknown.track_id


@given(turn=st.integers(1, 8), attempt=st.integers(0, 3))
def test_chance_is_the_stream_s(turn: int, attempt: int) -> None:
    view = told(turn, attempt=attempt)
    drawn = Chance().recommend(view)
    assert drawn == Chance().recommend(view) and sorted(drawn) == sorted(view.open_ids)
    assert check_ranking(Ranked(tuple(drawn)), view) is None
    assert turn > 6 or drawn != Chance().recommend(told(turn, attempt=attempt + 1))
