"""Audits to read: every figure in the form that people read it in, beside what was published, with what was found."""

from __future__ import annotations

from typing import Any

import pytest
from segue.core.tables import Table
from segue.evaluation.audits.conversation import COLUMNS
from segue.evaluation.audits.reporting.comparison import MetricDifference
from segue.evaluation.audits.reporting.gates import Gate, GateResult
from segue.evaluation.audits.reporting.published import Figure
from segue.evaluation.audits.reporting.tables import audit_blocks, difference_blocks, gate_blocks, shown
from segue.evaluation.audits.result import AuditResult, Finding, Metric
from segue.evaluation.audits.suite import DataAudit

FIGURE = Figure(0.5, "train", "published training data", "a count", "counted otherwise")


def result(
    name: str, *metrics: Metric, found: int = 0, total: int = 0, lacking: tuple[str, ...] = ()
) -> AuditResult:
    findings = tuple(Finding(f"s{n}", n, "repeated", f"track {n}") for n in range(found))
    return AuditResult(name, "a definition", ("picks",), lacking, 3, metrics, findings, total)


REPEATS = result(
    "repeats",
    Metric("repeated", "share", 0.125, 1, 8, 0.0234, 0.4709, (FIGURE,)),
    Metric("length", "mean", 12.345, 98.76, 8, 9.5, 14.25),
    Metric("short", "mean", 0.5, 4, 8, 0.25, 0.75),
    Metric("pairs", "number", 3.0),
    Metric("nothing", "share", None, 0, 0),
    Metric("moves@t2", "share", 0.5, 4, 8, published=(FIGURE,)),
    Metric("moves@t3", "share", None),
    Metric("words@t2", "mean", 3.14159),
    Metric("words@t3", "mean", 31.4159),
    found=3,
    total=5,
)
DATA = DataAudit("mine", ("a", "b"), (REPEATS, result("linkage", lacking=("sessions", "pool"))))


def blocks(*, rows: int = 2, alone: bool = True) -> list[str | Table]:
    return list(audit_blocks(DATA, rows=rows, alone=alone))


def test_one_data_set_has_a_line_for_each_metric_and_one_for_each_series() -> None:
    head, table, *lines = blocks()
    assert head == "mine: 2 conversations" and isinstance(table, Table)
    assert table.columns == ["audit", "metric", "value", "95 %", "of", "published"]
    assert set(table.right) >= {"value", "of"}
    assert table.rows == [
        ["repeats", "repeated", "12.5 %", "2.3 to 47.1", "1 of 8", "50.0 % train: counted otherwise"],
        ["", "length", "12.3", "9.5 to 14.2", "8", ""],
        ["", "short", "0.500", "0.250 to 0.750", "8", ""],
        ["", "pairs", "3", "", "", ""],
        ["", "nothing", "–", "", "0 of 0", ""],
    ]
    assert lines == [
        "repeats moves@ %: t2 50 · t3 – (train: t2 50)",
        "repeats words@: t2 3.14 · t3 31",
        "published: train: published training data",
        "repeats: 5 found, the first 2",
        "  s0 repeated: track 0",
        "  s1 turn 1 repeated: track 1",
        "not applicable:",
        f"  linkage: needs {COLUMNS['sessions']}; {COLUMNS['pool']}",
    ]


def test_one_of_several_has_only_what_was_found_and_what_is_lacking() -> None:
    told = blocks(rows=9, alone=False)
    assert told[:2] == ["mine: 2 conversations", "repeats: 5 found, the first 3"] and len(told) == 7
    assert not any(isinstance(block, Table) for block in told)
    assert blocks(rows=0, alone=False) == ["mine: 2 conversations", "not applicable:", told[-1]]
    whole = DataAudit("mine", (), (result("repeats", found=2, total=2),))
    assert list(audit_blocks(whole, rows=5, alone=False))[1] == "repeats: 2 found"


def difference(
    metric: str, kind: str, *values: Any, paired: bool = False, audit: str = "repeats"
) -> MetricDifference:
    return MetricDifference(audit, metric, kind, *values, paired)


def test_two_data_sets_stand_side_by_side() -> None:
    found = [
        difference("repeated", "share", 0.25, 0.5, 0.25, 0.125, 0.375),
        difference("length", "mean", 40.0, 20.0, -20.0, -41.5, 1.25),
        difference("pairs", "number", 2.0, 4.5, 2.5, None, None),
        difference("hits", "share", None, 0.5, None, None, None, audit="linkage"),
    ]
    a, b, table, how = difference_blocks(DATA, DataAudit("other", ("x",), ()), found)
    assert (a, b) == ("a: mine (2 conversations)", "b: other (1 conversation)") and isinstance(table, Table)
    assert table.columns == ["audit", "metric", "a", "b", "b − a", "95 %"] and "b − a" in table.right
    assert table.rows == [
        ["repeats", "repeated", "25.0 %", "50.0 %", "+25.0 pp *", "+12.5 to +37.5"],
        ["", "length", "40.0", "20.0", "-20.0", "-41.500 to +1.250"],
        ["", "pairs", "2", "4.500", "+2.500", ""],
        ["linkage", "hits", "–", "50.0 %", "–", ""],
    ]
    assert how == "intervals from resampled conversations; * leaves out zero"
    paired = [difference("repeated", "share", 0.0, 0.0, 0.0, 0.0, 0.0, paired=True)]
    *_, how = difference_blocks(DATA, DATA, paired)
    assert how == "intervals from resampled pairs of conversations on the same sessions; * leaves out zero"


def test_gates_are_told_with_their_values_and_how_many_are_met() -> None:
    verdicts = [
        GateResult(Gate("repeats", "repeated", None, 0.2, 1), 0.123456, True),
        GateResult(Gate("words", "listener", 5.0, 30.0, 2), 31.0, False, "must be at least 5 and at most 30"),
        GateResult(Gate("linkage", "linked", None, 1.0, 3), None, False, "the audit was not run"),
    ]
    head, table = gate_blocks(DATA, verdicts)
    assert head == "gates on mine: 1 of 3 met" and isinstance(table, Table)
    assert table.columns[:4] == ["gate", "audit", "metric", "value"] and "value" in table.right
    assert table.rows == [
        ["met", "repeats", "repeated", "0.1235", "at most 0.2", ""],
        [
            "NOT MET",
            "words",
            "listener",
            "31",
            "at least 5 and at most 30",
            "must be at least 5 and at most 30",
        ],
        ["NOT MET", "linkage", "linked", "–", "at most 1", "the audit was not run"],
    ]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "share", "–"), (0.5, "share", "50.0 %"), (1.0, "share", "100.0 %"), (3.0, "number", "3"),
        (3.5, "number", "3.500"), (5.0, "mean", "5.0"), (4.999, "mean", "4.999"), (-7.25, "number", "-7.2"),
    ],
)  # fmt: skip
def test_a_number_as_people_read_it(value: float | None, kind: str, text: str) -> None:
    assert shown(value, kind) == text
