"""The report of the suite as plain JSON with stable keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..result import AuditResult, Metric
from ..suite import DataAudit
from .comparison import MetricDifference
from .gates import GateResult


def report_json(
    audited: Sequence[DataAudit],
    differences: Sequence[Sequence[MetricDifference]] = (),
    verdicts: Sequence[Sequence[GateResult]] = (),
) -> dict[str, Any]:
    """{data: [{name, conversations, audits}], differences: [{a, b, metrics}], gates: [{data, gates}]}.

    The differences are of each further data set with the first one.
    """
    first = audited[0].name
    return {
        "data": [_data(one) for one in audited],
        "differences": [
            {"a": first, "b": other.name, "metrics": [asdict(difference) for difference in found]}
            for other, found in zip(audited[1:], differences, strict=True)
        ],
        "gates": [
            {"data": one.name, "gates": [_verdict(verdict) for verdict in judged]}
            for one, judged in zip(audited, verdicts, strict=False)
        ],
    }


def _data(one: DataAudit) -> dict[str, Any]:
    return {
        "name": one.name,
        "conversations": len(one.sessions),
        "audits": [_result(result) for result in one.results],
    }


def _result(result: AuditResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "definition": result.definition,
        "needs": list(result.needs),
        "applicable": result.applicable,
        "lacking": list(result.lacking),
        "conversations": result.conversations,
        "metrics": [_metric(metric) for metric in result.metrics],
        "found_total": result.found_total,
        "found": [asdict(finding) for finding in result.found],
        "languages": list(result.languages),
        "left_out": dict(result.left_out),
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "kind": metric.kind,
        "value": metric.value,
        "count": metric.count,
        "of": metric.of,
        "low": metric.low,
        "high": metric.high,
        "published": [asdict(figure) for figure in metric.published],
    }


def _verdict(verdict: GateResult) -> dict[str, Any]:
    gate = verdict.gate
    return {
        "audit": gate.audit,
        "metric": gate.metric,
        "min": gate.low,
        "max": gate.high,
        "value": verdict.value,
        "met": verdict.met,
        "reason": verdict.reason,
    }
