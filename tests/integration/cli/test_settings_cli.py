"""Flags as they derive from the configuration: what takes which, what is shown first, and what an editor is told."""

from __future__ import annotations

import json

import pytest
from segue.core.settings import Settings, settings_of
from segue.runs.settings.config import SECTIONS, BudgetSettings, ExecutionSettings, RunConfig
from support.command import Command

PLAYS: list[tuple[str, tuple[type[Settings], ...]]] = [
    ("run", SECTIONS),
    ("estimate", SECTIONS),
    *((name, (ExecutionSettings, BudgetSettings)) for name in ("retry", "branch", "ablate", "judge")),
]


@pytest.mark.parametrize(("name", "sections"), PLAYS, ids=[name for name, _ in PLAYS])
def test_a_command_has_the_flags_of_its_sections(
    name: str, sections: tuple[type[Settings], ...], command: Command
) -> None:
    out = command(name, "--help").out
    for setting in (setting for section in sections for setting in settings_of(section).values()):
        assert (f"  {setting.declaration.replace('/', ' / ')} " in out) != setting.about.hidden, setting.flag
        assert setting.env is None or setting.env in out.replace("\n", " ").replace(";", " ")


def test_help_begins_with_what_matters_and_has_the_rest_by_section(command: Command) -> None:
    first, *panels = command("run", "--help").out.split("\n\n")[3:]
    shown = [line.split()[0] for line in first.splitlines() if line.startswith("  --")]
    leading = [setting.flag for setting in settings_of(RunConfig).values() if setting.about.first]
    assert shown == [*leading, "--example", "--schema", "--show", "--json", "--help"]
    assert [panel.splitlines()[0].rstrip(":") for panel in panels] == [
        (section.__doc__ or "").rstrip(".") for section in SECTIONS
    ]


def test_a_schema_is_printed_for_editors(command: Command) -> None:
    schema = json.loads(command("run", "--schema").out)
    assert schema == RunConfig.json_schema()
    assert schema["properties"]["engine"]["enum"] == ["local", "processes", "ray"]


def test_a_flag_that_does_not_go_with_another_is_named(command: Command) -> None:
    assert "--listener-words" in command("run", "--listener-words", 1, code=2).err
    assert "--clip-seconds: Input should be greater than 0" in command("run", "--clip-seconds", 0, code=2).err
    assert "--ray-address is for --engine ray" in command("retry", "r", "--ray-address", "a", code=2).err
    assert "does not go with --batch" in command("estimate", "--batch", "--cache", "explicit", code=2).err
