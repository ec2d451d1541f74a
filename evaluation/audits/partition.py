"""The audit of the partition, for conversations of the store: the proof of `segue audit` as one of the suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ..partition_audit import AuditReport
from .conversation import AuditedConversation
from .reporting.published import Figure
from .result import Audit, AuditMeasure, AuditResult, Finding, Measures, Metric


class PartitionAudit(Audit):
    name = "partition"
    definition = (
        "Every request is what its agent's view renders to, and holds no private value of another agent "
        "(`segue audit` without --data tells it cell by cell)."
    )
    needs = ("store",)
    measures: ClassVar[Measures] = {
        "requests-changed": AuditMeasure("share", "requests that are not their view's rendering"),
        "findings": AuditMeasure("number", "leaks, changed or missing requests"),
        "searched": AuditMeasure("number", "private values searched for"),
    }

    def read(self, talk: AuditedConversation) -> None:
        """Nothing: the proof needs the store's checkpoints and ledger, see `partition_result`."""


def partition_result(
    report: AuditReport, figures: Mapping[str, tuple[Figure, ...]], rows_kept: int
) -> AuditResult:
    """The report of `segue.evaluation.partition_audit` as a result of the suite."""
    requests = report.requests.total()
    changed = requests - report.rendered.total()
    share = changed / requests if requests else None
    found = tuple(
        Finding(f.thread_id, f.turn, f.kind, f"{f.agent}: {f.detail}") for f in report.findings[:rows_kept]
    )
    metrics = (
        Metric(
            "requests-changed",
            "share",
            share,
            changed,
            requests,
            published=figures.get("requests-changed", ()),
        ),
        Metric("findings", "number", float(len(report.findings))),
        Metric("searched", "number", float(report.searched.total())),
    )
    return AuditResult(
        PartitionAudit.name,
        PartitionAudit.definition,
        PartitionAudit.needs,
        (),
        report.threads,
        metrics,
        found,
        len(report.findings),
    )
