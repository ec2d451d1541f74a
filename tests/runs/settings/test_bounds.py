"""No number without end, and no nesting without end, in what people write."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, get_args

import pytest
from segue.core.errors import ConfigError, SettingError
from segue.core.settings import settings_of
from segue.models.costs.prices import load_prices
from segue.models.spec import ModelSpec
from segue.runs.experiments.ablation_plan import parse_ablation
from segue.runs.settings.config import RunConfig
from segue.runs.settings.plan_file import read_plan_file

NUMBERS = [
    name
    for name, setting in settings_of(RunConfig).items()
    if {float, int} & {setting.kind, *get_args(setting.kind)} and not setting.choices
]
DEEP = ["[" * 5000, "[" * 2000 + "]" * 2000, "{a: " * 2000 + "1" + "}" * 2000]


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, "inf", "nan"])
@pytest.mark.parametrize("name", NUMBERS)
def test_a_setting_is_a_finite_number(name: str, value: Any) -> None:
    with pytest.raises(SettingError) as caught:
        RunConfig(**{name: value})
    assert caught.value.setting == name


def test_the_cap_on_money_is_among_them() -> None:
    assert {"max_cost", "temperature", "seed", "latency"} <= set(NUMBERS)


@pytest.mark.parametrize("written", [".inf", "-.inf", ".nan"])
def test_a_plan_names_the_line(written: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"turns: 2\nmax_cost: {written}\n")
    plan = read_plan_file(path)
    with pytest.raises(ConfigError, match=r"plan.yaml, line 2, key 'max_cost'"), plan.locating():
        RunConfig(**plan.settings(RunConfig))


@pytest.mark.slow
@pytest.mark.parametrize("nest", DEEP)
def test_what_is_nested_too_deeply_is_said_so(nest: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(f"catalog: {nest}\n")
    for read in (read_plan_file, load_prices):
        with pytest.raises(ConfigError, match=r"plan.yaml: .*nested too deeply"):
            read(path)
    with pytest.raises(ConfigError, match="nested too deeply"):
        parse_ablation(f"vary: {nest}", "ablation.yaml", measures=())


@pytest.mark.parametrize("rate", [".inf", ".nan"])
def test_a_price_is_finite(rate: str, tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(f"version: v\nsource: s\nmodels:\n  openai:x: {{text: {rate}, output: 1}}\n")
    with pytest.raises(ConfigError, match="finite"):
        load_prices(path)


@pytest.mark.parametrize("body", ['{"a": NaN}', '{"a": Infinity}', '{"a":' * 3000 + "1" + "}" * 3000])
def test_a_body_of_one_s_own_is_json_that_a_server_can_read(body: str) -> None:
    with pytest.raises(ConfigError, match=r"no JSON value|nested too deeply"):
        ModelSpec.of("openai:x", base_url="http://127.0.0.1:1/v1", extra_body=body)
