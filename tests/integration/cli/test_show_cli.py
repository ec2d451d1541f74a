"""`segue show` and `segue threads`: a conversation to read, as JSON, as files; and the list of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command, Played

GOAL_KEYS = {
    *("category", "category_description", "specificity", "template_id", "listener_goal"),
    *("listener_expertise", "target_turn_count"),
    *("initial_examples", "iteration_examples", "achieved_examples"),
    *("criteria", "wanted_tracks"),
}
LISTED = [
    *("thread_id", "session_id", "status", "turns", "model_calls", "tokens", "cost_usd"),
    *("parent", "run", "created", "goal", "error"),
]


def test_the_document_has_stable_keys(played: Played) -> None:
    document = played.command.show(played.thread)
    assert list(document) == [
        *("thread_id", "parent", "run", "status", "error", "session_id", "profile", "goal", "turns"),
        *("closing", "tracks", "profiling_tracks", "pool", "goal_templates", "persona", "modalities"),
        "records",
    ]
    assert set(document["goal"]) == GOAL_KEYS
    assert (document["status"], document["parent"], document["error"]) == ("done", None, None)
    for number, turn in enumerate(document["turns"], 1):
        assert list(turn) == ["turn", "listener", "recsys", "verdict"] and turn["turn"] == number
        assert {"message", "thought", "progress"} <= set(turn["listener"])
        assert set(turn["listener"]) <= {"message", "thought", "progress", "next_step", "new_goal"}
        assert set(turn["recsys"]) == {"track_id", "message", "thought"}
    assert set(document["closing"]) == {"thought", "progress"}


def test_the_conversation_is_whole(played: Played) -> None:
    document = played.command.show(played.thread)
    picks = [turn["recsys"]["track_id"] for turn in document["turns"]]
    assert len(set(picks)) == 3 and set(picks) <= set(document["pool"])
    assert not set(picks) & set(document["profiling_tracks"])
    assert set(document["tracks"]) == {*document["pool"], *document["profiling_tracks"]}
    assert document["goal"]["template_id"] in document["goal_templates"]
    judged = [turn["listener"]["progress"] for turn in document["turns"]]
    assert judged[0] is None and all(judged[1:]) and document["closing"]["progress"]
    said = [turn[side][what] for turn in document["turns"] for side in ("listener", "recsys")
            for what in ("message", "thought")]  # fmt: skip
    assert all(text.strip() for text in said) and len(set(said)) == len(said)


def test_a_unique_start_of_an_id_is_enough(played: Played) -> None:
    assert played.command.show(played.thread[:6]) == played.command.show(played.thread)


def test_an_id_that_is_not_there_or_not_unique_is_an_error(played: Played) -> None:
    missing = played.command("show", "zzzz", code=1)
    assert missing.out == ""
    assert "no thread 'zzzz'" in missing.err and "`segue threads` lists them" in missing.err
    several = played.command("show", "", code=1)
    assert several.out == "" and "segue: " in several.err


def test_a_store_that_is_not_there_is_not_made(command: Command) -> None:
    failed = command("show", "abc", code=1)
    assert "no store at 'segue.db'" in failed.err
    assert list(command.folder.glob("*.db*")) == []


def test_people_get_a_page_with_thoughts_on_request(played: Played) -> None:
    plain = played.command("show", played.thread).out
    full = played.command("show", played.thread, "--thoughts").out
    document = played.command.show(played.thread)
    first = document["turns"][0]
    for out in (plain, full):
        assert f"conversation {played.thread}" in out and "after the last track" in out
        assert flat(first["listener"]["message"]) in flat(out)
        assert "\x1b" not in out
    for thought in (first["listener"]["thought"], first["recsys"]["thought"], document["closing"]["thought"]):
        assert flat(thought) in flat(full)
        assert flat(thought) not in flat(plain)


def flat(text: str) -> str:
    """Without the line breaks and indents of a page."""
    return "".join(text.split())


def test_the_original_s_three_files(played: Played, tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    done = played.command("show", played.thread, "--files", folder)
    again = played.command("show", played.thread, "--files", folder, code=2).err
    assert "profiling.json and 2 more: there already, and nothing was written" in again
    assert played.command("show", played.thread, "--files", folder, "--overwrite").err == done.err
    assert done.out == "" and done.err.count("wrote ") == 3
    files = {path.name: json.loads(path.read_text("utf-8")) for path in folder.iterdir()}
    assert set(files) == {"profiling.json", "conversation_goal.json", "chat.json"}
    document = played.command.show(played.thread)
    assert files["profiling.json"]["profile"] == document["profile"]
    assert [t["track_id"] for t in files["profiling.json"]["tracks"]] == document["profiling_tracks"]
    assert files["conversation_goal.json"]["goal"] == document["goal"]
    messages = files["chat.json"]["messages"]
    assert [m["role"] for m in messages] == ["user", "music", "assistant"] * 3 + ["user"]
    assert [m["content"] for m in messages if m["role"] == "music"] == [
        turn["recsys"]["track_id"] for turn in document["turns"]
    ]
    assert messages[-1]["goal_progress_assessment"] == document["closing"]["progress"]


@pytest.mark.slow
def test_threads_are_listed_with_what_they_cost(played: Played) -> None:
    rows = played.command("threads", "--json").rows
    assert [list(row) for row in rows] == [LISTED, LISTED]
    by_id = {row["thread_id"]: row for row in rows}
    for row in played.rows:
        listed = by_id[row["thread_id"]]
        assert {key: listed[key] for key in row} == row
        goal = played.command.show(row["thread_id"])["goal"]
        assert listed["goal"] == f"{goal['category']}-{goal['specificity']}"


@pytest.mark.slow
def test_threads_can_be_filtered(own: Command, played: Played) -> None:
    own("branch", played.thread, "--turn", 2, "--agent", "recsys", "--seed", 3)
    first = played.rows[0]
    document = own.show(played.thread)

    def found(*flags: str) -> list[str]:
        return sorted(row["thread_id"] for row in own("threads", *flags, "--json").rows)

    both = found()
    assert len(both) == 3
    assert found("--run", document["run"][:5]) == both
    assert "no run 'nothing'" in own("threads", "--run", "nothing", code=1).err
    branches = found("--parent", played.thread[:8])
    assert len(branches) == 1 and played.thread not in branches
    assert found("--session", first["session_id"]) == sorted([played.thread, *branches])
    assert found("--status", "done") == both and found("--status", "failed") == []
    assert played.thread in found("--topic", document["goal"]["category"].lower())
    assert played.thread not in found("--topic", "A" if document["goal"]["category"] != "A" else "B")
    none = own("threads", "--session", f"{first['session_id'][:-1]}x", code=1).err
    assert "no conversation on session" in none and f"did you mean {first['session_id']}?" in none
    for wrong in (["--status", "lost"], ["--topic", "Z"]):
        assert f"{wrong[0]} {wrong[1]!r}: it must be" in played.command("threads", *wrong, code=2).err


def test_the_table_cuts_no_id(played: Played) -> None:
    out = played.command("threads").out
    assert out.splitlines()[0].split()[:3] == ["thread", "session", "status"]
    for row in played.rows:
        assert row["thread_id"] in out and row["session_id"] in out
