"""`RunConfig`: what may be given from Python, files and the environment, and what is said of what may not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from segue.core.errors import ConfigError, InputError, SettingError
from segue.core.settings import blaming, settings_of
from segue.runs.plan import RunPlan
from segue.runs.settings.config import SECTIONS, ExecutionSettings, RunConfig, ShapeSettings
from support.runs.staging import catalog, prompts


def test_every_field_says_something_of_itself_and_stands_in_one_section() -> None:
    assert list(settings_of(RunConfig)) == list(RunConfig.model_fields)
    assert [name for section in SECTIONS for name in settings_of(section)] == list(RunConfig.model_fields)


def test_ten_settings_come_first() -> None:
    assert sum(setting.about.first for setting in settings_of(RunConfig).values()) == 10


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"turns": "4"}, {"turns": 4}),
        ({"name": 2016}, {"name": "2016"}),
        ({"modalities": "text"}, {"modalities": ("text",)}),
        ({"modalities": ["text", "audio"]}, {"modalities": ("text,audio",)}),
        ({"modalities": ["text", "recsys=text,audio"]}, {"modalities": ("text", "recsys=text,audio")}),
        ({"modalities": {"recsys": ["text", "image"]}}, {"modalities": ("recsys=text,image",)}),
        ({"prompt": {"recsys": "mine.j2"}}, {"prompt": ("recsys=mine.j2",)}),
        ({"requests_per_minute": 600}, {"requests_per_minute": ("600",)}),
        ({"requests_per_minute": {"openai": 600}}, {"requests_per_minute": ("openai=600",)}),
        ({"prices": "prices.yaml"}, {"prices": Path("prices.yaml")}),
        ({"temperature": None}, {"temperature": None}),
    ],
)
def test_what_may_be_given(given: dict[str, Any], kept: dict[str, Any]) -> None:
    config = RunConfig(**given)
    assert {name: getattr(config, name) for name in kept} == kept


@pytest.mark.parametrize(
    ("given", "setting", "words"),
    [
        ({"turns": 99}, "turns", "turns: Input should be less than or equal to 64"),
        ({"turns": 2.5}, "turns", "turns: Input should be a valid integer"),
        ({"turns": True}, "turns", "turns: must not be true"),
        ({"turns": [1, 2]}, "turns", "turns: must be one value"),
        ({"lease_seconds": 1e13}, "lease_seconds", "less than or equal to 1000000"),
        ({"lease_seconds": float("inf")}, "lease_seconds", "a finite number"),
        ({"turnz": 1}, "turnz", "turnz: there is no such option; did you mean turns? one of "),
        ({"zzz": 1}, "zzz", "zzz: there is no such option; one of "),
        ({"prompt": ["recsys=a.j2", "recsys=b.j2"]}, "prompt", "prompt: 'recsys' is given twice"),
        ({"modalities": ("text", "text,audio")}, "modalities", "a value for all is given twice"),
        ({"modalities": ("goal=text", "goal=text")}, "modalities", "'goal' is given twice"),
        ({"requests_per_minute": ["openai=1", "openai=2"]}, "requests_per_minute", "'openai' is given twice"),
        ({"base_url": ["http://a", "http://b"]}, "base_url", "a value for all is given twice"),
        ({"batch": "perhaps"}, "batch", "batch: must be true or false, not 'perhaps'"),
        ({"batch": 1}, "batch", "batch: must be true or false, not 1"),
        ({"engine": "steam"}, "engine", "'local', 'processes' or 'ray'"),
        ({"model": "gemini"}, "model", "model 'gemini': 'gemini' is neither"),
        ({"goal_model": "gemini"}, "goal_model", "model 'gemini': 'gemini' is neither"),
        ({"thinking_budget": 5}, "model", "a thinking budget cannot be set for provider 'offline'"),
        ({"base_url": "ftp:x"}, "base_url", "'ftp:x' is not an address"),
        ({"modalities": "smell"}, "modalities", "'smell' is not a modality"),
        ({"modalities": {"band": "text"}}, "modalities", "'band' is not an agent"),
        ({"prompt": "recsys"}, "prompt", "it must be AGENT=FILE"),
        ({"tokens_per_minute": "few"}, "tokens_per_minute", "must be a number of 1 or more"),
        ({"batch": True, "cache": "explicit"}, "cache", "does not go with --batch"),
        ({"batch": True, "engine": "ray"}, "batch", "do not go together"),
        ({"ray_address": "ray://there"}, "ray_address", "--ray-address is for --engine ray"),
    ],
)
def test_what_may_not_be_given_is_named(given: dict[str, Any], setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig(**given)
    assert words in str(caught.value) and caught.value.setting == setting


def test_a_section_can_be_used_alone() -> None:
    assert ExecutionSettings(workers=3).workers == 3
    with pytest.raises(SettingError, match="turns: there is no such option"):
        ExecutionSettings(turns=3)  # type: ignore[call-arg]
    assert ShapeSettings(turns=3).turns == 3


def test_a_configuration_is_a_value() -> None:
    config = RunConfig(turns=3, modalities=("text",))
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(ValidationError, match="frozen"):
        config.turns = 4  # type: ignore[misc]


def test_a_changed_one_is_checked_as_the_first_one() -> None:
    changed = RunConfig(turns=3).changed(seed=1)
    assert (changed.turns, changed.seed, changed.model_fields_set) == (3, 1, {"turns", "seed"})
    with pytest.raises(SettingError, match="turns: "):
        changed.changed(turns=99)


def test_the_environment_is_read_under_its_own_names() -> None:
    environ = {
        "SEGUE_TURNS": "3",
        "SEGUE_MODALITIES": "text recsys=text,audio",
        "SEGUE_CACHE_MODE": "off",
        "A": "b",
        "SEGUE_MODEL": "",
        "SEGUE_POOL_SIZE": "",
    }
    config = RunConfig.from_env(environ)
    assert config.model_fields_set == {"turns", "modalities", "cache"}
    assert config.modalities == ("text", "recsys=text,audio")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SEGUE_TURNS": "many"}, "SEGUE_TURNS: Input should be a valid integer"),
        ({"SEGUE_MODALITIES": "smell"}, "SEGUE_MODALITIES: --modalities: 'smell'"),
    ],
)
def test_a_variable_that_is_wrong_is_named(environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_env(environ)
    assert words in str(caught.value)


def test_a_file_names_its_run_and_its_paths(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "catalog: music\nprompt: {recsys: my.j2}\npool-size: 17\nshow: true\nturns: 2\n", encoding="utf-8"
    )
    config = RunConfig.from_file(path)
    assert (config.name, config.pool_size, config.turns) == ("mine", 17, 2)
    assert config.catalog == str(tmp_path / "music")
    assert config.prompt_files == {"recsys": tmp_path / "my.j2"}


@pytest.mark.parametrize("prompt", ["recsys=a=b/my.j2", "[recsys=a=b/my.j2]", "{recsys: a=b/my.j2}"])
def test_a_path_may_hold_what_sets_names_apart(prompt: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"catalog: by=year/music\nprices: a=b.yaml\nprompt: {prompt}\n", encoding="utf-8")
    config = RunConfig.from_file(path)
    assert config.catalog == str(tmp_path / "by=year" / "music")
    assert config.prices == tmp_path / "a=b.yaml"
    assert config.prompt_files == {"recsys": tmp_path / "a=b" / "my.j2"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed: 1\nturns: 99\n", "line 2, key 'turns': Input should be less than or equal to 64"),
        ("seed: 1\nmodalities: smell\n", "line 2, key 'modalities': --modalities: 'smell'"),
        ("seed: 1\nbatch: true\ncache: explicit\n", "line 3, key 'cache': "),
        ("turnz: 1\n", "line 1, key 'turnz': there is no such option"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        RunConfig.from_file(path)
    assert f"{path}, {words}" in str(caught.value)


def test_the_innermost_blame_counts() -> None:
    with pytest.raises(InputError) as caught, blaming("outer"), blaming("inner"):
        raise InputError("wrong")
    assert caught.value.setting == "inner"


BASE = {"model": "google_genai:gemini-2.5-flash", "modalities": "text"}

OPEN = {"model": "openai:smollm2", "base_url": "http://127.0.0.1:1", "modalities": "text"}
"""For settings that Gemini has no place for."""

OTHER: dict[str, Any] = {
    **{
        f"{agent}_model": "google_genai:gemini-3-flash" for agent in ("profile", "goal", "listener", "recsys")
    },
    "name": "other",
    "pipeline": "single",
    "sessions": 2,
    "session": "s",
    "seed": 1,
    "model": "google_genai:gemini-3-flash",
    "temperature": 0.5,
    "thinking_budget": 128,
    "answer_format": "yaml",
    "max_output_tokens": 512,
    "top_p": 0.9,
    "repetition_penalty": 1.1,
    "extra_body": {"top_k": 40},
    "base_url": "http://127.0.0.1:1",
    "prompt_layout": "own",
    "answer_rules": "1",
    "repairs": 3,
    "recsys": "popularity",
    "turns": 7,
    "pool_size": 17,
    "pool": "catalogue",
    "shortlist": 8,
    "retriever": "dense",
    "clip_seconds": 4,
    "lyrics_chars": 0,
    "images_per_track": 2,
    "length": "natural",
    "actions": "play,ask",
    "language": "es",
    "modalities": "text,audio",
    "allow_missing_media": True,
    "listener_words": 9,
    "repeats": 2,
    "concurrency": 1,
    "concurrent_requests": "1",
    "requests_per_minute": "1",
    "tokens_per_minute": "1",
    "media": "inline",
    "cache": "off",
    "batch": True,
    "engine": "ray",
    "workers": 1,
    "lease_seconds": 1,
    "stop_seconds": 5,
    "lock_seconds": 5,
    "latency": 1,
    "timeout": 5,
    "stream": False,
    "no_preflight": True,
    "max_cost": 1,
    "prices": "p.yaml",
    "allow_unpriced": True,
}

OPENED = {"catalog", "session_gap", "prompt", "personas", "ray_address", "recsys_reply"}
"""What changes the catalogue, the templates or the file that is opened, and what goes with another setting alone."""


@pytest.mark.parametrize("name", [name for name in RunConfig.model_fields if name not in OPENED])
def test_what_is_said_to_change_the_data_changes_the_run(name: str) -> None:
    base = OPEN if name in ("repetition_penalty", "extra_body") else BASE
    base = {**OPEN, "answer_rules": "3"} if name in ("length", "language", "actions") else base
    base = {**base, "pool": "catalogue"} if name == "retriever" else base

    def run(**given: Any) -> str:
        return RunPlan.of(RunConfig(**{**base, **given}), catalog(), prompts()).run_id

    assert (run(**{name: OTHER[name]}) != run()) == (settings_of(RunConfig)[name].about.data != "no")


def test_a_setting_that_came_later_moves_no_id_while_it_is_the_default() -> None:
    plan = RunPlan.of(RunConfig(), catalog(), prompts())
    assert "images_per_track" not in plan.canonical()
    assert (
        RunPlan.of(RunConfig(images_per_track=2), catalog(), prompts()).canonical()["images_per_track"] == 2
    )


def test_the_schema_describes_every_option_of_a_plan() -> None:
    schema = RunConfig.json_schema()
    assert set(schema["properties"]) == {*RunConfig.model_fields, "show", "json"}
    assert not schema["additionalProperties"]
    assert all(option["description"] for option in schema["properties"].values())
    assert all(option.get("default", "") is not None for option in schema["properties"].values())
    assert (
        schema["properties"]["turns"] | {"minimum": 1, "maximum": 64, "default": 8}
        == schema["properties"]["turns"]
    )
    assert {"type": "null"} not in schema["properties"]["max_cost"].get("anyOf", [])
