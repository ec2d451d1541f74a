"""Plans of ablations: what YAML says, and that every mistake is named with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.evaluation.measures import MEASURES
from segue.runs.experiments.ablation_plan import AblationPlan, example, parse_ablation, read_ablation
from segue.state.partition import Information
from segue.state.values import Agent

HEAD = """\
name: try
sessions: 3
turn: 4
"""
FACTOR = """\
factors:
  sees_goal:
    no: {}
    yes: {grant: {recsys: [goal]}}
"""


def parse(text: str) -> AblationPlan:
    return parse_ablation(text, "plan.yaml", measures=tuple(MEASURES))


def fault(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.exit_code == 2
    return caught.value.message


def test_the_example_is_a_plan() -> None:
    plan = parse(example())
    assert plan.levels == {"sees_goal": ("no", "yes"), "knows_listener": ("yes", "no")}
    assert (plan.sessions, plan.turn, plan.agent, plan.repetitions) == (5, 2, "recsys", 1)
    assert plan.base.modalities == ("text",) and not plan.interactions


def test_levels_are_called_as_they_are_written() -> None:
    """YAML would read these as False, True, a number and a date."""
    plan = parse(f"{HEAD}factors:\n  a: {{no: {{}}, on: {{seed: 1}}, 1: {{seed: 2}}, 2020-01-01: {{}}}}\n")
    assert plan.levels == {"a": ("no", "on", "1", "2020-01-01")}


def test_a_bare_value_holds_for_every_agent() -> None:
    change = "{model: 'openai:x', modalities: 'text,audio', deny: {listener: [profile]}}"
    plan = parse(f"{HEAD}factors:\n  a:\n    old: {{}}\n    new: {change}\n")
    level = plan.factors["a"]["new"]
    assert {agent: m.name for agent, m in level.model.items()} == dict.fromkeys(Agent, "openai:x")
    assert dict(level.modalities) == {agent: ["text", "audio"] for agent in Agent}
    assert level.deny == {Agent.LISTENER: [Information.PROFILE]}


def test_a_model_may_bring_parameters() -> None:
    plan = parse(f"{HEAD}factors:\n  a:\n    x: {{}}\n    y: {{model: {{recsys: {{temperature: 0.2}}}}}}\n")
    change = plan.factors["a"]["y"].model[Agent.RECSYS]
    assert change.model_dump(exclude_unset=True) == {"temperature": 0.2}


def test_sessions_by_id() -> None:
    assert parse("name: t\nturn: 1\nsessions: [b, a, b]\n" + FACTOR).sessions == ("b", "a")


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        (HEAD + FACTOR + "colour: red\n", 8, "colour", "no such field"),
        (HEAD.replace("turn: 4", "turn: 9") + FACTOR, 3, "turn", "no turn 9"),
        (HEAD.replace("turn: 4", "turn: none") + FACTOR, 3, "turn", "integer"),
        (HEAD.replace("3", "0") + FACTOR, 2, "sessions", "how many"),
        (HEAD.replace("3", "[1]") + FACTOR, 2, "sessions", "session ids"),
        (HEAD + "agent: goal\n" + FACTOR, 4, "agent", "'listener' or 'recsys'"),
        (HEAD + FACTOR + "measures: [progress, speed]\n", 8, "measures.1", "no measure 'speed'"),
        (HEAD + FACTOR + "base:\n  turns: 8\n  tempo: 9\n", 10, "base.tempo", "no such option"),
        (HEAD + FACTOR.replace("goal]", "gaol]"), 7, "factors.sees_goal.yes.grant.recsys.0", "'goal'"),
        (HEAD + FACTOR.replace("recsys:", "recys:"), 7, "factors.sees_goal.yes.grant.recys", "'recsys'"),
        (HEAD + FACTOR.replace("grant", "give"), 7, "factors.sees_goal.yes.give", "no such field"),
        (HEAD + FACTOR.replace("[goal]", "[pool]"), 7, "factors.sees_goal.yes.grant.recsys", "anyway"),
        (HEAD + FACTOR.replace("grant", "deny"), 7, "factors.sees_goal.yes.deny.recsys", "cannot be hidden"),
        (HEAD + "factors:\n  a:\n    one: {}\n", 5, "factors.a", "at least 2"),
        (HEAD + "factors: {}\n", 4, "factors", "at least 1"),
        (HEAD, 1, "factors", "required"),
        (HEAD + "factors:\n  a:\n    x: {}\n    y: {pool_size: 16}\n", 7, "factors.a.y.pool_size", "turn: 1"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_field(text: str, line: int, field: str, words: str) -> None:
    said = fault(text)
    assert said.startswith(f"plan.yaml, line {line}, field {field!r}: ") and words in said


def test_two_factors_may_not_set_the_same_thing() -> None:
    other = "  wording:\n    x: {prompt: {recsys: a.j2}}\n    y: {}\n"
    same = "  tone:\n    x: {}\n    y: {prompt: {recsys/system.j2: b.j2}}\n"
    said = fault(HEAD + FACTOR + other + same)
    assert "line 11, field 'factors.tone'" in said and "prompt of recsys/system.j2" in said
    assert "'wording' sets too" in said
    parse(HEAD + FACTOR + other + same.replace("recsys/system.j2", "listener"))


def test_seeds_of_several_factors_go_together() -> None:
    parse(HEAD + "factors:\n  a: {x: {seed: 1}, y: {seed: 2}}\n  b: {x: {}, y: {seed: 2}}\n")


def test_pool_size_is_a_factor_of_turn_1() -> None:
    text = "name: t\nsessions: 2\nturn: 1\nagent: listener\nfactors:\n  pool: {s: {pool_size: 16}, l: {}}\n"
    assert parse(text).factors["pool"]["s"].pool_size == 16
    assert "turn: 1" in fault(text.replace("agent: listener", "agent: recsys"))


SINGLE = """\
name: t
sessions: 2
turn: 1
agent: listener
factors:
  by: {four: {}, one: {pipeline: single}}
