"""Plans of a bench: what they may say, what is refused and where, and what each cell is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.evaluation.bench.measures import BENCH_MEASURES
from segue.runs.experiments.bench_ladder import LADDER, ladder_plan
from segue.runs.experiments.bench_plan import BenchPlan, example, parse_bench, read_bench
from segue.runs.settings.config import RunConfig

CELLS = "recommenders: {a: {recsys: popularity}, b: {recsys: random}}\n"


def parse(text: str) -> BenchPlan:
    return parse_bench(text, "plan.yaml", measures=BENCH_MEASURES)


def test_the_example_can_be_read_and_names_its_cells() -> None:
    plan = parse(example())
    assert list(plan.recommenders) == ["popularity", "random", "chat model"] and list(plan.listeners) == [
        "base"
    ]
    config = plan.config("random", "base", RunConfig(concurrency=3))
    assert (config.recsys, config.name, config.concurrency) == ("random", "first-bench/random", 3)
    assert (config.answer_rules, config.sessions) == ("3", 6)


def test_listeners_are_crossed_and_paths_are_seen_from_the_plan(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("- {name: a}\n", encoding="utf-8")
    plan = parse_bench(
        f"name: x\n{CELLS}listeners: {{plain: null, given: {{personas: p.yaml}}}}\n",
        "plan.yaml",
        folder=tmp_path,
        measures=BENCH_MEASURES,
    )
    given = plan.config("a", "given", RunConfig())
    assert (given.personas, given.name) == (tmp_path / "p.yaml", "x/a/given")
    assert plan.config("a", "plain", RunConfig()).personas is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must hold `field: value` lines"),
        (f"name: x\n{CELLS}colour: red\n", "line 3, field 'colour': there is no such field"),
        (f"name: x\n{CELLS}base: {{turnz: 3}}\n", "field 'base.turnz'.*did you mean turns"),
        (f"name: x\n{CELLS}base: {{turns: many}}\n", "field 'base.turns'"),
        (f"name: x\n{CELLS}base: {{answer_rules: 2}}\n", "third rules"),
        (
            "name: x\nrecommenders: {a: {seed: 3}}\n",
            "field 'recommenders.a.seed': it is none of the settings",
        ),
        (
            "name: x\nrecommenders: {a: {recsys: nobody}}\n",
            "field 'recommenders.a.recsys'.*no such recommender; one of",
        ),
        (
            f"name: x\n{CELLS}listeners: {{l: {{listener_words: 900}}}}\n",
            "field 'listeners.l.listener_words'",
        ),
        (f"name: x\n{CELLS}measures: [luck]\n", "there is no measure 'luck'"),
        (f"name: x\n{CELLS}order: [a, c]\n", "order must name recommenders"),
        ("name: x\nrecommenders: {}\n", "field 'recommenders'"),
        ("name: [", "not YAML"),
    ],
)
def test_what_is_wrong_names_line_and_field(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse(text)
    assert "--example" in (caught.value.hint or "")


def test_a_plan_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_bench(tmp_path / "none.yaml", measures=BENCH_MEASURES)


def test_only_oracles_are_granted_the_truth() -> None:
    plan = ladder_plan(sessions=2)
    assert plan.order == list(LADDER)
    assert [plan.partition(name).altered for name in plan.recommenders] == [True, True, *[False] * 4]
