"""The audits on real rows of the published layout find what its note counts, row by row."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from segue.dataset.opening import open_dataset
from segue.evaluation.audits.result import AuditResult
from segue.evaluation.audits.suite import DataAudit, audit_dataset, choose
from support.catalog.sources import SHARED

ROWS = SHARED / "talkplay2-rows" / "talkplaydata-challenge.blind-a.excerpt.jsonl"
HUMANS = SHARED / "cpcd" / "cpcd_v1.dialogs.dev.val.jsonl"

PHANTOM = [
    "525f",
    "809d",
    "d742",
    "1f7b",
    "0fed",
    "db8e",
    "dc3c",
    "fe22",
    "d5c8",
    "eaec",
    "ca8c",
    "3969",
    "5e1f",
]
"""First answers that speak of music heard before, read by hand; session ids by their beginning.

The rule was written with these rows in view: this holds it to what it does, and says nothing of other data.
"""
OPEN = ["2bfd", "c4f7", "ca9c"]
"""Those that may also be meant to point at what the listener just named."""


@pytest.fixture(scope="module")
def rows() -> list[Any]:
    if not ROWS.exists():
        pytest.skip("shared data not present")
    return [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def report(rows: list[Any]) -> DataAudit:
    return audit_dataset(open_dataset(ROWS), choose(), rows_kept=10_000)


def _found(report: DataAudit, audit: str) -> AuditResult:
    result = report.result(audit)
    assert result is not None and result.applicable
    assert len(result.found) == result.found_total
    return result


def _counts(result: AuditResult, measure: str) -> Counter[str]:
    return Counter(found.session_id for found in result.found if found.measure == measure)


@pytest.mark.parametrize(("side", "roles"), [("listener", ("user",)), ("recsys", ("music", "assistant"))])
def test_doubled_thoughts_row_by_row(
    rows: list[Any], report: DataAudit, side: str, roles: tuple[str, ...]
) -> None:
    expected = Counter(
        row["session_id"]
        for row in rows
        for message in row["conversations"]
        if message["role"] in roles and "thought:" in (message["thought"] or "")
    )
    assert _counts(_found(report, "doubled-thoughts"), side) == expected
    assert expected.total() == {"listener": 55, "recsys": 42}[side]


def test_no_track_is_played_twice(rows: list[Any], report: DataAudit) -> None:
    repeats = _found(report, "repeats").metric("repeated")
    plays = sum(message["role"] == "music" for row in rows for message in row["conversations"])
    assert repeats is not None and (repeats.value, repeats.of) == (0.0, plays)


def test_unpaired_quotation_marks_row_by_row(rows: list[Any], report: DataAudit) -> None:
    expected = Counter(
        row["session_id"]
        for row in rows
        for message in row["conversations"]
        if message["role"] == "user" and message["content"].count('"') % 2
    )
    assert _counts(_found(report, "quotes"), "listener") == expected


def test_first_answers_that_remember_too_much(report: DataAudit) -> None:
    """Twelve of the thirteen marked by hand, and none marked sound."""
    found = {session[:4] for session in _counts(_found(report, "phantom-history"), "phantom")}
    assert found <= {*PHANTOM, *OPEN}
    assert len(found & set(PHANTOM)) >= 12


def test_lost_first_thoughts(rows: list[Any], report: DataAudit) -> None:
    blank = sum(not message["thought"] for row in rows for message in row["conversations"][:1])
    found = _counts(_found(report, "placeholders"), "listener-thought")
    assert (found.total(), blank) == (16, 16)


def test_nobody_tells_the_goal_or_an_id_to_the_letter(report: DataAudit) -> None:
    assert _found(report, "private-words").found_total == 0


def test_what_the_rows_do_not_hold_is_said(report: DataAudit) -> None:
    lacking = {result.name for result in report.results if not result.applicable}
    assert {"progress", "known-picks", "pool-picks", "artist-lock-in", "pivots", "linkage"} <= lacking


@pytest.mark.parametrize(
    ("audit", "measure", "most"),
    [
        ("phantom-history", "phantom", 0),
        ("broken-text", "listener", 0),
        ("broken-text", "recsys", 0),
        ("quotes", "listener", 0),
        ("quotes", "recsys", 0),
        ("repeated-text", "listener", 0),
        ("repeated-text", "recsys", 0),
        ("meta-talk", "listener", 0),
        ("missing-fields", "asked", 0),
        ("pool-talk", "recsys", 0),
        ("placeholders", "listener", 0),
        ("near-duplicates", "in-a-pair", 0),
        ("private-words", "listener-id", 0),
        ("private-words", "recsys-id", 0),
        ("other-tracks", "named", 6),  # read by hand: all six name another track
    ],
)
def test_people_raise_no_false_alarms(audit: str, measure: str, most: int) -> None:
    if not HUMANS.exists():
        pytest.skip("shared data not present")
    result = audit_dataset(open_dataset(HUMANS), choose([audit])).result(audit)
    metric = result.metric(measure) if result else None
    assert metric is not None and metric.count is not None and metric.count <= most


def test_people_write_ten_words(report: DataAudit) -> None:
    if not HUMANS.exists():
        pytest.skip("shared data not present")
    result = audit_dataset(open_dataset(HUMANS), ["words"]).result("words")
    metric = result.metric("listener") if result else None
    assert metric is not None and metric.value == pytest.approx(10.5, abs=0.1)
