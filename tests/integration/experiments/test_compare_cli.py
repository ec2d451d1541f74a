"""`segue compare`: what people read, what scripts read, and what it says when nothing can be compared."""

from __future__ import annotations

import re

import pytest
from support.command import Command, Played


def branched(own: Command, thread: str, *flags: object) -> str:
    [row] = own("branch", thread, "--turn", 2, "--agent", "recsys", *flags, "--json").rows
    return str(row["thread_id"])


@pytest.mark.slow
def test_a_trunk_and_its_branches_side_by_side(own: Command, played: Played) -> None:
    one = branched(own, played.thread, "--seed", 1, "--reason", "another draw")
    two = branched(own, played.thread, "--seed", 2)
    said = own("compare", played.thread, one, two)
    assert f"one conversation up to the recsys's turn 2 (nearest common ancestor {played.thread})" in said.out
    assert "another draw" in said.out
    shown = own.show(one)
    words = re.sub(r"\W+", "", said.out)
    for turn in shown["turns"][1:]:
        assert shown["tracks"][turn["recsys"]["track_id"]]["title"].split()[0] in said.out
    assert re.sub(r"\W+", "", shown["turns"][0]["listener"]["message"]) not in words, "turn 1 is shared"
    for row in ("progress", "turns_to_goal", "own calls", "Jaccard"):
        assert row in said.out


def test_json_has_stable_keys(own: Command, played: Played) -> None:
    branch = branched(own, played.thread, "--seed", 1)
    document = own("compare", played.thread, branch, "--json").document
    assert list(document) == [
        *("related", "same_session", "ancestor", "since", "threads", "turns", "measures", "overlaps")
    ]
    assert document["since"] == {"turn": 2, "agent": "recsys"}
    assert list(document["threads"][0]) == [
        *("thread_id", "session_id", "parent", "status", "altered", "reason", "edits", "own")
    ]
    assert list(document["threads"][0]["own"]) == ["calls", "tokens", "cost_usd"]
    assert list(document["turns"][0]) == ["turn", "threads", "differs"]
    assert list(document["turns"][0]["threads"][branch]) == [
        *("listener", "track_id", "title", "artists", "recsys", "progress")
    ]
    assert list(document["measures"]) == [
        *("progress", "first_move", "turns_to_goal", "picks", "artists", "listener_words", "recsys_words"),
        *("questions", "refusals", "repairs", "model_calls", "tokens", "cost"),
    ]
    assert set(document["measures"]["progress"]) == {"unit", "meaning", "values", "differs"}
    assert set(document["overlaps"][0]) == {"a", "b", "jaccard", "equal_turns", "turns"}


def test_the_document_agrees_with_the_conversations(own: Command, played: Played) -> None:
    branch = branched(own, played.thread, "--seed", 1)
    document, shown = own("compare", played.thread, branch, "--json").document, own.show(branch)
    notes = [*(turn["listener"] for turn in shown["turns"]), shown["closing"]]
    given = [note["progress"] for note in notes[2:]]
    assert [row["threads"][branch]["progress"] for row in document["turns"]] == given
    share = given.count("MOVES_TOWARD_GOAL") / len(given)
    assert document["measures"]["progress"]["values"][branch] == share


def test_unrelated_threads_are_said_to_be_so(played: Played) -> None:
    one, two = (row["thread_id"] for row in played.rows)
    said = played.command("compare", one[:8], two[:8])
    assert "not related: they are compared from turn 1 on" in said.err
    assert "different sessions" in said.err


def test_measures_are_defined_on_request(played: Played) -> None:
    one, two = (row["thread_id"] for row in played.rows)
    said = played.command("compare", one, two, "--measures").out
    assert "labelled MOVES_TOWARD_GOAL" in said and "two in a row" in said


@pytest.mark.slow
def test_nothing_to_compare(played: Played) -> None:
    assert "two different threads" in played.command("compare", played.thread, code=2).err
    assert "two different threads" in played.command("compare", played.thread, played.thread, code=2).err
    assert "no thread 'zz'" in played.command("compare", played.thread, "zz", code=1).err
