"""`segue ablate`: a factorial experiment from a plan, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, printing, takes


def register(app: typer.Typer) -> None:
    app.command("ablate", cls=SettingsCommand)(ablate)


def _example() -> str:
    from ..runs.experiments.ablation_plan import example

    return example()


@takes(ExecutionSettings, BudgetSettings)
def ablate(
    context: typer.Context,
    config: RunConfig,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the differences into this .png, .svg or .pdf file.")
    ] = None,
    example: Annotated[
        bool,
        typer.Option("--example", callback=printing(_example), help="Print a commented plan and end."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Branch many conversations at one turn under every combination of levels, and test what differs.

    Running the same command again resumes; it plays nothing twice.
    """
    from ..core.errors import ConfigError

    if plan is None:
        raise ConfigError("which plan?", hint="`segue ablate --example > plan.yaml` writes one to start from")
    from .ablating import ablate_command

    code = ablate_command(plan, context.obj["store"], config, plot=plot, as_json=as_json)
    raise typer.Exit(code)
