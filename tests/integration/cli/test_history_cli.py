"""`segue history` and `segue tree`: checkpoints in order, the state at each, how branches hang together."""

from __future__ import annotations

import pytest
from support.command import Command, Played

KEYS = [
    *("checkpoint_id", "step", "turn", "agent", "edited", "outcome", "calls", "estimated"),
    *("problems", "adjusted", "created", "wrote"),
]


def test_every_step_is_there_with_who_acted_and_what_it_wrote(played: Played) -> None:
    rows = played.command("history", played.thread, "--json").rows
    assert [list(row) for row in rows] == [KEYS] * len(rows)
    acted = [(row["turn"], row["agent"]) for row in rows]
    turns = [(turn, agent) for turn in (1, 2, 3) for agent in ("listener", "recsys", "verifier")]
    assert acted == [(0, None), (0, "profile"), (0, "goal"), *turns, (4, "listener")]
    assert [row["calls"] for row in rows] == [0, 1, 1, *[1, 1, 0] * 3, 1]
    assert {"tracks", "pool_ids"} <= set(rows[0]["wrote"])
    assert "truth" in rows[2]["wrote"], "and again with a new goal of the listener's"
    assert [set(row["wrote"]) - {"truth"} for row in rows[1:]] == [
        {"profile"},
        {"goal"},
        *[{"messages", "listener_notes"}, {"messages", "recsys_notes"}, {"verdicts"}] * 3,
        {"listener_notes"},
    ]
    assert not any(row["edited"] for row in rows)
    ids = [row["checkpoint_id"] for row in rows]
    assert ids == sorted(set(ids)), "ids grow with time"


def test_one_turn_alone(played: Played) -> None:
    rows = played.command("history", played.thread, "--turn", 2, "--json").rows
    assert [(row["turn"], row["agent"]) for row in rows] == [(2, "listener"), (2, "recsys"), (2, "verifier")]
    message = rows[0]["wrote"]["messages"][0]
    assert message["text"] == played.command.show(played.thread)["turns"][1]["listener"]["message"]


def test_the_state_at_a_checkpoint(played: Played) -> None:
    rows = played.command("history", played.thread, "--json").rows
    state = played.command("history", played.thread, "--state", rows[4]["checkpoint_id"]).document
    assert [m["author"] for m in state["messages"]] == ["listener", "recsys"]
    assert state["goal"]["listener_goal"] and len(state["records"]) == 4
    assert not [name for name in state if name.startswith(("__", "branch:"))], "channels of ours alone"
    failed = played.command("history", played.thread, "--state", "nothing", code=1)
    assert "has no checkpoint 'nothing'" in failed.err


def test_people_get_a_table(played: Played) -> None:
    lines = played.command("history", played.thread).out.splitlines()
    assert lines[0].split() == ["checkpoint", "turn", "agent", "outcome", "calls", "wrote"]
    assert len(lines) == 14 and "the first state" in lines[1]


@pytest.mark.slow
def test_the_tree_hangs_together(own: Command, played: Played) -> None:
    asked = ("--turn", 2, "--agent", "listener", "--say", "Something with bells, please.")
    first = own("branch", played.thread, *asked, "--json").rows[0]["thread_id"]
    second = own("branch", first, "--turn", 3, "--agent", "recsys", "--seed", 5, "--json").rows[0][
        "thread_id"
    ]
    tree = own("tree", second, "--json").document
    assert list(tree) == ["thread_id", "status", "turns", "fork", "branches"]
    assert (tree["thread_id"], tree["fork"]) == (played.thread, None)
    [child] = tree["branches"]
    assert (child["thread_id"], child["fork"]["turn"]) == (first, 2)
    assert child["fork"]["edits"]["say"] == "Something with bells, please."
    [grandchild] = child["branches"]
    assert (grandchild["thread_id"], grandchild["fork"]["edits"]["seed"]) == (second, 5)
    drawn = own("tree", first).out
    assert all(thread in drawn for thread in (played.thread, first, second))
    assert "from turn 2, listener: says 'Something with bells, please.'" in drawn
