"""The list of commands tells of each what it says of itself, and takes none of their code."""

from __future__ import annotations

import subprocess
import sys

import typer
from segue.cli.app import app
from segue.cli.command_list import COMMANDS, CommandList


def tree() -> CommandList:
    found = typer.main.get_command(app)
    assert isinstance(found, CommandList)
    return found


def test_every_command_is_listed_by_the_first_words_of_its_help() -> None:
    made = tree().all()
    assert list(made) == list(COMMANDS)
    for name, (_, words) in COMMANDS.items():
        assert " ".join(made[name].help.split("\n\n")[0].split()) == words, name
        assert made[name].params or hasattr(made[name], "commands"), name


def test_no_command_is_registered_that_is_not_listed() -> None:
    group = tree()
    group.all()
    assert list(group.commands) == list(COMMANDS)


def test_commands_are_made_when_they_are_asked_for_and_with_those_beside_them() -> None:
    group = tree()
    made = group.get_command(None, "show")
    assert group.get_command(None, "show") is made
    assert group.commands["tree"].params and not group.commands["run"].params
    assert group.get_command(None, "no such command") is None


def test_help_takes_no_settings_and_no_store() -> None:
    told = (
        "import sys; from segue.cli.failure import run_app; run_app(['--help']); print(sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    assert "Commands:" in done.stdout
    for heavy in ("sqlalchemy", "langchain_core", "pydantic", "segue.api.settings", "segue.cli.commands.run"):
        assert f"'{heavy}'" not in done.stdout, heavy
