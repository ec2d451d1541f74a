"""`segue branch`: one thing done differently, the trunk left as it was, everything before it shared."""

from __future__ import annotations

from typing import Any

import pytest
from support.command import Command, Played
from support.gemini.server import GeminiServer


def branch(own: Command, thread: str, *flags: object) -> list[dict[str, Any]]:
    return own("branch", thread, *flags, "--json").rows


def history(own: Command, thread: str) -> str:
    return own("history", thread, "--json").out


def test_words_in_the_listener_s_mouth(own: Command, played: Played) -> None:
    before = own("show", played.thread, "--json").out, history(own, played.thread)
    say = "Something with bells, please."
    [row] = branch(own, played.thread, "--turn", 2, "--agent", "listener", "--say", say, "--reason", "bells")
    assert (row["status"], row["turns"], row["parent"]) == ("done", 3, played.thread)
    made, trunk = own.show(row["thread_id"]), own.show(played.thread)
    assert made["turns"][0] == trunk["turns"][0]
    assert made["turns"][1]["listener"] == {**trunk["turns"][1]["listener"], "message": say}
    assert (made["profile"], made["goal"], made["pool"]) == (trunk["profile"], trunk["goal"], trunk["pool"])
    assert (own("show", played.thread, "--json").out, history(own, played.thread)) == before
    fork = own("tree", row["thread_id"], "--json").document["branches"][0]["fork"]
    assert (fork["reason"], fork["edits"]["say"]) == ("bells", say)


def test_the_prefix_is_the_parent_s(own: Command, played: Played) -> None:
    [row] = branch(own, played.thread, "--turn", 3, "--agent", "recsys", "--seed", 9)
    mine = own("history", row["thread_id"], "--json").rows
    parents = own("history", played.thread, "--json").rows
    assert mine[:8] == parents[:8], "up to the listener's third message"


def test_a_track_is_played_as_asked(own: Command, played: Played) -> None:
    trunk = own.show(played.thread)
    used = {turn["recsys"]["track_id"] for turn in trunk["turns"]}
    track = next(i for i in trunk["pool"] if i not in used)
    [row] = branch(own, played.thread, "--turn", 2, "--agent", "recsys", "--track", track)
    made = own.show(row["thread_id"])
    assert made["turns"][1]["recsys"]["track_id"] == track
    assert made["turns"][1]["recsys"]["message"].strip()
    assert made["turns"][1]["listener"] == trunk["turns"][1]["listener"]
    assert own("replay", row["thread_id"], "--verify").out.endswith("checkpoints equal\n")
    assert own("audit", row["thread_id"], "--json").document["sound"]


@pytest.mark.slow
def test_words_and_track_of_the_recsys_by_hand(own: Command, played: Played) -> None:
    trunk = own.show(played.thread)
    used = {turn["recsys"]["track_id"] for turn in trunk["turns"]}
    track = next(i for i in trunk["pool"] if i not in used)
    by_hand = ("--say", "Try this one.", "--track", track)
    [row] = branch(own, played.thread, "--turn", 1, "--agent", "recsys", *by_hand)
    reply = own.show(row["thread_id"])["turns"][0]["recsys"]
    assert (reply["message"], reply["track_id"]) == ("Try this one.", track)
    records = own.show(row["thread_id"])["records"]
    edited = [r for r in records if r["outcome"] == "by hand"]
    assert [(r["turn"], r["agent"], r["calls"]) for r in edited] == [(1, "recsys", [])]


@pytest.mark.slow
def test_several_draws_differ_and_the_same_command_finds_them_again(own: Command, played: Played) -> None:
    flags = ("--turn", 2, "--agent", "listener", "--count", 3)
    rows = branch(own, played.thread, *flags)
    ids = [row["thread_id"] for row in rows]
    assert len(set(ids)) == 3
    drawn = [own.show(i)["turns"][1:] for i in ids]
    assert drawn[0] == own.show(played.thread)["turns"][1:], "the first draw keeps the parent's stream"
    assert drawn[1] != drawn[0] and drawn[2] not in drawn[:2]
    assert branch(own, played.thread, *flags) == rows
    assert len(own("threads", "--parent", played.thread, "--json").rows) == 3


@pytest.mark.slow
def test_another_model_is_asked_from_there_on(command: Command, gemini: GeminiServer) -> None:
    flags = ("--modalities", "text", "--turns", 2, "--base-url", gemini.url, "--json")
    thread = command("run", *flags).rows[0]["thread_id"]
    assert gemini.exchanges == []
    other = ("--model", "google_genai:gemini-2.5-flash")
    arguments = ("branch", thread, "--turn", 2, "--agent", "recsys", *other, "--json")
    assert "GOOGLE_API_KEY" in command(*arguments, code=2).err
    [row] = command(*arguments, GOOGLE_API_KEY="test").rows
    assert row["status"] == "done"
    assert len(gemini.exchanges) == 1 and gemini.asks[0].track_ids
    assert command.show(row["thread_id"])["turns"][0] == command.show(thread)["turns"][0]


def test_other_modalities_from_there_on_are_checked(own: Command, played: Played) -> None:
    flags = ("--turn", 2, "--agent", "recsys", "--modalities", "text,audio")
    failed = own("branch", played.thread, *flags, code=2)
    assert "no track of the catalogue has audio" in failed.err


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--turn", "2", "--agent", "goal"), 2, "it must be listener or recsys"),
        (("--turn", "9", "--agent", "recsys"), 1, "has no turn 9 of the recsys"),
        (("--turn", "0", "--agent", "recsys"), 2, "--turn"),
        (("--turn", "2", "--agent", "listener", "--track", "x"), 2, "the listener picks no tracks"),
        (("--turn", "2", "--agent", "recsys", "--track", "x"), 2, "'x' is not in the pool"),
        (("--turn", "2", "--agent", "recsys", "--model", "gemini"), 2, "'gemini'"),
        (("--agent", "recsys"), 2, "--turn"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    own: Command, played: Played, flags: tuple[str, ...], code: int, words: str
) -> None:
    failed = own("branch", played.thread, *flags, code=code)
    assert words in failed.err and "Traceback" not in failed.err
    assert failed.out == ""
    assert len(own("threads", "--json").rows) == 2


def test_a_track_that_was_played_before_is_refused(own: Command, played: Played) -> None:
    played_first = own.show(played.thread)["turns"][0]["recsys"]["track_id"]
    flags = ("--turn", 2, "--agent", "recsys", "--track", played_first)
    assert "was already recommended" in own("branch", played.thread, *flags, code=2).err


def test_show_prints_the_branch(own: Command, played: Played) -> None:
    done = own("branch", played.thread, "--turn", 3, "--agent", "recsys", "--seed", 2, "--show")
    assert f"branch of {played.thread}" in done.out
    assert f"segue compare {played.thread}" in done.err
