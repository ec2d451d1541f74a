"""Tokens and money as tables to read, from the documents of bills and estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.tables import Table


def agents_table(agents: Mapping[str, Any], paper: Mapping[str, Any]) -> Table:
    """By agent, next to the published shares."""
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
    return Table(columns, rows, right=columns[1:])


def kinds_table(kinds: Mapping[str, Any]) -> Table:
    """By kind of token; kinds that did not occur are left out."""
    rows = [
        [name.replace("_", " "), f"{part['tokens']:,}" if part["tokens"] else "", usd(part["cost_usd"])]
        for name, part in kinds.items()
        if part["tokens"] or part["cost_usd"]
    ]
    return Table(["kind", "tokens", "cost"], rows, right=["tokens", "cost"])


def parts_table(title: str, parts: Mapping[str, Any]) -> Table:
    """By whatever else the whole was divided."""
    rows = [
        [name, part["calls"], f"{part['tokens']:,}", usd(part["cost_usd"])] for name, part in parts.items()
    ]
    return Table([title, "calls", "tokens", "cost"], rows, right=["calls", "tokens", "cost"])


def usd(amount: float | None, *, places: int = 4) -> str:
    """Dollars; None is what has no price."""
    if amount is None:
        return "unpriced"
    return "free" if amount == 0 else f"${amount:,.{places}f}"
