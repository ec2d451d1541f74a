"""The report of the suite: plain JSON that says all of what the audits, the comparison and the gates came to."""

from __future__ import annotations

import json

from segue.evaluation.audits.reporting.comparison import compare
from segue.evaluation.audits.reporting.gates import Gate, judge
from segue.evaluation.audits.reporting.report import report_json
from segue.evaluation.audits.suite import DataAudit
from support.evaluation.auditing import audited, message, sound_row


def ill() -> DataAudit:
    row = sound_row(1)
    message(row, 4, "music")["content"] = "t1"
    return audited(sound_row(), row, only="repeats")


def test_a_result_is_told_with_its_definition_its_metrics_and_what_it_found() -> None:
    [data] = report_json([ill()])["data"]
    assert (data["name"], data["conversations"]) == ("rows", 2)
    [result] = data["audits"]
    found = ill().result("repeats")
    assert found is not None
    metrics, listed = result.pop("metrics"), result.pop("found")
    assert result == {
        "name": "repeats",
        "definition": found.definition,
        "needs": ["picks"],
        "applicable": True,
        "lacking": [],
        "conversations": 2,
        "found_total": 1,
        "languages": [],
        "left_out": {},
    }
    assert [(one["session_id"], one["turn"], one["measure"]) for one in listed] == [
        ("user1__2016-03-02", 4, "repeated")
    ]
    repeated = next(metric for metric in metrics if metric["name"] == "repeated")
    source = found.metric("repeated")
    assert source is not None and source.low is not None
    assert (repeated["kind"], repeated["value"], repeated["count"], repeated["of"]) == ("share", 1 / 8, 1, 8)
    assert (repeated["low"], repeated["high"]) == (source.low, source.high)
    assert [figure["label"] for figure in repeated["published"]] == [f.label for f in source.published]
    assert set(repeated["published"][0]) == {"value", "label", "data", "source", "note"}


def test_what_could_not_be_applied_says_what_it_lacks() -> None:
    [result] = report_json([audited(sound_row(), only="linkage")])["data"][0]["audits"]
    assert (result["applicable"], result["lacking"], result["metrics"]) == (False, ["sessions"], [])


def test_differences_and_verdicts_stand_with_the_data_they_are_about() -> None:
    first, second = audited(sound_row(), sound_row(1), only="repeats"), ill()
    gates = [Gate("repeats", "repeated", None, 0.1, 1), Gate("words", "listener", 1.0, None, 2)]
    report = report_json(
        [first, second], [compare(first, second)], [judge(gates, d) for d in (first, second)]
    )
    [difference] = report["differences"]
    assert (difference["a"], difference["b"]) == ("rows", "rows")
    told = {one["metric"]: one for one in difference["metrics"]}
    assert (told["repeated"]["a"], told["repeated"]["b"], told["repeated"]["difference"]) == (0, 0.125, 0.125)
    assert [entry["data"] for entry in report["gates"]] == ["rows", "rows"]
    met, unmet = (entry["gates"][0] for entry in report["gates"])
    assert met == {
        "audit": "repeats", "metric": "repeated", "min": None, "max": 0.1, "value": 0.0, "met": True,
        "reason": None,
    }  # fmt: skip
    assert (unmet["value"], unmet["met"], unmet["reason"]) == (0.125, False, "must be at most 0.1")
    unrun = report["gates"][1]["gates"][1]
    assert (unrun["min"], unrun["max"], unrun["met"]) == (1.0, None, False)
    assert json.loads(json.dumps(report)) == report
