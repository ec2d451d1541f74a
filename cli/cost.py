"""`segue cost`: what conversations have cost, from the ledger."""

from __future__ import annotations

from typing import Annotated

import typer

from . import flags


def register(app: typer.Typer) -> None:
    app.command("cost")(cost)


def cost(
    context: typer.Context,
    which: Annotated[
        list[str] | None,
        typer.Argument(help="Runs and threads by name or id; the whole store when left out."),
    ] = None,
    prices: flags.Prices = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show what was paid: by agent, kind of token, model and turn, next to the paper's table."""
    from ..models.prices import load_prices
    from ..runs.costs.bill import cost_report
    from .bills import choose, print_costs
    from .output import print_json
    from .reading import open_reading

    with open_reading(context) as reading:
        report = cost_report(reading.store, choose(reading, which or []), load_prices(prices))
    if as_json:
        print_json(report.to_json())
    else:
        print_costs(report)
