"""`Conversation`: turns, thoughts, calls, the state as it was, branches, cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from segue import Conversation, OpenStore
from segue.core.errors import NotFoundError
from segue.state.document import turns_done
from support.kept import Kept


def test_turns_hold_what_both_sides_said_and_thought(trunk: Conversation) -> None:
    assert [turn.number for turn in trunk.turns] == [1, 2, 3]
    for turn, told in zip(trunk.turns, trunk.document["turns"], strict=True):
        assert (turn.listener, turn.listener_thought) == (
            told["listener"]["message"],
            told["listener"]["thought"],
        )
        assert (turn.track_id, turn.recsys) == (told["recsys"]["track_id"], told["recsys"]["message"])
        assert turn.title == trunk.document["tracks"][turn.track_id]["title"] and turn.artists


def test_a_turns_label_is_of_its_own_track(trunk: Conversation) -> None:
    given = [turn["listener"]["progress"] for turn in trunk.document["turns"][1:]]
    assert [turn.progress for turn in trunk.turns] == [*given, trunk.document["closing"]["progress"]]


def test_thoughts_in_the_order_in_which_they_were_had(trunk: Conversation) -> None:
    order = [(thought["turn"], thought["agent"]) for thought in trunk.thoughts]
    assert order == [(1, "listener"), (1, "recsys"), (2, "listener"), (2, "recsys"), (3, "listener"),
                     (3, "recsys"), (4, "listener")]  # fmt: skip
    assert all(thought["thought"] for thought in trunk.thoughts)


def test_profile_and_goal_are_the_documents(trunk: Conversation) -> None:
    assert trunk.profile == trunk.document["profile"] and trunk.goal == trunk.document["goal"]
    assert trunk.goal and trunk.goal["listener_goal"]


def test_calls_are_all_that_stand_behind_it(trunk: Conversation) -> None:
    assert [call.agent for call in trunk.calls[:3]] == ["profile", "goal", "listener"]
    assert len(trunk.calls) == trunk.summary()["model_calls"] == 9


def test_a_branch_knows_where_it_comes_from(store: OpenStore, kept: Kept, trunk: Conversation) -> None:
    branch = store.conversation(kept.branch)
    assert branch.fork and (branch.parent, branch.fork["turn"], branch.fork["reason"]) == (
        kept.thread,
        2,
        "again",
    )
    assert branch.trunk.thread_id == kept.thread and trunk.trunk is trunk
    assert [found.thread_id for found in trunk.branches] == [kept.branch] and branch.branches == []
    assert branch.turns[0] == trunk.turns[0].__class__(**vars(trunk.turns[0]))


def test_the_offline_model_is_free(trunk: Conversation) -> None:
    assert trunk.cost == 0


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_the_state_after_each_turn(trunk: Conversation, turn: int) -> None:
    state = trunk.state(turn)
    assert turns_done(state) == turn and len(state["messages"]) == 2 * turn
    assert "goal" in state and not any(name.startswith(("__", "branch:")) for name in state)


def test_the_newest_state_has_the_last_verdict(trunk: Conversation) -> None:
    assert trunk.state() == trunk.state(4) and trunk.state()["listener_notes"][-1]["turn"] == 4
    assert trunk.state(3)["listener_notes"][-1]["turn"] == 3


def test_a_turn_that_was_not_played_has_no_state(trunk: Conversation) -> None:
    with pytest.raises(NotFoundError, match="no turn 9"):
        trunk.state(9)
    with pytest.raises(NotFoundError, match="no checkpoint"):
        trunk.state(checkpoint="1f000000-0000-6000-8000-000000000000")
    with pytest.raises(NotFoundError, match="no turn 99"):
        trunk.history(99)


def test_history_leads_to_every_state(trunk: Conversation) -> None:
    history = trunk.history()
    assert history[-1]["agent"] == "listener" and history[0]["agent"] is None
    assert trunk.state(checkpoint=history[-1]["checkpoint_id"]) == trunk.state()
    assert trunk.history(2) == [row for row in history if row["turn"] == 2] and len(trunk.history(2)) == 3


def test_the_tree_begins_with_the_trunk(store: OpenStore, kept: Kept) -> None:
    tree = store.conversation(kept.branch).tree()
    assert (tree["thread_id"], tree["fork"], tree["turns"]) == (kept.thread, None, 3)
    assert [child["thread_id"] for child in tree["branches"]] == [kept.branch]


def test_the_original_pipelines_files(trunk: Conversation, tmp_path: Path) -> None:
    written = trunk.write_files(tmp_path / "new")
    assert [path.name for path in written] == ["profiling.json", "conversation_goal.json", "chat.json"]
    assert json.loads(written[1].read_text(encoding="utf-8"))["goal"] == trunk.goal


def test_it_says_what_it_is(trunk: Conversation, kept: Kept, store: OpenStore) -> None:
    assert repr(trunk) == f"<conversation {kept.thread}: done, 3 turns>"
    assert repr(store) == f"<segue store {kept.url}>"
