"""`segue run PLAN.yaml`: options from a file, flags over them, a name for the settings, and what is refused."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml
from segue import RunConfig, write_plan
from segue.core.errors import InputError
from segue.core.settings import settings_of
from segue.runs.settings.plan_example import example
from support.command import TIME_LIMIT_S, Command

PLAN = "sessions: 2\nturns: 1\nmodalities: text\n"


def test_the_example_is_a_plan_that_plays(command: Command) -> None:
    shown = command("run", "--example").out
    assert shown == example()
    command.write(shown, "mine.yaml")
    done = command("run", "mine.yaml", "--turns", 1, "--sessions", 1, "--json")
    assert [(row["status"], row["turns"]) for row in done.rows] == [("done", 1)]
    assert "run first-run (" in done.err


@pytest.mark.slow
def test_a_plan_and_the_same_flags_are_the_same_run(command: Command) -> None:
    command.write(PLAN + "seed: 3\nlistener_words: 9\npool-size: 17\n")
    planned = command("run", "plan.yaml", "--json").rows
    flags = ("--sessions", 2, "--turns", 1, "--modalities", "text", "--seed", 3, "--listener-words", 9)
    assert command("run", *flags, "--pool-size", 17, "--json").rows == planned
    assert len(command("runs", "--json").rows) == 1


def test_a_plan_is_estimated_whatever_it_says_of_how_it_is_played(command: Command) -> None:
    command.write("turns: 1\nmodalities: text\nengine: processes\nworkers: 2\nshow: true\n")
    document = command("estimate", "plan.yaml", "--sample", 1, "--json").document
    assert document["calls"] == 5
    command.write("turns: 1\nengine: steam\n")
    wrong = command("estimate", "plan.yaml", code=2).err
    assert "line 2, key 'engine'" in wrong and "'processes'" in wrong


@pytest.mark.slow
def test_flags_win_over_the_plan_and_the_plan_over_the_environment(command: Command) -> None:
    command.write(PLAN)
    assert "1 turn " in command("run", "plan.yaml", SEGUE_TURNS="5").out
    done = command("run", "plan.yaml", "--turns", 2, "--name", "longer", "--json")
    assert [row["turns"] for row in done.rows] == [2, 2]
    command.write("turns: 3\nconcurrency: 2\n", "segue.yaml")
    assert {row["turns"] for row in command("run", "plan.yaml", "--json").rows} == {1}


def test_lists_and_mappings_stand_for_repeated_options(command: Command) -> None:
    template = "You are a recommender of few words.\n"
    command.write(template, "prompts/my.j2")
    command.write(
        "turns: 1\nsession: [bartek77__2016-11-11]\nprompt: {recsys: my.j2}\n"
        "modalities: {profile: text, goal: text, listener: [text], recsys: [text]}\n",
        "prompts/plan.yaml",
    )
    [row] = command("run", "prompts/plan.yaml", "--json").rows
    assert row["session_id"] == "bartek77__2016-11-11"
    shown = command("show", row["thread_id"], "--json").document
    assert set(map(tuple, shown["modalities"].values())) == {("text",)}
    by_flag = command(
        "run", "--turns", 1, "--session", row["session_id"], "--json",
        *("--modalities", "text", "--prompt", "recsys=prompts/my.j2"),
    )  # fmt: skip
    assert by_flag.rows == [row]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("turns: 2\nturnz: 3\n", "plan.yaml, line 2, key 'turnz': there is no such option"),
        ("turns: many\n", "plan.yaml, line 1, key 'turns': "),
        ("turns: 2.5\n", "plan.yaml, line 1, key 'turns': "),
        ("\nturns: 99\n", "plan.yaml, line 2, key 'turns': "),
        ("turns: true\n", "key 'turns': must not be true"),
        ("turns: [1, 2]\n", "key 'turns': must be one value"),
        ("turns:\n", "key 'turns': it has no value"),
        ("show: perhaps\n", "key 'show': must be true or false"),
        ("turns: 2\nturns: 3\n", "'turns' is there twice"),
        ("pool-size: 17\npool_size: 18\n", "line 2: 'pool_size' is there twice"),
        ("seed: 1\nclip_seconds: 61\n", "line 2, key 'clip_seconds'"),
        ("seed: 1\nlistener_words: 1\n", "line 2, key 'listener_words'"),
        ("seed: 1\nmodel: gemini\n", "line 2, key 'model': model 'gemini'"),
        ("seed: 1\ngoal_model: gemini\n", "line 2, key 'goal_model': model 'gemini'"),
        ("temperature: 9\n", "line 1, key 'temperature'"),
        ("modalities: smell\n", "line 1, key 'modalities'"),
        ("modalities: {recsys: [text, smell]}\n", "line 1, key 'modalities': --modalities: 'smell'"),
        ("modalities: [text, smell]\n", "line 1, key 'modalities': --modalities: 'smell'"),
        ("prompt: recsys\n", "line 1, key 'prompt'"),
        ("prompt: {recsys: nowhere.j2}\n", "line 1, key 'prompt'"),
        ("catalog: nowhere\n", "line 1, key 'catalog': "),
        ("session: nobody__1999-01-01\n", "line 1, key 'session': "),
        ("plan: other.yaml\n", "key 'plan': there is no such option"),
        ("- turns\n", "must hold `option: value` lines"),
        ("", "must hold `option: value` lines"),
        ("turns: [\n", "plan.yaml: not YAML"),
        ("turns: " + "[" * 3000, "plan.yaml: not YAML"),
        ("prompt: &a {recsys: *a}\n", "it holds itself"),
        ("catalog: &a [*a]\n", "it holds itself"),
        ("name: ' a '\n", "' a ' cannot be a run's name"),
    ],
)
def test_what_is_wrong_with_a_plan_is_named_with_file_line_and_key(
    text: str, words: str, command: Command
) -> None:
    command.write(text)
    failed = command("run", "plan.yaml", code=1 if "session" in text else 2)
    assert words in failed.err and failed.out == ""


def test_a_plan_that_is_not_there_is_named(command: Command) -> None:
    failed = command("run", "nowhere.yaml", code=2)
    assert "nowhere.yaml: the plan cannot be read" in failed.err and "segue init" in failed.err


@pytest.mark.slow
def test_a_named_run_resumes_and_grows_but_keeps_its_settings(command: Command) -> None:
    command.write(PLAN)
    first = command("run", "plan.yaml", "--json")
    assert command("run", "plan.yaml", "--json").rows == first.rows
    assert command("run", "plan.yaml", "--sessions", 3, "--json").rows[:2] == first.rows
    before = command("threads", "--json").out
    command.write(PLAN.replace("turns: 1", "turns: 2") + "seed: 4\nlyrics_chars: 10\n")
    refused = command("run", "plan.yaml", code=1)
    assert refused.out == ""
    for words in (
        "'plan'",
        "turns: 1 -> 2",
        "seed: 0 -> 4",
        "lyrics_chars: 200 -> 10",
        "--name",
        "segue branch",
    ):
        assert words in refused.err
    assert "models" not in refused.err, "what is the same is not listed"
    assert command("threads", "--json").out == before
    assert [run["names"] for run in command("runs", "--json").rows] == [["plan"]]
    command("run", "plan.yaml", "--name", "other")
    assert [run["names"] for run in command("runs", "--json").rows] == [["plan"], ["other"]]


@pytest.mark.slow
def test_a_changed_prompt_and_a_changed_catalogue_are_named(command: Command) -> None:
    command.write("You recommend.\n", "my.j2")
    command.write(PLAN)
    command("run", "plan.yaml")
    prompt = command("run", "plan.yaml", "--prompt", "recsys=my.j2", code=1)
    assert "prompt recsys/system.j2: " in prompt.err and "prompt goal" not in prompt.err
    command("catalog", "demo", "other")
    sessions = command.folder / "other" / "sessions.jsonl"
    sessions.write_text("".join(sessions.read_text("utf-8").splitlines(True)[:-1]), encoding="utf-8")
    catalog = command("run", "plan.yaml", "--catalog", "other", code=1)
    assert "catalog_digest: " in catalog.err and "prompt" not in catalog.err.partition("hint")[0]


def test_addresses_and_the_number_of_sessions_are_no_settings(command: Command) -> None:
    command.write(PLAN)
    command("run", "plan.yaml")
    command("run", "plan.yaml", "--base-url", "http://127.0.0.1:1", "--concurrency", 1, "--sessions", 1)


def test_init_writes_the_example_once(command: Command) -> None:
    said = command("init").err
    assert (command.folder / "plan.yaml").read_text("utf-8") == example()
    assert said == "wrote plan.yaml; `segue run plan.yaml` plays it\n"
    command.write("turns: 1\n")
    refused = command("init", code=2).err
    assert "plan.yaml: there already" in refused and "--overwrite" in refused
    assert (command.folder / "plan.yaml").read_text("utf-8") == "turns: 1\n"
    command("init", "--overwrite")
    assert RunConfig.from_file(command.folder / "plan.yaml").name == "first-run"
    assert "cannot be written" in command("init", "no/where.yaml", code=2).err


def test_a_plan_is_written_from_python_too(tmp_path: Path) -> None:
    assert RunConfig.from_file(write_plan(tmp_path / "mine.yaml")).sessions == 3
    with pytest.raises(InputError, match="exists"):
        write_plan(tmp_path / "mine.yaml")


def test_the_example_has_a_line_for_every_setting() -> None:
    """Each of them as it may be used, those behind a `#` included."""
    lines = [line.removeprefix("# ") for line in example().splitlines()]
    offered = [line for line in lines if line.partition(":")[0].isidentifier()]
    values = {key: value for line in offered for key, value in yaml.safe_load(line).items()}
    shown = {name for name, setting in settings_of(RunConfig).items() if not setting.about.hidden}
    assert set(values) == shown | {"show", "json"} and len(offered) == len(values)
    settings = {name: value for name, value in values.items() if name in shown}
    assert RunConfig.partly(settings).keys() == shown
    said = yaml.safe_load(example())
    assert set(said) < shown and RunConfig(**said).model == "offline"


@pytest.mark.parametrize(
    "line",
    [
        "judge --report --html kept.html",
        "judge --report --plots kept",
        "stats --plots kept",
        "ablate p --plot kept.png",
    ],
)
def test_what_is_there_is_not_written_over(command: Command, line: str) -> None:
    for name in ("kept.html", "kept.png", "kept/by_turn.png"):
        command.write("kept", name)
    assert "there already, and nothing was written" in command(*line.split(), code=2).err
    assert (command.folder / "kept" / "by_turn.png").read_text("utf-8") == "kept"


@pytest.mark.parametrize(("answer", "code", "kept"), [(b"n\n", 2, "turns: 1\n"), (b"y\n", 0, example())])
def test_on_a_terminal_it_is_asked(command: Command, answer: bytes, code: int, kept: str) -> None:
    path = command.write("turns: 1\n")
    ours, theirs = os.openpty()
    try:
        os.write(ours, answer)
        asked = subprocess.run(
            command.line(("init",)),
            cwd=command.folder,
            env=command.environment({}),
            stdin=theirs,
            stderr=theirs,
            timeout=TIME_LIMIT_S,
            check=False,
        )
        said = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert asked.returncode == code and "plan.yaml: there already; replace?" in said
    assert path.read_text("utf-8") == kept
