"""`segue cost`: what conversations have cost, from the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from . import arguments


def register(app: typer.Typer) -> None:
    app.command("cost")(cost)


def cost(
    context: typer.Context,
    which: Annotated[
        list[str] | None,
        typer.Argument(help="Runs and threads by name or id; the whole store when left out."),
    ] = None,
    prices: arguments.Prices = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Show what was paid: by agent, kind of token, model and turn, next to the paper's table."""
    from .. import cost as report_cost
    from .bills import print_costs
    from .output import print_json

    report = report_cost(which or [], store=context.obj["store"], prices=prices)
    if as_json:
        print_json(report.to_json())
    else:
        print_costs(report)
