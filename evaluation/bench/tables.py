"""What a bench found, as tables to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...core.tables import Table, number
from ..ablation_tables import effect_row
from .estimates import Interval
from .report import BenchReport, CellReport

_NAMED = ("recommender", "listener")
_REACHED = ("done", "failed", "reached, 95 %", "turns to it", "cost")
_PLAYED = ("progress", "artists", "popularity", "diversity", "coverage", "gini")
_EFFECT = ("reference", "level", "difference", "95 % interval", "p", "p (Holm)", "of")
_WIDTH = 100
"""Columns of a page that nobody is asked for: what is read in a pipe or a file is no wider."""


def bench_tables(report: BenchReport) -> Iterator[Table]:
    """A row a cell with its means, what was reached and then what was played; the differences with their tests, a table
    for each pair; progress by turn; for whom goals were reached. None is wider than a page."""
    yield Table([*_NAMED, *_REACHED], [_reached_row(cell) for cell in report.cells], right=_REACHED)
    played = [_played_row(cell) for cell in report.cells]
    yield Table([*_NAMED, *_PLAYED], played, right=_PLAYED, title="what was played")
    for label in dict.fromkeys(effect.label for effect in report.effects):
        told = [effect_row(effect) for effect in report.effects if effect.label == label]
        rows = [[measure, *test] for measure, _, *test in told]
        yield Table(["measure", *_EFFECT, ""], rows, right=_EFFECT, title=label)
    turns = sorted({turn for cell in report.cells for turn in cell.progress_by_turn})
    by_turn = {str(turn): [_share(c.progress_by_turn.get(turn)) for c in report.cells] for turn in turns}
    yield from _in_parts(report, by_turn, "tracks that move toward the goal, by turn")
    yield from _splits(report)


def _reached_row(cell: CellReport) -> list[object]:
    means = cell.measures
    return [
        cell.recommender,
        cell.listener,
        cell.conversations,
        cell.failed,
        _interval(means["reached"]),
        number(means["turns_to_reach"].mean),
        "–" if cell.cost_usd is None else f"${cell.cost_usd:.4f}",
    ]


def _played_row(cell: CellReport) -> list[object]:
    return [
        cell.recommender,
        cell.listener,
        *(number(cell.measures[name].mean) for name in _PLAYED[:4]),
        "–" if cell.coverage is None else f"{cell.coverage:.0%}",
        number(cell.gini),
    ]


def _splits(report: BenchReport) -> Iterator[Table]:
    for field in dict.fromkeys(field for cell in report.cells for field in cell.splits):
        values = sorted({value for cell in report.cells for value in cell.splits[field]})
        shares = {value: [_share(c.splits[field].get(value)) for c in report.cells] for value in values}
        if values:
            yield from _in_parts(report, shares, f"goals reached, by {field.removesuffix('_code')}")


def _in_parts(report: BenchReport, columns: Mapping[str, Sequence[str]], title: str) -> Iterator[Table]:
    """Columns of a row a cell, as many side by side as a page has room for."""
    named = [[cell.recommender, cell.listener] for cell in report.cells]
    taken = sum(max(map(len, (head, *column))) + 2 for head, *column in zip(_NAMED, *named, strict=True))
    part: list[str] = []
    room = _WIDTH - taken
    for head, column in columns.items():
        width = max(map(len, (head, *column))) + 2
        if part and width > room:
            yield _part(named, columns, part, title)
            part, room = [], _WIDTH - taken
        part.append(head)
        room -= width
    yield _part(named, columns, part, title)


def _part(
    named: Sequence[Sequence[str]], columns: Mapping[str, Sequence[str]], heads: Sequence[str], title: str
) -> Table:
    rows = [[*names, *(columns[head][i] for head in heads)] for i, names in enumerate(named)]
    return Table([*_NAMED, *heads], rows, right=heads, title=title)


def _interval(found: Interval) -> str:
    if found.mean is None:
        return "–"
    return (
        f"{found.mean:.0%}"
        if found.low is None
        else f"{found.mean:.0%} ({found.low:.0%} to {found.high:.0%})"
    )


def _share(found: Interval | None) -> str:
    return "–" if found is None or found.mean is None else f"{found.mean:.0%}"
