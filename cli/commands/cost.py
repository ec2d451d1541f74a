"""`segue cost`: what conversations have cost, from the ledger; and tables of tokens and money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.tables import counted
from .. import arguments, completion
from ..output import print_line, print_tables, say

if TYPE_CHECKING:
    from ... import CostReport


def register(app: typer.Typer) -> None:
    app.command("cost")(cost)


def cost(
    context: typer.Context,
    which: Annotated[
        list[str] | None,
        typer.Argument(
            help="Runs and threads by name or id; the whole store when left out.",
            autocompletion=completion.either,
        ),
    ] = None,
    run: arguments.OfRun = None,
    prices: arguments.Prices = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Show what was paid: by agent, kind of token, model and turn, next to the paper's table."""
    from ... import cost as report_cost
    from ..output import print_json

    report = report_cost(which or None, run=run, store=context.obj["store"], prices=prices)
    if as_json:
        print_json(report.to_json())
    else:
        print_costs(report)


def print_costs(report: CostReport) -> None:
    """The tables on stdout; what is missing from them, on stderr."""
    from ...api.evaluation.reports import parts_table, usd

    document = report.to_json()
    total = usd(document["cost_usd"])
    print_line(
        f"{counted(document['conversations'], 'conversation')}, {document['done']} done"
        + (f", {document['branches']} of them branches" if document["branches"] else "")
        + f": {counted(document['calls'], 'call')}, {counted(document['tokens'], 'token')}, {total} "
        f"(prices of {document['prices']})"
    )
    print_line()
    print_agents(document)
    print_line()
    print_tables(parts_table(title, document[f"by_{title}"]) for title in ("model", "turn"))
    if document["by_kind"]["cache_creation"]["cost_usd"]:
        print_line("what caches cost besides being read belongs to no turn")
    print_saved(document)
    if report.estimated_calls:
        calls = counted(report.estimated_calls, "call")
        say(f"the tokens of {calls} were counted by nobody, and are estimated from lengths")
    if document["unpriced"]:
        say(
            f"unpriced: {', '.join(document['unpriced'])}; what has a price came to {usd(document['known_usd'])}"
        )


def print_saved(document: Mapping[str, Any]) -> None:
    """What caches and batches have saved, where they did anything."""
    from ...api.evaluation.reports import usd

    saved, cost = document["saved_usd"], document["cost_usd"]
    if saved and cost is not None:
        word = "saved" if saved > 0 else "lost"
        print_line(f"caches and batches {word} {usd(abs(saved))}: sent directly it is {usd(cost + saved)}")


def print_agents(document: Mapping[str, Any]) -> None:
    """By agent, next to the published shares, the two totals for 1,000 conversations, and by kind of token."""
    from ...api.evaluation.reports import agents_table, kinds_table, usd

    paper, per_1000 = document["paper"], document["per_1000"]
    print_tables([agents_table(document["by_agent"], paper)])
    if per_1000 is not None:
        ours, theirs = usd(per_1000["cost_usd"], places=2), usd(paper["cost_usd_per_1000"], places=2)
        print_line(f"per 1,000 finished conversations: {ours}; the paper: {theirs}")
    print_line()
    print_tables([kinds_table(document["by_kind"])])
