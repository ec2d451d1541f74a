"""What a recommender is given: the recsys's view, frozen, and the same bytes as JSON."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from segue.agents.chair.view import SEED_BITS, RecommenderView
from segue.core.hashing import digest
from support.agents.chairs import STREAM, recsys_view, told

BODIES = ["1e56c2f53ca8f7d374c62d1b5d5b8163", "538cdbc995dc38155eb9111d313414f5"]


def test_its_json_is_itself_and_in_two_parts_of_which_one_stays() -> None:
    views = [told(turn) for turn in (1, 2, 3)]
    for view in views:
        text = "".join(view.written())
        assert RecommenderView.model_validate_json(text) == view
        assert json.loads(text) == view.to_json()
    assert len({view.written()[0] for view in views}) == 1
    assert len({view.written()[1] for view in views}) == 3


def test_it_says_what_the_recsys_knows() -> None:
    view, source = told(3), recsys_view(3)
    assert view.used_ids == source.used_ids == ("pool-track-00", "pool-track-01")
    assert view.open_ids == source.open_ids and len(view.open_ids) == 14
    assert [card.track_id for card in view.open_tracks] == list(view.open_ids)
    assert (view.message, view.turn, view.turns, view.profile) == (
        source.message,
        3,
        8,
        source.profile,
    )
    assert [(one.message, one.reply, one.thought) for one in view.exchanges] == [
        ("listener message 1", "reply 1", "note 1"),
        ("listener message 2", "reply 2", "note 2"),
    ]
    assert view.actions == ("play",)


def test_it_is_frozen_and_closed() -> None:
    view = told()
    with pytest.raises(ValidationError):
        view.message = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        RecommenderView.model_validate({**view.to_json(), "goal": "secret"})


def test_the_seed_is_the_stream_s_and_another_on_each_turn_and_attempt() -> None:
    seeds = [told(turn, attempt=attempt).seed for turn in (1, 2) for attempt in (0, 1)]
    assert len(set(seeds)) == 4 and all(0 <= seed < 1 << SEED_BITS for seed in seeds)
    assert told().seed == seeds[0] != RecommenderView.of(recsys_view(), STREAM + "x").seed


def test_bodies_of_stored_conversations_are_made_again_to_the_byte() -> None:
    """Whoever changes this makes every conversation that was played with a recommender unverifiable."""
    texts = ["".join(told(turn, attempt=attempt).written()) for turn, attempt in ((1, 0), (3, 2))]
    assert [digest(text) for text in texts] == BODIES
