"""`segue ablate`: an experiment from a file to its report; a planted effect is found, an absent one is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.command import Command, Finished

SMALL = """\
name: small
sessions: 2
turn: 2
repetitions: 2
base: {turns: 3, modalities: text}
factors:
  knows_listener:
    yes: {}
    no: {deny: {recsys: [profile]}}
measures: [progress, picks]
"""

# The offline recsys reads requests alone. This template lets it hear the goal, if it was granted, as if it had
# been said.
TELLS = """\
{% set told = view.granted[0][1].split("'listener_goal': ")[-1].split(", 'listener_expertise'")[0]
   if view.granted else "" %}
<request turn={{ turn }} format="{{ answer_format }}">
message: {{ (message ~ " " ~ told if told else message) | json }}
already_played: {{ used_ids | json }}
{% if required_id is not none %}
must_play: {{ required_id | json }}
{% endif %}
</request>
"""

PLANTED = """\
name: does-the-goal-help
sessions: 40
turn: 4
repetitions: 2
base: {modalities: text, answer_rules: 1, prompt: {recsys/turn.j2: tells.j2}}
factors:
  sees_goal:
    no: {}
    yes: {grant: {recsys: [goal]}}
  draw:
    one: {seed: 1}
    two: {seed: 2}
measures: [progress, turns_to_goal]
"""


def plan(command: Command, text: str, **files: str) -> Path:
    for name, content in files.items():
        (command.folder / f"{name}.j2").write_text(content, "utf-8")
    path = command.folder / "plan.yaml"
    path.write_text(text, "utf-8")
    return path


def effect(document: dict[str, Any], factor: str, measure: str) -> dict[str, Any]:
    [found] = [e for e in document["effects"] if (e["factor"], e["measure"]) == (factor, measure)]
    return dict(found)


@dataclass(frozen=True)
class Experiment:
    """A finished experiment that tests read."""

    command: Command
    path: Path
    first: Finished
    threads: list[dict[str, Any]]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Experiment:
    command = Command(tmp_path_factory.mktemp("small"), cache)
    path = plan(command, SMALL)
    first = command("ablate", path, "--json")
    return Experiment(command, path, first, command("threads", "--json").rows)


def test_json_has_stable_keys(small: Experiment) -> None:
    document = small.first.document
    assert list(document) == [
        *("name", "turn", "agent", "repetitions", "seed", "sessions", "trunks", "conversations", "factors"),
        *("measures", "cells", "effects", "savings", "failures"),
    ]
    assert document["conversations"] == {"planned": 8, "played": 8, "failed": 0}
    assert [cell["levels"] for cell in document["cells"]] == [
        {"knows_listener": "yes"},
        {"knows_listener": "no"},
    ]
    assert list(effect(document, "knows_listener", "picks")) == [
        *("kind", "measure", "factor", "level", "reference", "reference_mean", "level_mean", "difference"),
        *("low", "high", "p", "p_holm", "units", "pairs", "unpaired", "found"),
    ]
    assert effect(document, "knows_listener", "picks")["difference"] == 0.0


@pytest.mark.slow
def test_running_again_plays_nothing_and_people_read_the_same_figures(small: Experiment) -> None:
    said = small.command("ablate", small.path)
    assert small.command("threads", "--json").rows == small.threads
    assert "2 trunks x 2 cells x 2 repetitions = 8 conversations" in said.err
    assert "8 of 8 conversations from 2 trunks on 2 sessions; measured from turn 2 on" in said.out
    difference = effect(small.first.document, "knows_listener", "progress")["difference"]
    [line] = [row for row in said.out.splitlines() if row.startswith("progress ")]
    assert "knows_listener: no − yes" in line and f"{difference:+.3f}" in line
    assert "sharing saved" in said.out


def test_running_again_gives_the_same_report(small: Experiment) -> None:
    assert small.command("ablate", small.path, "--json").out == small.first.out


def test_savings_add_up(small: Experiment) -> None:
    """Without sharing each of 8 conversations makes 9 calls or more, for repairs; a branch at least 3 fewer."""
    saved = small.first.document["savings"]
    assert 8 * 9 <= saved["calls"] <= 8 * 10
    assert sum(row["parent"] is None for row in small.threads) == 2
    assert 2 * 9 <= saved["calls_paid"] <= 2 * 10 + 8 * 5
    assert saved["calls_saved"] == saved["calls"] - saved["calls_paid"]
    assert (saved["cost_usd"], saved["cost_paid_usd"], saved["cost_saved_usd"]) == (0.0, 0.0, 0.0)


def test_branches_under_an_altered_partition_are_stamped(small: Experiment) -> None:
    branches = [row["thread_id"] for row in small.threads if row["parent"]]
    threads = small.command("compare", *branches, "--json").document["threads"]
    altered = [thread["altered"] for thread in threads]
    assert altered.count(True) == altered.count(False) == 4
    assert {t["reason"] for t in threads if t["altered"]} == {"ablation small: knows_listener=no"}


@pytest.mark.slow
def test_every_conversation_of_an_experiment_replays(small: Experiment) -> None:
    said = small.command("replay", "--verify")
    assert said.out.count("checkpoints equal") == 10


@pytest.mark.slow
def test_more_trunks_than_sessions_are_recorded_as_what_they_are(command: Command) -> None:
    text = (
        SMALL.replace("sessions: 2", "sessions: 48")
        .replace("repetitions: 2\n", "")
        .replace("turns: 3", "turns: 2")
    )
    said = command("ablate", plan(command, text), "--json")
    assert "48 trunks from 46 sessions that qualify" in said.err
    document = said.document
    assert (document["trunks"], document["sessions"]) == (48, 46)
    found = effect(document, "knows_listener", "progress")
    assert (found["units"], found["pairs"]) == (46, 48)


def test_the_example_can_be_printed_and_read(command: Command) -> None:
    example = command("ablate", "--example").out
    assert example.startswith("# An ablation") and "factors:" in example
    path = plan(command, example.replace("turn: 2", "turn: 9"))
    assert "field 'turn'" in command("ablate", path, code=2).err


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("turn: 2", "turn: two", "plan.yaml, line 3, field 'turn'"),
        (
            "base: {turns: 3",
            "base: {model: nonsense, turns: 3",
            "plan.yaml, line 5, field 'base.model': model 'nonsense'",
        ),
        ("base: {turns: 3", "base: {prompt: {recsys: gone.j2}, turns: 3", "gone.j2"),
        (
            "no: {deny: {recsys: [profile]}}",
            "no: {model: {recsys: x}}",
            "field 'factors': factor 'knows_listener'",
        ),
        ("sessions: 2", "sessions: [nobody]", "no session 'nobody'"),
        ("measures: [progress", "measures: [speed", "no measure 'speed'"),
    ],
)
def test_a_wrong_plan_plays_nothing(command: Command, before: str, after: str, words: str) -> None:
    code = 1 if "session" in words and "nobody" in words else 2
    assert before in SMALL
    assert words in command("ablate", plan(command, SMALL.replace(before, after)), code=code).err
    assert not (command.folder / "segue.db").exists()


ONE_OR_FOUR = """\
name: one-or-four
sessions: 2
base: {turns: 3, modalities: text}
turn: 1
agent: listener
factors:
  pipeline: {four agents: {}, one model: {pipeline: single}}
