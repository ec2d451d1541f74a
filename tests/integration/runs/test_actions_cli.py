"""A recsys that may ask and say that nothing fits: played, killed, resumed, told, exported."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from segue import open_store
from segue.dataset.arrow import CONVERSATIONS
from support.command import Command, Played

SHAPE = ("--modalities", "text", "--turns", 5, "--sessions", 4, "--answer-rules", 3, "--length", "natural")
PLAY = ("run", *SHAPE, "--actions", "play,ask,no_match", "--json")


@pytest.fixture(scope="module")
def acting(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Played:
    command = Command(tmp_path_factory.mktemp("acting"), cache)
    done = command(*PLAY)
    return Played(command, done.rows, done.err)


def actions(command: Command, thread: str) -> list[str]:
    return [turn["recsys"]["action"] for turn in command.show(thread)["turns"]]


def test_questions_are_answered_and_what_was_not_played_is_not_judged(acting: Played) -> None:
    seen = set[str]()
    for row in acting.rows:
        shown = acting.command.show(row["thread_id"])
        done = actions(acting.command, row["thread_id"])
        seen |= set(done)
        assert "ask" not in done[4:] and not any(a == b == "ask" for a, b in pairwise(done))
        for turn, after in pairwise(shown["turns"]):
            played = turn["recsys"]["action"] == "play"
            assert (turn["recsys"]["track_id"] is not None) == played == (turn["verdict"] is not None)
            assert (after["listener"]["progress"] is not None) == played
            assert turn["recsys"]["message"] and after["listener"]["message"]
    assert seen >= {"play", "ask"}, "the offline recommender asks where it would only guess"


@pytest.mark.slow
def test_it_replays_the_partition_holds_and_the_figures_agree(acting: Played) -> None:
    command = acting.command
    assert "0 to any model" in command("replay", "--verify").err
    assert command("audit", "--json").document["sound"]
    done = [action for row in acting.rows for action in actions(command, row["thread_id"])]
    [stored] = command("stats", "--json").rows
    figures = stored["groups"]["all"]["actions"]
    assert (figures["turns"], figures["questions"]) == (len(done), done.count("ask"))
    assert figures["refusals"] == done.count("no_match") and figures["unanswered"] == 0
    assert "questions unanswered" in command("stats").out
    [data] = command("audit", "--all", "--only", "actions", "--json").document["data"]
    found = {metric["name"]: metric for metric in data["audits"][0]["metrics"]}
    assert (found["asks"]["count"], found["asks"]["of"]) == (done.count("ask"), len(done))


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_conversations(acting: Played, tmp_path: Path) -> None:
    again = Command(tmp_path, acting.command.cache)
    with again.start(*PLAY, "--latency", 0.02, "--concurrency", 1) as process:
        assert process.stdout is not None and process.stdout.readline()
        process.kill()
    again(*PLAY)
    threads = [row["thread_id"] for row in acting.rows]
    assert {row["thread_id"] for row in again("threads", "--json").rows} == set(threads)
    for thread in threads:
        ours, theirs = acting.command.show(thread), again.show(thread)
        assert ours["turns"] == theirs["turns"] and ours["closing"] == theirs["closing"]


def test_the_published_table_holds_what_was_played_and_an_import_is_whole_again(
    acting: Played, tmp_path: Path
) -> None:
    command = acting.command
    command("export", "data", "--no-pictures", "--split", "none")
    assert list(pl.read_parquet_schema(command.folder / "data/data/train.parquet")) == list(CONVERSATIONS)
    rows = {
        row["session_id"]: row for row in pl.read_parquet(command.folder / "data/data/*.parquet").to_dicts()
    }
    for extra in pl.read_parquet(command.folder / "data/extras/*.parquet").to_dicts():
        done = actions(command, extra["thread_id"])
        roles = [message["role"] for message in rows[extra["session_id"]]["conversations"]]
        assert roles == ["user", "music", "assistant"] * done.count("play")
        assert [turn["action"] for turn in extra["unplayed"]] == [one for one in done if one != "play"]
        assert extra["actions"] == ["play", "ask", "no_match"]
    other = Command(tmp_path, command.cache)
    other("import", command.folder / "data")
    for row in other("threads", "--json").rows:
        theirs = other.show(row["thread_id"])
        [ours] = [one for one in acting.rows if one["session_id"] == row["session_id"]]
        shown = command.show(ours["thread_id"])
        assert [turn["recsys"] for turn in theirs["turns"]] == [turn["recsys"] for turn in shown["turns"]]
    other("export", "again", "--no-pictures")
    again = pl.read_parquet_schema(other.folder / "again/extras/train.parquet")
    assert list(again) == list(pl.read_parquet_schema(command.folder / "data/extras/train.parquet"))


@pytest.mark.slow
def test_it_is_shown_compared_judged_estimated_and_read_as_a_frame(acting: Played) -> None:
    command = acting.command
    asked = next(r["thread_id"] for r in acting.rows if "ask" in actions(command, r["thread_id"]))
    assert "asks, and plays nothing" in command("show", asked).out
    other = next(row["thread_id"] for row in acting.rows if row["thread_id"] != asked)
    assert "asks, and plays nothing" in command("compare", asked, other).out
    compared = command("compare", asked, other, "--json").document
    assert compared["measures"]["questions"]["values"][asked] == actions(command, asked).count("ask")
    assert command("judge", asked, "--model", "offline", "--json").rows
    assert command("estimate", *SHAPE, "--actions", "play,ask", "--json").document
    with open_store(f"sqlite:///{command.folder}/segue.db") as store:
        frame = store.tables.turns().filter(pl.col("thread_id") == asked)
        assert frame["action"].to_list() == actions(command, asked)
        assert (
            frame.filter(pl.col("action") != "play")["track_id"].null_count()
            == len(frame) - frame["action"].eq("play").sum()
        )


@pytest.mark.parametrize("how", [("--say", "Say more of it, please."), ("--seed", 7)])
def test_a_branch_of_a_turn_without_a_track(acting: Played, tmp_path: Path, how: tuple[object, ...]) -> None:
    command = acting.command.copied(tmp_path / "branched")
    thread, done = next(
        (row["thread_id"], done)
        for row in acting.rows
        if "ask" in (done := actions(command, row["thread_id"]))
    )
    turn = done.index("ask") + 1
    [branch] = command("branch", thread, "--turn", turn, "--agent", "recsys", *how, "--json").rows
    command("replay", "--verify", branch["thread_id"])
    shown = command.show(branch["thread_id"])
    if how[0] == "--say":
        assert shown["turns"][turn - 1]["recsys"]["action"] == "ask", "it stays a question in other words"
        assert shown["turns"][turn - 1]["recsys"]["message"] == how[1]


@pytest.mark.slow
def test_actions_are_a_factor_of_ablations_on_shared_sessions(command: Command) -> None:
    plan = command.write(
        "name: asking\nsessions: 2\nturn: 1\nagent: recsys\n"
        'base: {turns: 3, modalities: text, answer_rules: "3"}\n'
        "factors:\n  actions:\n    plays: {}\n    asks: {actions: 'play,ask,no_match'}\n"
        "measures: [questions, refusals, picks]\n"
    )
    report = command("ablate", plan, "--json").document
    told = [cell for cell in report["cells"] if cell["levels"]["actions"] == "asks"]
    plays = [cell for cell in report["cells"] if cell["levels"]["actions"] == "plays"]
    assert told and plays
    for row in command("threads", "--json").rows:
        command("replay", "--verify", row["thread_id"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--actions", "play,ask", "--answer-rules", 2), "for the third rules of answers"),
        (("--actions", "ask"), "play must be among them"),
        (("--actions", "play,dance"), "there is no action 'dance'; one of play, ask, no_match"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_played(
    command: Command, given: tuple[object, ...], said: str
) -> None:
    refused = command("run", *given, code=2)
    assert said in refused.err and not (command.folder / "segue.db").exists()


def test_a_branch_goes_on_under_other_actions(acting: Played) -> None:
    command = acting.command
    asked = next(row["thread_id"] for row in acting.rows if "ask" in actions(command, row["thread_id"]))
    turn = actions(command, asked).index("ask") + 1
    at = ("branch", asked, "--agent", "recsys", "--json")
    [plays] = command(*at, "--turn", turn, "--actions", "play").rows
    shown = command.show(plays["thread_id"])["turns"]
    assert all(turn["recsys"]["track_id"] and "action" not in turn["recsys"] for turn in shown)
    on = ("branch", plays["thread_id"], "--agent", "recsys", "--json", "--turn", turn)
    [asks] = command(*on, "--actions", "no_match,play").rows
    assert set(actions(command, asks["thread_id"])) <= {"play", "no_match"}
    assert "0 to any model" in command("replay", plays["thread_id"], "--verify").err
    assert command("audit", "--json").document["sound"]
    late = command(*at, "--turn", turn + 1, "--actions", "play", code=2).err
    assert f"on turn {turn} nothing was played" in late and f"branch on turn {turn} or before it" in late
    refused = command(*at, "--turn", turn, "--actions", "play,sing", code=2).err
    assert "--actions play,sing: there is no action 'sing'; one of play, ask, no_match" in refused


def test_actions_are_refused_under_rules_that_know_of_none(command: Command) -> None:
    [played] = command("run", "--answer-rules", 1, "--turns", 1, "--modalities", "text", "--json").rows
    at = ("--turn", 1, "--agent", "recsys", "--actions", "play,ask")
    assert "for the third rules of answers" in command("branch", played["thread_id"], *at, code=2).err
