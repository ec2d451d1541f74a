"""`segue cost`: what conversations have cost, from the ledger; and tables of tokens and money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import arguments
from .output import console, print_table, say

if TYPE_CHECKING:
    from .. import CostReport


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
    from .output import print_json

    report = report_cost(which or [], store=context.obj["store"], prices=prices)
    if as_json:
        print_json(report.to_json())
    else:
        print_costs(report)


def print_costs(report: CostReport) -> None:
    """The tables on stdout; what is missing from them, on stderr."""
    document = report.to_json()
    out = console()
    total = usd(document["cost_usd"])
    out.print(
        f"{document['conversations']} conversations, {document['done']} done"
        + (f", {document['branches']} of them branches" if document["branches"] else "")
        + f": {document['calls']} calls, {document['tokens']:,} tokens, {total} (prices of {document['prices']})"
    )
    out.print()
    print_agents(document["by_agent"], document["per_1000"], document["paper"])
    out.print()
    print_kinds(document["by_kind"])
    for title in ("model", "turn"):
        out.print()
        print_parts(title, document[f"by_{title}"])
    if document["by_kind"]["cache_creation"]["cost_usd"]:
        out.print("what caches cost besides being read belongs to no turn")
    print_saved(document)
    if document["unpriced"]:
        say(
            f"unpriced: {', '.join(document['unpriced'])}; what has a price came to {usd(document['known_usd'])}"
        )


def print_saved(document: Mapping[str, Any]) -> None:
    """What caches and batches have saved, where they did anything."""
    saved, cost = document["saved_usd"], document["cost_usd"]
    if saved and cost is not None:
        word = "saved" if saved > 0 else "lost"
        console().print(
            f"caches and batches {word} {usd(abs(saved))}: sent directly it is {usd(cost + saved)}"
        )


def print_agents(
    agents: Mapping[str, Any], per_1000: Mapping[str, Any] | None, paper: Mapping[str, Any]
) -> None:
    """By agent, next to the published shares, and the two totals for 1,000 conversations."""
    shares = paper["share_of_tokens"]
    rows = [
        [
            name,
            part["calls"],
            f"{part['tokens']:,}",
            f"{part['share_of_tokens']:.1f} %",
            usd(part["cost_usd"]),
            f"{shares[name]:.1f} %" if name in shares else "–",
        ]
        for name, part in agents.items()
    ]
    columns = ["agent", "calls", "tokens", "of tokens", "cost", "paper: of tokens"]
    print_table(columns, rows, right=columns[1:])
    if per_1000 is not None:
        ours, theirs = usd(per_1000["cost_usd"], places=2), usd(paper["cost_usd_per_1000"], places=2)
        console().print(f"per 1,000 finished conversations: {ours}; the paper: {theirs}")


def print_kinds(kinds: Mapping[str, Any]) -> None:
    """By kind of token; kinds that did not occur are left out."""
    rows = [
        [name.replace("_", " "), f"{part['tokens']:,}" if part["tokens"] else "", usd(part["cost_usd"])]
        for name, part in kinds.items()
        if part["tokens"] or part["cost_usd"]
    ]
    print_table(["kind", "tokens", "cost"], rows, right=["tokens", "cost"])


def print_parts(title: str, parts: Mapping[str, Any]) -> None:
    """By whatever else the whole was divided."""
    rows = [
        [name, part["calls"], f"{part['tokens']:,}", usd(part["cost_usd"])] for name, part in parts.items()
    ]
    print_table([title, "calls", "tokens", "cost"], rows, right=["calls", "tokens", "cost"])


def usd(amount: float | None, *, places: int = 4) -> str:
    """Dollars; None is what has no price."""
    if amount is None:
        return "unpriced"
    return "free" if amount == 0 else f"${amount:,.{places}f}"
