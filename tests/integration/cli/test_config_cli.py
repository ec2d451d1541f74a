"""Options: flags over environment over `segue.yaml` over defaults; and what `--help` may cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from segue.cli.failure import run_app
from support.command import Command, Played

HEAVY = {
    *("numpy", "polars", "PIL", "soundfile", "sqlalchemy", "zstandard", "jinja2", "rich", "yaml"),
    *("langchain", "langchain_core", "langgraph", "aiohttp"),
}
"""Not pydantic: Typer itself reads options with it."""


def turns(command: Command, *flags: object, **environ: str) -> int:
    return int(command("run", *flags, "--json", **environ).rows[0]["turns"])


def configure(command: Command, text: str, name: str = "segue.yaml") -> Path:
    path = command.folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_flag_wins_over_environment_over_file(command: Command) -> None:
    configure(command, "turns: 3\nmodalities: [text]\n")
    assert turns(command) == 3
    assert turns(command, SEGUE_TURNS="2") == 2
    assert turns(command, "--turns", 1, SEGUE_TURNS="2") == 1


@pytest.mark.slow
def test_the_file_may_name_the_store_and_write_options_with_dashes(command: Command) -> None:
    configure(command, "store: sqlite:///kept.db\nmodalities: text\nturns: 1\npool-size: 16\n")
    document = command.show(command("run", "--json").rows[0]["thread_id"])
    assert len(document["pool"]) == 16
    assert sorted(path.name for path in command.folder.glob("*.db")) == ["kept.db"]
    assert command("threads", code=1, SEGUE_STORE="sqlite:///other.db").out == ""
    assert "other.db" in command("--store", "sqlite:///third.db", "threads", code=1).err.replace(
        "third", "other"
    )


def test_an_option_s_flag_may_be_its_name(command: Command) -> None:
    configure(command, "turns: 1\nmodalities: text\njson: true\n")
    assert command("run").rows[0]["turns"] == 1
    configure(command, "turns: 1\nmodalties: text\n")
    assert "unknown option 'modalties'; did you mean 'modalities'?" in command("run", code=2).err


@pytest.mark.slow
def test_another_file_can_be_named(command: Command) -> None:
    configure(command, "turns: 2\nmodalities: text\n", "mine.yaml")
    assert "2 turns" in command("--config", "mine.yaml", "run").out
    assert turns(command, SEGUE_CONFIG="mine.yaml") == 2


@pytest.mark.slow
@pytest.mark.parametrize("written", ["text", "[text]", "recsys=text", "[text, 'recsys=text']"])
def test_a_repeatable_option_may_be_one_value_or_a_list(command: Command, written: str) -> None:
    configure(command, f"modalities: {written}\nturns: 1\n")
    shown = command.show(command("run", "--json").rows[0]["thread_id"])["modalities"]
    assert shown["recsys"] == ["text"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("turnz: 3\n", "segue.yaml: unknown option 'turnz'"),
        ("seed: 1\nturns: many\n", "segue.yaml, line 2, key 'turns': Input should be a valid integer"),
        ("- turns\n", "must hold `option: value` lines"),
        ("turns: [\n", "segue.yaml: not YAML"),
    ],
)
def test_what_is_wrong_with_the_file_is_named(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "segue.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run_app(["run"]) == 2
    said = capsys.readouterr()
    assert words in said.err and said.out == ""


def test_a_file_that_was_named_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_app(["--config", "none.yaml", "run"]) == 2
    assert "none.yaml" in capsys.readouterr().err


def test_a_store_with_a_password_does_not_show_it(command: Command) -> None:
    url = "postgresql://someone:a-secret-word@127.0.0.1:1/none"
    failed = command("--store", url, "threads", code=1)
    assert "a-secret-word" not in failed.err + failed.out


@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "run --help", "show --help", "audit --help", "branch --help"]
)
def test_help_imports_nothing_heavy(arguments: str) -> None:
    script = (
        "import json, sys\nfrom segue.cli.failure import run_app\n"
        f"code = run_app({arguments.split()!r})\n"
        "print(json.dumps([code, sorted({name.partition('.')[0] for name in sys.modules})]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0 and len(done.stdout.splitlines()) > 1
    assert HEAVY & set(modules) == set()


def test_every_command_says_what_it_does(command: Command) -> None:
    out = command("--help").out
    for name in ("run", "threads", "show", "history", "replay", "branch", "tree", "audit", "catalog"):
        assert any(line.split()[:1] == [name] and len(line.split()) > 2 for line in out.splitlines()), name


def test_no_command_at_all_shows_the_help(command: Command) -> None:
    shown = command(code=2)
    assert "Usage:" in shown.out + shown.err


def test_a_reader_that_goes_away_is_no_error(played: Played) -> None:
    with played.command.start("show", played.thread, "--json") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
