"""The conversation as one document, at every stage of its making."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from segue.checkpoints.store.timeline import steps
from segue.state.document import conversation, turns_done
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state


@pytest.fixture
async def stages() -> list[dict[str, Any]]:
    """The state after each step of a conversation of two turns."""
    saver = InMemorySaver()
    await play(first_state(turns=2), ScriptedCalls(plain_answers), saver=saver)
    return [dict(step.after) for step in steps(saver, "thread")]


async def test_nothing_yet_is_none_and_empty() -> None:
    document = conversation({})
    assert document["session_id"] is document["profile"] is document["goal"] is document["closing"] is None
    assert document["turns"] == document["pool"] == document["records"] == []
    assert document["tracks"] == {} and document["profiling_tracks"] == []
    assert document["persona"] is document["modalities"] is None
    assert turns_done({}) == 0


def test_a_verdict_is_the_closing_one_only_after_the_last_turn() -> None:
    note = {"turn": 2, "thought": "a thought", "progress": "MOVES_TOWARD_GOAL"}
    assert conversation({"listener_notes": [note]})["closing"] is None, (
        "how many turns there are is not known"
    )
    closed = conversation({"setup": {"turns": 1}, "listener_notes": [note]})["closing"]
    assert closed == {"thought": "a thought", "progress": "MOVES_TOWARD_GOAL"}


def test_an_opening_is_shown_before_the_recsys_ever_noted_anything() -> None:
    said = [{"turn": 1, "author": "listener", "text": "hello"}]
    shown = conversation({"messages": said, "listener_notes": [{"turn": 1, "thought": "a thought"}]})
    assert shown["turns"][0]["listener"]["message"] == "hello" and shown["turns"][0]["recsys"] is None


async def test_every_stage_can_be_shown(stages: list[dict[str, Any]]) -> None:
    documents = [conversation(channels) for channels in stages[1:]]
    assert [document["profile"] is not None for document in documents] == [False, *[True] * 7]
    assert [document["goal"] is not None for document in documents] == [False, False, *[True] * 6]
    assert [len(document["turns"]) for document in documents] == [0, 0, 0, 1, 1, 2, 2, 2]
    assert [turns_done(channels) for channels in stages[1:]] == [0, 0, 0, 0, 1, 1, 2, 2]
    assert [document["closing"] is not None for document in documents] == [*[False] * 7, True]


async def test_a_turn_that_waits_for_its_answer_has_one_side(stages: list[dict[str, Any]]) -> None:
    [turn] = conversation(stages[4])["turns"]
    assert turn == {
        "turn": 1,
        "listener": {
            "message": "listener message 1",
            "thought": "secret listener thought 1",
            "progress": None,
        },
        "recsys": None,
    }


async def test_the_whole_of_it(stages: list[dict[str, Any]]) -> None:
    document = conversation(stages[-1])
    assert document["turns"][1] == {
        "turn": 2,
        "listener": {
            "message": "listener message 2",
            "thought": "secret listener thought 2",
            "progress": "DOES_NOT_MOVE_TOWARD_GOAL",
        },
        "recsys": {
            "track_id": "pool-track-01",
            "message": "recsys message 2",
            "thought": "secret recsys thought 2",
        },
    }
    assert document["closing"] == {"thought": "secret listener thought 3", "progress": "MOVES_TOWARD_GOAL"}
    assert document["goal_templates"] == ["A-LL", "B-HL", "K-LH"]
    assert document["session_id"] == "user__2018-01-01"
    assert document["persona"] == {"words": 12, "register_": "plain"}
    assert document["modalities"]["recsys"] == ["text", "audio", "image"]
    assert len(document["tracks"]) == 21 and len(document["records"]) == 7
    assert json.loads(json.dumps(document)) == document