"""


def test_one_model_or_four_is_a_factor_of_whole_conversations() -> None:
    assert parse(SINGLE).single and not parse(example()).single
    parse(SINGLE + "  model: {a: {}, b: {model: 'openai:x'}}\n")
    assert "turn: 1" in fault(SINGLE.replace("agent: listener", "agent: recsys"))
    assert "pipeline, which factor 'by' sets" in fault(SINGLE + "  again: {a: {}, b: {pipeline: single}}\n")


@pytest.mark.parametrize(
    "change",
    [
        "grant: {recsys: [goal]}",
        "model: {recsys: 'openai:x'}",
        "recsys: popularity",
        "pool_size: 16",
        "seed: 1",
        "modalities: {recsys: [text]}",
    ],
)
def test_what_says_nothing_to_one_model_is_not_crossed_with_it(change: str) -> None:
    text = f"{SINGLE}  other: {{a: {{}}, b: {{{change}}}}}\n"
    assert "the model, of all agents alike, and nothing else" in fault(text)
    assert "field 'factors.other.b'" in fault(text)
    same = SINGLE.replace("{pipeline: single}", f"{{pipeline: single, {change}}}")
    assert "the model, of all agents alike, and nothing else" in fault(same)


def test_measures_of_goals_are_refused_where_one_model_has_none() -> None:
    text = f"{SINGLE}measures: [picks, progress]\n"
    known = {"measures": tuple(MEASURES), "of_goals": ("progress",)}
    with pytest.raises(ConfigError, match="'progress' is of goals"):
        parse_ablation(text, "plan.yaml", **known)
    parse_ablation(text.replace("single", "agents"), "plan.yaml", **known)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "field: value"),
        ("", "field: value"),
        ("a: [", "not YAML"),
        ("a: 2016-13-45\n", "not YAML: month must be in 1..12"),
        ("a: &a {b: *a}\n", "not YAML: it holds itself"),
        (HEAD + "name: again\n" + FACTOR, "'name' is there twice"),
        (HEAD + FACTOR + "    yes: {}\n", "'yes' is there twice"),
        ("a: !!python/object:os.system {}\n", "not YAML"),
    ],
)
def test_what_is_no_plan_at_all(text: str, words: str) -> None:
    assert words in fault(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_ablation(tmp_path / "none.yaml", measures=())


def test_paths_are_seen_from_the_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(HEAD + FACTOR, "utf-8")
    assert read_ablation(path, measures=tuple(MEASURES)).folder == tmp_path
