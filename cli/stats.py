"""`segue stats`: what data sets are made of, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..dataset.opening import DataSet
    from ..dataset.statistics import Statistics

    Column = tuple[str, Statistics, str]


def register(app: typer.Typer) -> None:
    app.command("stats")(stats)


def stats(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Exports, or parquet or JSONL files; the store without one."
        ),
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option(help="This run of the store; may be repeated, next to paths.")
    ] = None,
    include_altered: Annotated[
        bool, typer.Option("--include-altered", help="With conversations under a changed partition.")
    ] = False,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write pictures here (needs matplotlib).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one a data set.")] = False,
) -> None:
    """Count conversations, users, tracks, artists and words; show what the goals and listeners are."""
    from ..dataset.pictures import draw_pictures, figure_class
    from ..dataset.statistics import measure
    from .output import print_json_line, say

    if plots is not None:
        figure_class()
    found: list[Statistics] = []
    for dataset in _datasets(context, paths or [], run or [], include_altered):
        found.append(measure(dataset))
        if as_json:
            print_json_line(found[-1].to_json())
    if not as_json:
        print_statistics(found)
    if plots is not None:
        for path in draw_pictures(found, plots):
            say(f"wrote {path}")


def _datasets(
    context: typer.Context, paths: Sequence[Path], runs: Sequence[str], include_altered: bool
) -> Iterator[DataSet]:
    from ..dataset.opening import open_dataset
    from ..dataset.threads import dataset_of
    from .export import stored
    from .reading import open_reading

    yield from map(open_dataset, paths)
    if paths and not runs:
        return
    wanted: Sequence[str | None] = runs or [None]
    with open_reading(context) as reading:
        for run in wanted:
            yield dataset_of(stored(reading), run=run, include_altered=include_altered)


def print_statistics(found: Sequence[Statistics]) -> None:
    """Tables for people: counts and lengths, distributions in per cent, and what changes from turn to turn."""
    from .output import print_table

    columns = [(_heading(found, one, group), one, group) for one in found for group in _groups(found, one)]
    names = [name for name, _, _ in columns]
    tables = [one.table(group) for _, one, group in columns]
    print_table(
        ["", *names], [[row, *(_number(table[row]) for table in tables)] for row in tables[0]], right=names
    )
    print()
    print_table(["share of conversations", "", *names], _shares(columns), right=names)
    print()
    print_table(["by turn", "turn", *names], _by_turn(columns), right=names)


def _groups(found: Sequence[Statistics], one: Statistics) -> list[str]:
    """Of one data set all its parts, of several the whole of each."""
    from ..dataset.statistics import ALL

    return one.groups() or [ALL] if len(found) == 1 else [ALL]


def _heading(found: Sequence[Statistics], one: Statistics, group: str) -> str:
    return one.name if len(found) > 1 else group


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _shares(columns: Sequence[Column]) -> Iterator[list[str]]:
    """Each distribution's values in their order, in per cent of the conversations."""
    from ..dataset.statistics import DISTRIBUTIONS, Tally, ordered

    tallies = [one.tallies.get(group, Tally()) for _, one, group in columns]
    for name in DISTRIBUTIONS:
        if name == "goals":
            continue
        whole = sum((tally.counts[name] for tally in tallies), Tally().counts[name])
        for number, value in enumerate(ordered(name, whole)):
            cells = [100 * tally.counts[name][value] / (tally.conversations or 1) for tally in tallies]
            yield ["" if number else name.replace("_", " "), value, *(f"{cell:.1f} %" for cell in cells)]


def _by_turn(columns: Sequence[Column]) -> Iterator[list[str]]:
    """Labels that say the last track moved toward the goal, and words of the listener's message."""
    from ..dataset.statistics import Tally

    tallies = [one.tallies.get(group, Tally()) for _, one, group in columns]
    judged = sorted({turn for tally in tallies for turn in tally.progress if turn})
    for number, turn in enumerate([*judged, *([0] if any(0 in tally.progress for tally in tallies) else [])]):
        moves = [tally.moves_share(turn) for tally in tallies]
        shown = ["" if share is None else f"{share:.1%}" for share in moves]
        yield ["" if number else "moves toward the goal", str(turn) if turn else "the end", *shown]
    for number, turn in enumerate(sorted({turn for tally in tallies for turn in tally.by_turn})):
        words = [tally.by_turn[turn].value if turn in tally.by_turn else None for tally in tallies]
        shown = ["" if value is None else f"{value:.1f}" for value in words]
        yield ["" if number else "words of the listener", str(turn), *shown]
