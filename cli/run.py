"""`segue run`: conversations from listening sessions."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ..runs.config import RunConfig
from .settings import SettingsCommand, printing, takes


def register(app: typer.Typer) -> None:
    app.command("run", cls=SettingsCommand)(run)


def _example() -> str:
    from ..runs.plan_file import example

    return example()


def _schema() -> str:
    return json.dumps(RunConfig.json_schema(), indent=2) + "\n"


@takes(RunConfig, plan=True)
def run(
    context: typer.Context,
    config: RunConfig,
    example: Annotated[
        bool,
        typer.Option("--example", callback=printing(_example), help="Print a commented plan and end."),
    ] = False,
    schema: Annotated[
        bool,
        typer.Option(
            "--schema",
            callback=printing(_schema),
            help="Print the JSON schema of plans, for editors, and end.",
        ),
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Play conversations, each kept turn by turn. Running the same command again resumes."""
    from .options import Options
    from .running import run_command

    raise typer.Exit(run_command(Options.of(config, context.obj["store"], show=show, as_json=as_json)))
