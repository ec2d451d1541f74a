"""The rungs of the ladder that are there to be beaten, or to beat all."""

from __future__ import annotations

import pytest
from segue.agents.chair.view import RecommenderView
from segue.core.errors import ConfigError
from segue.recommenders.baselines.never_pivots import NeverPivots
from segue.recommenders.baselines.oracle import Oracle
from support.agents.chairs import told

RIGHT = ("pool-track-07", "pool-track-03")


def knowing(view: RecommenderView) -> RecommenderView:
    truth = repr([[{"turn": 0, "track_ids": list(RIGHT)}, {"turn": 4, "wanted_tracks": 1}]])
    return view.model_copy(update={"granted": (("truth of the goal", truth),)})


def test_the_oracle_ranks_what_is_right_first_and_a_noisy_one_not_always() -> None:
    ranked = Oracle().recommend(knowing(told(1)))
    assert set(ranked[:2]) == set(RIGHT) and sorted(ranked) == sorted(told(1).open_ids)
    firsts = {Oracle(noise=0.5).recommend(knowing(told(turn)))[0] in RIGHT for turn in range(1, 9)}
    assert firsts == {True, False}


def test_an_oracle_that_was_not_told_and_a_noise_that_is_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="was not told what is right"):
        Oracle().recommend(told(1))
    with pytest.raises(ConfigError, match="from 0 to 1"):
        Oracle(noise=2)


def test_never_pivots_stays_with_what_was_played_whether_the_pool_shows_it_or_not() -> None:
    view = told(2)
    played, others = view.exchanges[0].track_id, [c for c in view.pool if c.track_id in view.open_ids]
    last = next(c for c in view.pool if c.track_id == played).model_copy(update={"tags": ("one of a kind",)})
    alike = last.model_copy(update={"track_id": others[-1].track_id})
    shown = (*(c for c in view.pool if c.track_id not in (played, alike.track_id)), alike)
    exchange = view.exchanges[0].model_copy(update={"track": last})
    narrowed = view.model_copy(update={"pool": shown, "exchanges": (exchange,)})
    assert NeverPivots().recommend(narrowed)[0] == alike.track_id
    whole = view.model_copy(update={"pool": (*shown, last)})
    assert NeverPivots().recommend(whole)[0] == alike.track_id
