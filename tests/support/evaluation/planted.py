"""A sound conversation of the tracks of the audits' tests and one more, and what one audit says of it."""

from __future__ import annotations

from typing import Any

from segue.evaluation.audits.result import AuditResult, Metric

from .auditing import audited, tracks


def known_tracks() -> Any:
    known: Any = tracks()
    known["t13"] = {**known["t1"], "track_id": "t13", "track_name": ["Oats"], "album_name": ["Record 13"]}
    return known


def result_of(row: Any, audit: str, **options: Any) -> AuditResult:
    found = audited(row, only=audit, known=known_tracks(), **options).result(audit)
    assert found is not None and found.applicable, (audit, found and found.lacking)
    return found


def metric_of(result: AuditResult, name: str) -> Metric:
    metric = result.metric(name)
    assert metric is not None, f"{result.name} has {[m.name for m in result.metrics]}"
    return metric
