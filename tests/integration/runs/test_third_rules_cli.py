"""Goals with criteria: verdicts are stored, replayed and shown; nobody who plays sees them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from segue import open_store
from segue.dataset.arrow import CONVERSATIONS, EXTRAS
from support.command import Command, Played

PLAY = ("run", "--modalities", "text", "--turns", 4, "--sessions", 3, "--answer-rules", 3, "--json")


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Played:
    command = Command(tmp_path_factory.mktemp("verified"), cache)
    done = command(*PLAY)
    return Played(command, done.rows, done.err)


def test_every_track_has_a_verdict_that_follows_from_the_criteria(verified: Played) -> None:
    for row in verified.rows:
        shown = verified.command.show(row["thread_id"])
        right, wanted = shown["goal"]["criteria"]["track_ids"], shown["goal"]["criteria"]["wanted_tracks"]
        assert shown["goal"]["wanted_tracks"] == wanted and right
        found: set[str] = set()
        for turn in shown["turns"]:
            verdict = turn["verdict"]
            if verdict["goal_turn"] > 0:  # a goal that the listener opened comes without criteria
                assert (verdict["met"], verdict["clauses"]) == (None, [])
                continue
            clauses = [clause["clause"] for clause in verdict["clauses"]]
            assert clauses == shown["goal"]["criteria"]["clauses"]
            assert (verdict["met"] is True) == (turn["recsys"]["track_id"] in right)
            found |= {turn["recsys"]["track_id"]} & set(right)
            assert (verdict["found"], verdict["reached"]) == (len(found), len(found) >= wanted)
        assert shown["turns"][1]["listener"]["next_step"] in ("keep_looking", "new_goal", "wind_down")


def test_it_replays_from_the_ledger_and_the_partition_holds(verified: Played) -> None:
    command, threads = verified.command, [row["thread_id"] for row in verified.rows]
    assert "equal" in command("replay", "--verify", *threads).out
    report = command("audit", "--json").document
    assert report["sound"] and report["matrix"]["recsys"]["truth of the goal"]["rule"] == "never"
    history = command("history", threads[0], "--json").rows
    assert [step["turn"] for step in history if step["agent"] == "verifier"] == [1, 2, 3, 4]


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["listener", "recsys"])
def test_a_branch_has_one_verdict_a_turn(verified: Played, tmp_path: Path, agent: str) -> None:
    command = verified.command.copied(tmp_path / agent)
    thread = verified.rows[0]["thread_id"]
    [branch] = command(
        "branch", thread, "--turn", 3, "--agent", agent, "--say", "Something else", "--json"
    ).rows
    command("replay", "--verify", branch["thread_id"])
    turns = command.show(branch["thread_id"])["turns"]
    assert len(turns) == 4
    for turn in turns:
        assert (turn["verdict"]["met"] is None) == (turn["verdict"]["goal_turn"] > 0)


@pytest.fixture(scope="module")
def exported(verified: Played) -> Path:
    verified.command("export", "data", "--no-pictures")
    return verified.command.folder / "data"


def _columns(folder: Path, table: str) -> list[str]:
    [file, *_] = sorted((folder / table).glob("*.parquet"))
    return list(pl.read_parquet_schema(file))


def test_it_exports_in_the_published_schema_with_verdicts_beside_it(verified: Played, exported: Path) -> None:
    assert _columns(exported, "data") == list(CONVERSATIONS)
    extras = pl.read_parquet(exported / "extras" / "*.parquet").to_dicts()
    for extra in extras:
        shown = verified.command.show(extra["thread_id"])
        criteria = shown["goal"]["criteria"]
        assert (extra["criteria"], extra["wanted_tracks"]) == (criteria["text"], criteria["wanted_tracks"])
        assert extra["right_tracks"] == criteria["track_ids"]
        told = [
            {name: v[name] for name in turn["verdict"]}
            for turn, v in zip(shown["turns"], extra["verdicts"], strict=True)
        ]
        assert told == [turn["verdict"] for turn in shown["turns"]]
        assert extra["next_steps"] == [turn["listener"].get("next_step") for turn in shown["turns"]]
        known = [verdict for verdict in extra["verdicts"] if verdict["goal_turn"] == 0]
        assert known and all(isinstance(verdict["moves"], bool) for verdict in known)
    assert "| goals reached | all |" in (exported / "README.md").read_text("utf-8")


def test_figures_are_the_same_of_the_store_the_export_and_an_import(verified: Played, exported: Path) -> None:
    command = verified.command
    [stored] = command("stats", "--json").rows
    [read] = command("stats", exported, "--json").rows
    assert stored["groups"]["all"]["verdicts"] == read["groups"]["all"]["verdicts"]
    assert stored["groups"]["all"]["verdicts"]["all"]["conversations"] == 3
    assert "labels that agree with the verdict" in command("stats").out
    (command.folder.parent / "importing").mkdir()
    other = Command(command.folder.parent / "importing", command.cache)
    other("import", exported)
    [imported] = other("stats", "--json").rows
    assert imported["groups"]["all"]["verdicts"] == read["groups"]["all"]["verdicts"]
    other("export", "again", "--no-pictures")
    assert _columns(other.folder / "again", "extras") == _columns(exported, "extras")
    for data in (("--all",), ("--data", exported)):
        agreement = command("audit", *data, "--only", "verdict-agreement", "--json").document
        [audit] = agreement["data"][0]["audits"]
        found = {metric["name"]: metric for metric in audit["metrics"]}
        figures = read["groups"]["all"]["verdicts"]["all"]
        assert (found["agree"]["count"], found["agree"]["of"]) == (figures["agreed"], figures["labels"])


def test_nobody_names_another_track_tells_the_goal_or_knows_the_target(verified: Played) -> None:
    names = ("other-tracks", "private-words", "target-named", "doubled-thoughts")
    only = [word for name in names for word in ("--only", name)]
    [data] = verified.command("audit", "--all", *only, "--json").document["data"]
    metrics = [metric for audit in data["audits"] for metric in audit["metrics"]]
    assert all(audit["applicable"] for audit in data["audits"]) and len(metrics) == 12
    assert [metric["name"] for metric in metrics if metric["count"]] == []


def test_what_the_verifier_says_stands_beside_the_label(verified: Played) -> None:
    thread = verified.rows[0]["thread_id"]
    text, shown = verified.command("show", thread).out, verified.command.show(thread)
    told = [line for line in text.splitlines() if "toward the goal" in line]
    assert len(told) == 4 and all(" · verifier: " in line for line in told)
    first = shown["turns"][0]["verdict"]
    wanted = shown["goal"]["wanted_tracks"]
    assert (f"a right track ({first['found']} of {wanted})" in told[0]) == first["met"]


def test_python_has_the_verdicts_beside_the_labels(verified: Played) -> None:
    with open_store(f"sqlite:///{verified.command.folder}/segue.db") as store:
        frame = store.tables.turns()
        for row in verified.rows:
            given = [turn["verdict"] for turn in verified.command.show(row["thread_id"])["turns"]]
            turns = store.conversation(row["thread_id"]).turns
            assert [turn.met for turn in turns] == [verdict["met"] for verdict in given]
            own = frame.filter(pl.col("thread_id") == row["thread_id"])
            assert own["reached"].to_list() == [verdict["reached"] for verdict in given]


def test_it_is_estimated(verified: Played) -> None:
    estimate = verified.command("estimate", *PLAY[1:]).document
    assert estimate["already_done"] == 3


@pytest.mark.slow
def test_other_rules_are_another_run_and_have_no_verdicts(verified: Played, tmp_path: Path) -> None:
    command = verified.command.copied(tmp_path / "both")
    first = command("run", "--modalities", "text", "--turns", 4, "--answer-rules", 1, "--json").rows[0]
    shown = command.show(first["thread_id"])
    assert "criteria" not in shown["goal"] and "verdict" not in shown["turns"][0]
    assert "verifier" not in command("show", first["thread_id"]).out
    command("export", "old", "--run", shown["run"], "--no-pictures")
    assert _columns(command.folder / "old", "extras") == list(EXTRAS)
    assert first["thread_id"] not in {row["thread_id"] for row in verified.rows}


@pytest.mark.slow
def test_a_natural_length_ends_when_the_listener_is_done(command: Command, tmp_path: Path) -> None:
    (tmp_path / "personas.yaml").write_text("- {name: hasty, words: 6, patience: 2}\n", encoding="utf-8")
    natural = ("--length", "natural", "--personas", tmp_path / "personas.yaml", "--turns", 8)
    played = command("run", *PLAY[1:], *natural, "--sessions", 6)
    assert "6 conversations of 8 turns at most" in played.err
    rows = played.rows
    assert {row["status"] for row in rows} == {"done"}
    assert 2 <= min(row["turns"] for row in rows) < 8
    ended = [command.show(row["thread_id"]) for row in rows if row["turns"] < 8]
    for shown in ended:
        assert shown["closing"]["next_step"] == "stop" and shown["closing"]["farewell"]
        assert shown["persona"]["name"] == "hasty"
    command("replay", "--verify", *[row["thread_id"] for row in rows])
    assert command("audit", "--json").document["sound"]
    command("export", tmp_path / "data")
