"""`segue threads`: which conversations the store holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    app.command("threads")(threads)


def threads(
    context: typer.Context,
    run: Annotated[str | None, typer.Option(help="Only this run (or the start of its id).")] = None,
    session: Annotated[str | None, typer.Option(help="Only this session.")] = None,
    status: Annotated[
        str | None, typer.Option(help="Only done, failed, running, stopped or imported ones.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="Only branches of this thread.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only goals of this topic, A to K.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the stored conversations."""
    from .output import print_json_line, print_table
    from .reading import open_reading, summary

    with open_reading(context) as reading:
        if parent is not None:
            parent = reading.threads.get(parent).thread_id
        found = reading.threads.list(run=run, session=session, status=status, parent=parent, topic=topic)
        rows = [summary(reading, thread, listed=True) for thread in found]
    if as_json:
        for row in rows:
            print_json_line(row)
        return
    keys = ["thread_id", "session_id", "status", "turns", "model_calls", "tokens", "cost_usd", "goal"]
    print_table(
        ["thread", "session", "status", "turns", "calls", "tokens", "cost", "goal", "parent", "run"],
        [[_cell(row, key) for key in (*keys, "parent", "run")] for row in rows],
        right=["turns", "calls", "tokens", "cost"],
    )


def _cell(row: Mapping[str, Any], key: str) -> object:
    if key != "cost_usd":
        return row[key]
    return "unpriced" if row[key] is None else f"${row[key]:.4f}"
