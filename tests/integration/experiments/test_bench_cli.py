"""The bench from the command line: paired cells, resumed, told in tables and as JSON; oracles kept out of exports."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

PLAN = """
name: small
base: {catalog: demo, sessions: 3, turns: 4, model: offline, modalities: text}
recommenders:
  popularity: {recsys: popularity}
  oracle: {recsys: oracle}
listeners:
  base: {}
  hasty: {personas: hasty.yaml}
measures: [reached, right_tracks, progress]
order: [oracle, popularity]
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "hasty.yaml").write_text("- {name: hasty, words: 5}\n", encoding="utf-8")
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return path


@pytest.mark.slow
def test_cells_share_sessions_and_goals_and_the_same_command_resumes(command: Command, plan: Path) -> None:
    first = command("bench", plan, "--json").document
    assert first["conversations"] == {"planned": 12, "played": 12, "failed": 0, "left_out": 0}
    assert [(c["recommender"], c["listener"]) for c in first["cells"]] == [
        ("popularity", "base"),
        ("oracle", "base"),
        ("popularity", "hasty"),
        ("oracle", "hasty"),
    ]
    calls = sum(row["model_calls"] for row in command("threads", "--json").rows)
    assert command("bench", plan, "--json").document == first
    assert sum(row["model_calls"] for row in command("threads", "--json").rows) == calls
    shown = [command.show(row["thread_id"]) for row in command("threads", "--json").rows]
    goals = {(s["session_id"], s["goal"]["criteria"]["text"]) for s in shown}
    assert len(goals) == 3, "one goal a session, whoever recommends and listens"


@pytest.mark.slow
def test_it_is_told_in_tables_and_the_oracle_stays_out_of_exports(
    command: Command, plan: Path, tmp_path: Path
) -> None:
    told = command("bench", plan).out
    assert "recommender: oracle − popularity" in told
    assert "tracks that move toward the goal, by turn\nrecommender  listener     1    2    3    4\n" in told
    assert "known order: oracle, popularity" in told
    exported = command("export", tmp_path / "data").err
    assert "6 conversations" in exported
    oracle = command("threads", "--run", "small/oracle/base", "--json").rows
    assert len(oracle) == 3
    audit = command("audit", "--json").document
    assert audit["sound"]


@pytest.mark.parametrize("oracle", ["oracle", "oracle(noise=0.3)#v2"])
def test_a_run_tells_no_oracle_what_is_right(command: Command, oracle: str) -> None:
    refused = command("run", "--recsys", oracle, "--turns", 1, "--modalities", "text", code=2)
    assert "a run tells no recommender" in refused.err and "segue bench" in refused.err


@pytest.mark.slow
def test_a_plan_that_was_changed_needs_another_name(command: Command, plan: Path) -> None:
    command("bench", plan)
    plan.write_text(PLAN.replace("turns: 4", "turns: 2"), encoding="utf-8")
    refused = command("bench", plan, code=1)
    assert "turns: 4 -> 2" in refused.err and "another name than 'small'" in refused.err
    assert "--name" not in refused.err


def test_a_plan_or_the_ladder(command: Command, plan: Path) -> None:
    assert "not both" in command("bench", plan, "--ladder", code=2).err
    assert "--example" in command("bench", code=2).err
    assert command("bench", "--example").out.startswith("# A bench")


def test_cells_that_may_act_otherwise_keep_the_goals_and_the_ladder_its_repeats(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "acts.yaml").write_text(
        "name: acts\nbase: {sessions: 4, turns: 2, modalities: text}\n"
        "recommenders: {plays: {}, asks: {actions: 'play,ask'}}\nmeasures: [questions]\n",
        encoding="utf-8",
    )
    report = command("bench", tmp_path / "acts.yaml", "--json").document
    assert report["conversations"] == {"planned": 8, "played": 8, "failed": 0, "left_out": 0}
    rows = command("threads", "--json").rows
    turns = [turn for row in rows for turn in command.show(row["thread_id"])["turns"]]
    assert "ask" in {turn["recsys"].get("action", "play") for turn in turns}
    refused = command("bench", "--ladder", "--repeats", 2000, code=2).err
    assert "repeats: Input should be less than or equal to 1000" in refused


@pytest.mark.slow
def test_an_ablation_swaps_the_recommender_at_a_turn(command: Command, tmp_path: Path) -> None:
    (tmp_path / "swap.yaml").write_text(
        "name: swap\nsessions: 2\nturn: 3\nbase: {turns: 4, modalities: text, answer_rules: 3}\n"
        "factors: {who: {popular: {recsys: popularity}, chance: {recsys: random}}}\n"
        "measures: [right_tracks, progress]\n",
        encoding="utf-8",
    )
    report = command("ablate", tmp_path / "swap.yaml", "--json").document
    assert report["conversations"] == {"planned": 4, "played": 4, "failed": 0}
    assert {effect["measure"] for effect in report["effects"]} == {"right_tracks", "progress"}
    branches = [row["thread_id"] for row in command("threads", "--json").rows if row["parent"]]
    recsys = [step for step in command("history", branches[0], "--json").rows if step["agent"] == "recsys"]
    assert len(recsys) == 4
    command("replay", "--verify", *branches)


def test_who_cannot_be_opened_is_told_before_anything_is_stored(command: Command, tmp_path: Path) -> None:
    bench, swap = tmp_path / "bench.yaml", tmp_path / "swap.yaml"
    bench.write_text(
        "name: x\nrecommenders: {a: {recsys: random}, b: {recsys: 'python:nowhere:X'}}\n", "utf-8"
    )
    swap.write_text(
        "name: x\nsessions: 1\nturn: 1\nfactors: {who: {a: {}, b: {recsys: 'python:nowhere:X'}}}\n", "utf-8"
    )
    for arguments in (("bench", bench), ("ablate", swap)):
        assert "nowhere cannot be imported" in command(*arguments, code=(1, 2)).err
        assert command("runs", "--json", code=(0, 1)).out in ("", "[]\n")