measures: [progress, picks, listener_words, model_calls, tokens]
"""


@pytest.mark.slow
def test_one_model_is_compared_with_four_agents(command: Command) -> None:
    path = plan(command, ONE_OR_FOUR)
    report = command("ablate", path, "--json").document
    assert report["conversations"] == {"planned": 4, "played": 4, "failed": 0}
    calls = effect(report, "pipeline", "model_calls")
    assert calls["level_mean"] == 1 and calls["reference_mean"] >= 8, "the preparation counts, too"
    assert all(each["unpaired"] == 0 and each["pairs"] == 2 for each in report["effects"])
    again = command("ablate", path)
    assert "4 of 4 conversations from 2 trunks on 2 sessions; measured whole" in again.out
    assert len(command("threads", "--json").rows) == 6, "two trunks, a branch of each, and two of one model"
    path.write_text(ONE_OR_FOUR.replace("[progress", "[reached"), "utf-8")
    assert "'reached' is of goals" in command("ablate", path, code=2).err


def test_no_plan_is_a_question(command: Command) -> None:
    assert "--example" in command("ablate", code=2).err


@pytest.mark.slow
def test_a_failed_conversation_is_told_and_left_out(command: Command) -> None:
    """A template that tells the recsys nothing of its request leaves the offline model without a question."""
    text = SMALL.replace("no: {deny: {recsys: [profile]}}", "no: {prompt: {recsys/turn.j2: mute.j2}}")
    mute = TELLS.replace("already_played", "played_before")
    said = command("ablate", plan(command, text, mute=mute), "--json", code=3)
    document = said.document
    assert document["conversations"] == {"planned": 8, "played": 4, "failed": 4}
    found = effect(document, "knows_listener", "progress")
    assert (found["difference"], found["p"], found["units"], found["unpaired"]) == (None, None, 0, 8)
    assert len(document["failures"]) == 4 and "already_played" in document["failures"][0]["error"]
    assert "failed: " in said.err


@pytest.mark.slow
def test_the_plot(small: Experiment, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "effects.png"
    small.command("ablate", small.path, "--plot", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_plot_that_cannot_be_drawn_is_refused_before_anything_is_played(command: Command) -> None:
    path = plan(command, SMALL)
    assert "must end in" in command("ablate", path, "--plot", "effects.xls", code=2).err
    assert "no folder" in command("ablate", path, "--plot", "gone/effects.png", code=2).err
    assert not (command.folder / "segue.db").exists()


@pytest.mark.slow
def test_a_planted_effect_is_found_and_an_absent_one_is_not(command: Command) -> None:
    """2 x 2 over 40 sessions from turn 4: seeing the goal helps, where the listener has but one; another random stream
    does nothing."""
    document = command("ablate", plan(command, PLANTED, tells=TELLS), "--json").document
    assert document["conversations"] == {"planned": 320, "played": 320, "failed": 0}
    assert (document["sessions"], document["trunks"], len(document["cells"])) == (40, 40, 4)
    seen, sooner = (effect(document, "sees_goal", name) for name in ("progress", "turns_to_goal"))
    assert seen["found"] and seen["difference"] > 0 and seen["low"] > 0
    assert sooner["found"] and sooner["difference"] < 0 and sooner["high"] < 0
    assert (seen["units"], seen["pairs"], seen["unpaired"]) == (40, 160, 0)
    for name in ("progress", "turns_to_goal"):
        drawn = effect(document, "draw", name)
        assert not drawn["found"] and drawn["low"] < 0 < drawn["high"]
    saved = document["savings"]
    assert saved["calls"] == 320 * 19 and saved["calls_saved"] > 0
