"""`segue estimate`: what a run will cost and how long it will take, before it is begun."""

from __future__ import annotations

from typing import Annotated

import typer

from ..runs.config import RunConfig
from .settings import SettingsCommand, takes


def register(app: typer.Typer) -> None:
    app.command("estimate", cls=SettingsCommand)(estimate)


@takes(RunConfig, plan=True)
def estimate(
    context: typer.Context,
    config: RunConfig,
    sample: Annotated[int, typer.Option(min=1, help="Conversations that are rehearsed.")] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Predict calls, tokens and cost of `segue run` with the same flags. No model is asked."""
    from .estimating import estimate_command
    from .options import Options

    estimate_command(Options.of(config, context.obj["store"], as_json=as_json), sample=sample)
