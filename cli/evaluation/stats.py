"""`segue stats`: what data sets are made of, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .. import arguments
from ..overwriting import Overwrite, require_free

if TYPE_CHECKING:
    pass


def register(app: typer.Typer) -> None:
    app.command("stats")(stats)


def stats(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Exports, or parquet or JSONL files; the store without one."),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="This run of the store; may be repeated, next to paths.")
    ] = None,
    include_altered: arguments.Altered = False,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write pictures here (needs matplotlib).")
    ] = None,
    overwrite: Overwrite = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one a data set.")] = False,
) -> None:
    """Count conversations, users, tracks, artists and words; show what the goals and listeners are."""
    from ...api.evaluation.reports import SideBySide, draw_statistics, require_statistics, stats
    from ..output import print_json_line, print_tables, say

    if plots is not None:
        require_free(plots.glob("*.png"), overwrite=overwrite)
    require_statistics(paths or [], pictures=plots is not None)
    found = []
    wanted = {"runs": run or None, "include_altered": include_altered, "store": context.obj["store"]}
    for one in stats(paths or None, **wanted):
        found.append(one)
        if as_json:
            print_json_line(one.to_json())
    if not as_json:
        print_tables(SideBySide(found).tables())
    if plots is not None:
        for path in draw_statistics(found, plots):
            say(f"wrote {path}")
