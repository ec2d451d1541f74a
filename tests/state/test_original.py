"""The original pipeline's three files."""

from __future__ import annotations

import json

from segue.state.original import original_files
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state


async def test_a_finished_conversation() -> None:
    files = original_files("t1", await play(first_state(turns=2), ScriptedCalls(plain_answers)))
    assert list(files) == ["profiling.json", "conversation_goal.json", "chat.json"]
    assert {content["thread_id"] for content in files.values()} == {"t1"}
    profiling, goal, chat = files.values()
    assert profiling["session_id"] == "user__2018-01-01"
    assert profiling["profile"]["top_1_artist"] == "profiling artist 1"
    assert [track["title"] for track in profiling["tracks"]] == [f"profiling title {i:02d}" for i in range(5)]
    assert goal["goal"]["listener_goal"] == "secret goal to find sea songs of one kind"
    assert goal["templates"] == ["A-LL", "B-HL", "K-LH"] and len(goal["pool"]) == 16
    assert [(m["turn_number"], m["role"], m["content"]) for m in chat["messages"]] == [
        (1, "user", "listener message 1"),
        (1, "music", "pool-track-00"),
        (1, "assistant", "recsys message 1"),
        (2, "user", "listener message 2"),
        (2, "music", "pool-track-01"),
        (2, "assistant", "recsys message 2"),
        (3, "user", ""),
    ]
    assert json.loads(json.dumps(files)) == files


async def test_a_label_is_on_the_message_of_the_turn_after_the_track() -> None:
    files = original_files("t1", await play(first_state(turns=2), ScriptedCalls(plain_answers)))
    users = [m for m in files["chat.json"]["messages"] if m["role"] == "user"]
    assert [m["goal_progress_assessment"] for m in users] == [
        None,
        "DOES_NOT_MOVE_TOWARD_GOAL",
        "MOVES_TOWARD_GOAL",
    ]


async def test_thoughts_and_labels_stand_where_they_belong() -> None:
    files = original_files("t1", await play(first_state(turns=1), ScriptedCalls(plain_answers)))
    user, music, assistant, verdict = files["chat.json"]["messages"]
    assert (user["thought"], user["goal_progress_assessment"]) == ("secret listener thought 1", None)
    assert (music["thought"], music["goal_progress_assessment"]) == ("secret recsys thought 1", None)
    assert assistant["thought"] is None
    assert verdict["goal_progress_assessment"] == "DOES_NOT_MOVE_TOWARD_GOAL"
    assert verdict["thought"] == "secret listener thought 2"


def test_a_conversation_that_only_began_has_files_too() -> None:
    files = original_files("t1", first_state())
    assert files["profiling.json"]["profile"] is None and len(files["profiling.json"]["tracks"]) == 5
    assert files["conversation_goal.json"]["goal"] is None
    assert files["chat.json"]["messages"] == []
