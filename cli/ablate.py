"""`segue ablate`: a factorial experiment from a plan, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("ablate")(ablate)


def ablate(
    context: typer.Context,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    concurrency: Annotated[
        int, typer.Option(envvar="SEGUE_CONCURRENCY", min=1, help="Conversations at once.")
    ] = 8,
    prices: Annotated[
        Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the differences into this .png, .svg or .pdf file.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Print a commented plan and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Branch many conversations at one turn under every combination of levels, and test what differs.

    Running the same command again resumes; it plays nothing twice.
    """
    from ..core.errors import ConfigError

    if example:
        from ..runs.experiments.ablation_plan import example as example_plan

        print(example_plan(), end="")
        return
    if plan is None:
        raise ConfigError("which plan?", hint="`segue ablate --example > plan.yaml` writes one to start from")
    from .ablating import ablate_command

    code = ablate_command(
        plan, context.obj["store"], concurrency=concurrency, prices=prices, plot=plot, as_json=as_json
    )
    raise typer.Exit(code)
