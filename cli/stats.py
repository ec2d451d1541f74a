"""`segue stats`: what data sets are made of, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import arguments

if TYPE_CHECKING:
    from ..api.reports import CountRow, SideBySide


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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one a data set.")] = False,
) -> None:
    """Count conversations, users, tracks, artists and words; show what the goals and listeners are."""
    from ..api.reports import SideBySide, draw_statistics, require_drawing, stats
    from .output import print_json_line, say

    if plots is not None:
        require_drawing()
    found = []
    wanted = {"runs": run or [], "include_altered": include_altered, "store": context.obj["store"]}
    for one in stats(paths or [], **wanted):
        found.append(one)
        if as_json:
            print_json_line(one.to_json())
    if not as_json:
        _print(SideBySide(found))
    if plots is not None:
        for path in draw_statistics(found, plots):
            say(f"wrote {path}")


def _print(found: SideBySide) -> None:
    """Tables for people: counts and lengths, distributions in per cent, and what changes from turn to turn."""
    from .output import print_table

    names = found.names
    counts = [[row.about, *map(_number, row.values)] for row in found.counts()]
    print_table(["", *names], counts, right=names)
    print()
    shares = _cells(found.shares(), lambda cell: f"{cell:.1f} %")
    print_table(["share of conversations", "", *names], shares, right=names)
    print()
    moves = _cells(found.moves(), lambda share: "" if share is None else f"{share:.1%}")
    words = _cells(found.words(), lambda mean: "" if mean is None else f"{mean:.1f}")
    print_table(["by turn", "turn", *names], [*moves, *words], right=names)


def _cells(rows: Iterable[CountRow[Any]], shown: Callable[[Any], str]) -> Iterator[list[str]]:
    """The rows as text; what several are about is said once."""
    for about, group in groupby(rows, key=lambda row: row.about):
        for number, row in enumerate(group):
            yield ["" if number else about, row.of, *map(shown, row.values)]


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:,}"
