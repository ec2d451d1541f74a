"""Conversations that one model writes in one call, through every command that reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command, Played

PLAY = ("run", "--pipeline", "single", "--sessions", 4, "--turns", 5, "--modalities", "text", "--json")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Played:
    command = Command(tmp_path_factory.mktemp("single"), cache)
    done = command(*PLAY)
    return Played(command, done.rows, done.err)


def test_one_call_makes_a_whole_conversation_and_the_same_command_asks_nothing_more(single: Played) -> None:
    assert [(row["status"], row["turns"], row["model_calls"]) for row in single.rows] == [("done", 5, 1)] * 4
    again = single.command(*PLAY)
    assert again.rows == single.rows
    for row in single.rows:
        replayed = single.command("replay", row["thread_id"], "--verify")
        assert "1 call from the ledger, 0 to any model" in replayed.err


def test_negatives_are_turned_down_and_half_of_the_playlist_is_played(single: Played) -> None:
    missed = 0
    for row in single.rows:
        shown = single.command.show(row["thread_id"])
        played = [turn["recsys"]["track_id"] for turn in shown["turns"]]
        labels = [turn["listener"]["progress"] for turn in shown["turns"]]
        missed += labels.count("DOES_NOT_MOVE_TOWARD_GOAL")
        assert len(set(played)) == 5 and shown["goal"] is None and labels[0] is None
        assert len({turn["listener"]["message"] for turn in shown["turns"]}) == 5
        assert all(turn["listener"]["thought"] is None for turn in shown["turns"])
    assert 0 < missed <= 4, "one turn in four at most"


def test_rows_go_out_and_come_in_again(single: Played, tmp_path: Path) -> None:
    single.command("export", tmp_path / "out", "--no-pictures", "--split", "none")
    single.command("import", tmp_path / "out", "--name", "again")
    imported = [row for row in single.command("threads", "--json").rows if row["status"] == "imported"]
    assert len(imported) == 4 and all(row["turns"] == 5 for row in imported)
    audited = single.command("audit", "--data", tmp_path / "out", code=(0, 5))
    assert "repeated-text" in audited.out


def test_what_needs_agents_says_so(single: Played) -> None:
    thread = single.rows[0]["thread_id"]
    for line in (("audit", thread), ("branch", thread, "--turn", 1, "--agent", "recsys", "--count", 1)):
        refused = single.command(*line, code=2)
        assert "one model in one call" in refused.err


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--recsys", "popularity"), "--recsys is for the four agents"),
        (("--actions", "play,ask"), "--actions is for the four agents"),
        (("--pool-size", 30), "half of such a playlist cannot be played in 8 turns"),
        (("--listener-model", "openai:x"), "one model writes the whole conversation"),
    ],
)
def test_settings_that_are_for_agents_are_refused(
    single: Played, given: tuple[object, ...], told: str
) -> None:
    refused = single.command("run", "--pipeline", "single", *given, code=2)
    assert told in refused.err


def test_what_four_agents_play_keeps_its_ids(single: Played) -> None:
    """`agents` is the default, and stands in no id."""
    plain, said = (
        single.command("run", "--sessions", 1, "--turns", 1, "--modalities", "text", "--json", *more).rows
        for more in ((), ("--pipeline", "agents"))
    )
    assert plain == said
