"""Audits of data sets to read: figures beside the published ones, differences, gates, rows found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ....core.tables import Table, counted
from ..conversation import COLUMNS
from ..result import AuditResult, Metric
from ..suite import DataAudit
from .comparison import MetricDifference
from .gates import GateResult

RIGHT = ("value", "of", "a", "b", "b − a")


def audit_blocks(one: DataAudit, *, rows: int, alone: bool) -> Iterator[str | Table]:
    """One data set: where it is `alone` a line for each metric and one for each series of them; then the rows found
    and what is not applicable."""
    yield f"{one.name}: {counted(len(one.sessions), 'conversation')}"
    applicable = [result for result in one.results if result.applicable]
    if alone:
        lines = [line for result in applicable for line in _lines(result)]
        yield Table(["audit", "metric", "value", "95 %", "of", "published"], lines, RIGHT)
        for result in applicable:
            yield from _series_of(result)
        yield from _legend(applicable)
    for result in applicable:
        if result.found_total and rows:
            yield from _rows(result, rows)
    lacking = [result for result in one.results if not result.applicable]
    if lacking:
        yield "not applicable:"
        for result in lacking:
            yield f"  {result.name}: {_why_not(result)}"
    yield from _left_out(applicable)


def _why_not(result: AuditResult) -> str:
    if result.lacking:
        return f"needs {'; '.join(COLUMNS[need] for need in result.lacking)}"
    return f"its rules hold for {' and '.join(result.languages)}; the conversations are in {_names(result)}"


def _left_out(results: Sequence[AuditResult]) -> Iterator[str]:
    """Conversations that some audits did not count, in one line for all audits of the same languages."""
    partly = [result for result in results if result.left_out]
    for _, group in groupby(partly, key=lambda result: (result.languages, sorted(result.left_out.items()))):
        same = list(group)
        count = sum(same[0].left_out.values())
        yield (
            f"{counted(count, 'conversation')} in {_names(same[0])} left out by {', '.join(r.name for r in same)}: "
            f"rules for {' and '.join(same[0].languages)}"
        )


def _names(result: AuditResult) -> str:
    return ", ".join(sorted(result.left_out))


def difference_blocks(
    a: DataAudit, b: DataAudit, differences: Sequence[MetricDifference]
) -> Iterator[str | Table]:
    """Two data sets side by side; a star where the interval leaves out zero."""
    yield f"a: {a.name} ({counted(len(a.sessions), 'conversation')})"
    yield f"b: {b.name} ({counted(len(b.sessions), 'conversation')})"
    lines, before = [], ""
    for found in differences:
        name, before = (found.audit if found.audit != before else ""), found.audit
        star = " *" if found.found else ""
        values = [shown(found.a, found.kind), shown(found.b, found.kind)]
        lines.append(
            [name, found.metric, *values, _signed(found.difference, found.kind) + star, _span(found)]
        )
    yield Table(["audit", "metric", "a", "b", "b − a", "95 %"], lines, RIGHT)
    paired = differences and differences[0].paired
    how = "pairs of conversations on the same sessions" if paired else "conversations"
    yield f"intervals from resampled {how}; * leaves out zero"


def gate_blocks(one: DataAudit, verdicts: Sequence[GateResult]) -> Iterator[str | Table]:
    """The gates, each with its value."""
    lines = [
        [
            {True: "met", False: "NOT MET", None: "n/a"}[verdict.met],
            verdict.gate.audit,
            verdict.gate.metric,
            "–" if verdict.value is None else f"{verdict.value:.4g}",
            verdict.gate.limit,
            verdict.reason or "",
        ]
        for verdict in verdicts
    ]
    beside = sum(verdict.met is None for verdict in verdicts)
    met, judged = sum(verdict.met is True for verdict in verdicts), len(lines) - beside
    more = f", {beside} not applicable" if beside else ""
    yield f"gates on {one.name}: {met} of {judged} met{more}"
    yield Table(["gate", "audit", "metric", "value", "limit", ""], lines, RIGHT)


def _legend(results: Sequence[AuditResult]) -> Iterator[str]:
    figures = [figure for result in results for metric in result.metrics for figure in metric.published]
    named = {figure.label: f"{figure.label}: {figure.data}" for figure in figures}
    if named:
        yield "published: " + "; ".join(named.values())


def _rows(result: AuditResult, rows: int) -> Iterator[str]:
    told = result.found[:rows]
    more = f", the first {len(told)}" if result.found_total > len(told) else ""
    yield f"{result.name}: {result.found_total} found{more}"
    for row in told:
        turn = f" turn {row.turn}" if row.turn else ""
        yield f"  {row.session_id}{turn} {row.measure}: {row.excerpt}"


def _lines(result: AuditResult) -> Iterator[list[str]]:
    name = result.name
    for metric in result.metrics:
        if "@" not in metric.name:
            yield [name, metric.name, _value(metric), _interval(metric), _of(metric), _published(metric)]
            name = ""


def _series_of(result: AuditResult) -> Iterator[str]:
    """Many numbers in one line: `progress moves@: t2 66 · t3 60 (train: t2 55 · t3 52)`."""
    series = [metric for metric in result.metrics if "@" in metric.name]
    for stem, group in groupby(series, key=lambda metric: metric.name.partition("@")[0]):
        members = list(group)
        values = " · ".join(f"{_key(metric)} {_short(metric.value, metric.kind)}" for metric in members)
        known = [metric for metric in members if metric.published]
        beside = " · ".join(f"{_key(m)} {_short(m.published[0].value, m.kind)}" for m in known)
        unit = " %" if members[0].kind == "share" else ""
        label = f" ({known[0].published[0].label}: {beside})" if known else ""
        yield f"{result.name} {stem}@{unit}: {values}{label}"


def _key(metric: Metric) -> str:
    return metric.name.partition("@")[2]


def _short(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.0f}" if kind == "share" else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def shown(value: float | None, kind: str) -> str:
    """A number as people read it: a share in percent, a whole number without a point."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "number" and value == int(value):
        return f"{int(value)}"
    return f"{value:.1f}" if abs(value) >= 5 else f"{value:.3f}"


def _value(metric: Metric) -> str:
    return shown(metric.value, metric.kind)


def _interval(metric: Metric) -> str:
    if metric.low is None or metric.high is None:
        return ""
    scale, places = (100, 1) if metric.kind == "share" else (1, 1 if abs(metric.high) >= 10 else 3)
    return f"{scale * metric.low:.{places}f} to {scale * metric.high:.{places}f}"


def _of(metric: Metric) -> str:
    if metric.of is None:
        return ""
    if metric.kind == "share":
        return f"{metric.count:g} of {metric.of:g}"
    return f"{metric.of:g}"


def _published(metric: Metric) -> str:
    return "; ".join(
        f"{shown(figure.value, metric.kind)} {figure.label}{': ' + figure.note if figure.note else ''}"
        for figure in metric.published
    )


def _signed(value: float | None, kind: str) -> str:
    if value is None:
        return "–"
    return (
        f"{100 * value:+.1f} pp"
        if kind == "share"
        else f"{value:+.1f}"
        if abs(value) >= 10
        else f"{value:+.3f}"
    )


def _span(found: MetricDifference) -> str:
    if found.low is None or found.high is None:
        return ""
    scale, places = (100, 1) if found.kind == "share" else (1, 3)
    return f"{scale * found.low:+.{places}f} to {scale * found.high:+.{places}f}"
