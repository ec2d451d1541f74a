"""What the shell completes beside options: ids of threads, names of runs."""

from __future__ import annotations

import typer


def threads(context: typer.Context, incomplete: str) -> list[str]:
    """Threads of the store that the command line names."""
    from ..api.completion import thread_ids

    return thread_ids(context.find_root().params["store"], incomplete)


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """Runs of the store that the command line names."""
    from ..api.completion import run_names

    return run_names(context.find_root().params["store"], incomplete)


def either(context: typer.Context, incomplete: str) -> list[str]:
    """Both."""
    return [*runs(context, incomplete), *threads(context, incomplete)]
