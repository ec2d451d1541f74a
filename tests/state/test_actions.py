"""What the recsys may do and when, and states in which it did something else than play."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import PartitionError
from segue.graph.routing import after_listener, after_recsys
from segue.state.actions import in_order, legal_actions
from segue.state.document import conversation
from segue.state.original import original_files
from segue.state.partition import guard
from segue.state.played import played_part
from segue.state.values import PLAY_ALONE, Action, Agent, NextStep
from segue.state.views import ListenerView, RecsysView, build_view
from support.state.acting import ALL, acted, asked_again, courses

PLAY, ASK, NO_MATCH = Action
beginnings = st.lists(st.sampled_from(ALL), max_size=7)


@given(beginnings, st.booleans())
def test_a_question_never_follows_on_silence_and_leaves_a_turn_to_answer_it(
    before: list[Action], required: bool
) -> None:
    legal = legal_actions(ALL, before, 8, required=required)
    assert PLAY in legal
    assert (ASK in legal) == (not required and len(before) < 7 and before[-1:] in ([], [PLAY]))
    assert (NO_MATCH in legal) == (not required)
    assert legal_actions(PLAY_ALONE, before, 8) == PLAY_ALONE


@given(st.lists(st.sampled_from(ALL)))
def test_names_are_put_in_order_once_each(names: list[Action]) -> None:
    ordered = in_order(names)
    assert set(ordered) == set(names) and list(ordered) == sorted(set(names), key=ALL.index)


@given(courses())
def test_both_sides_know_which_turns_had_no_track(done: tuple[Action, ...]) -> None:
    before = done[:-1]
    state = asked_again(acted(before))
    recsys = cast(RecsysView, build_view(Agent.RECSYS, state))
    assert [each.action for each in recsys.exchanges] == list(before)
    played = [f"pool-track-{i:02d}" for i in range(before.count(PLAY))]
    assert list(recsys.used_ids) == played and not set(played) & set(recsys.open_ids)
    assert recsys.legal_actions == legal_actions(ALL, before, 8) and done[-1] in recsys.legal_actions
    assert [recsys.legal_at(i) for i in range(7)] == [legal_actions(ALL, before[:i], 8) for i in range(7)]
    listener = cast(ListenerView, build_view(Agent.LISTENER, acted(before)))
    assert [each.track is not None for each in listener.exchanges] == [one is PLAY for one in before]
    for this, after in pairwise(listener.exchanges):
        assert (after.progress is not None) == (this.action is PLAY), "only a track is judged"


def test_who_heard_nothing_stands_where_it_stood() -> None:
    looking = cast(ListenerView, build_view(Agent.LISTENER, acted([PLAY, PLAY, ASK])))
    assert looking.next_steps(looking.exchanges[-1]) == (NextStep.KEEP_LOOKING,)
    natural = looking.model_copy(update={"may_stop": True})
    assert natural.next_steps(natural.exchanges[-1]) == (NextStep.KEEP_LOOKING, NextStep.STOP)
    winding = natural.exchanges[-1].model_copy(update={"next_step": NextStep.WIND_DOWN})
    assert natural.next_steps(winding) == (NextStep.NEW_GOAL, NextStep.WIND_DOWN, NextStep.STOP)


@given(courses())
def test_the_document_says_what_was_done_and_verdicts_are_of_tracks(done: tuple[Action, ...]) -> None:
    turns = conversation(acted(done))["turns"]
    assert [turn["recsys"]["action"] for turn in turns] == [action.value for action in done]
    for turn, action in zip(turns, done, strict=True):
        assert (turn["recsys"]["track_id"] is None) == (turn["verdict"] is None) == (action is not PLAY)


@pytest.mark.slow
@given(courses())
def test_what_was_played_is_numbered_without_gaps_and_keeps_its_labels(done: tuple[Action, ...]) -> None:
    document = conversation(acted(done))
    part = played_part(document)
    turns = part.document["turns"]
    assert [turn["turn"] for turn in turns] == list(range(1, done.count(PLAY) + 1))
    assert [turn["turn"] for turn in part.unplayed] == [n for n, one in enumerate(done, 1) if one is not PLAY]
    assert _labelled(turns, part.document["closing"]) == _labelled(document["turns"], document["closing"])
    assert part.later(0) == 0 and part.later(9) == len(turns) + 1
    assert all(part.later(own) == number for own, number in part.numbers.items())


def _labelled(turns: Sequence[Any], closing: Any) -> list[tuple[str, str]]:
    """(track id, its label) in order of play."""
    if not turns:
        return []
    given = [turn["listener"]["progress"] for turn in turns[1:]] + [(closing or {}).get("progress")]
    tracks = (turn["recsys"]["track_id"] for turn in turns)
    return [(track, label) for track, label in zip(tracks, given, strict=True) if track is not None]


def test_where_a_track_was_played_on_each_turn_nothing_is_changed() -> None:
    document = conversation(acted([PLAY] * 8))
    assert played_part(document).document is document and not played_part(document).unplayed


def test_a_turn_that_is_not_answered_yet_stays() -> None:
    part = played_part(conversation(asked_again_with_note([PLAY, ASK])))
    assert [turn["turn"] for turn in part.document["turns"]] == [1, 2]
    assert part.document["turns"][-1]["recsys"] is None


def asked_again_with_note(done: list[Action]) -> dict[str, Any]:
    state = asked_again(acted(done))
    note = {"turn": len(done) + 1, "thought": "thinks"}
    return {**state, "listener_notes": [*state["listener_notes"], note]}


def test_the_original_s_files_have_no_music_where_there_was_none() -> None:
    messages = original_files("t", acted([ASK, PLAY]))["chat.json"]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user", "music", "assistant"]
    assert messages[1]["thought"] == "recsys thought 1"


@pytest.mark.parametrize(
    ("done", "follows"),
    [
        ([PLAY], "verifier"),
        ([ASK], "listener"),
        ([PLAY] * 7 + [NO_MATCH], "__end__"),
        ([PLAY] * 8, "verifier"),
    ],
)
def test_after_silence_nothing_is_verified_and_at_the_end_nothing_judged(
    done: list[Action], follows: str
) -> None:
    assert after_recsys(acted(done)) == follows
    assert after_listener(asked_again(acted(done))) == "recsys"


def test_a_question_is_still_written_in_one_s_own_name() -> None:
    message = {"turn": 1, "author": "listener", "text": "slow?", "action": "ask"}
    with pytest.raises(PartitionError, match="in the name of 'listener'"):
        guard(Agent.RECSYS, {"messages": [message]})
