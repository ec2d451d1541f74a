"""The proof of the partition for stored threads: each line cut by whose settings it was played under, and audited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ..checkpoints.store.ledger import StoredLedger
from ..checkpoints.store.threads import Thread, Threads
from ..checkpoints.store.timeline import steps
from ..prompts.library import PromptLibrary
from ..runs.experiments.replay import segments
from ..state.partition import TABLE, Partition, cell
from ..state.values import Agent
from .partition_audit import AuditReport, audit_thread


def prove_partition(
    found: Iterable[Thread], threads: Threads, saver: BaseCheckpointSaver[Any], ledger: StoredLedger
) -> AuditReport:
    """Audit every request behind the threads; what a branch shares with its parents, under the parents' settings."""
    report = AuditReport()
    for thread in found:
        line = list(steps(saver, thread.thread_id))
        for owner, part in segments(threads, thread, line):
            prompts = PromptLibrary(
                owner.config.get("prompt_overrides") or {}, layout=owner.config.get("layout", "own")
            )
            partition = Partition.from_json(owner.config["partition"])
            audit_thread(report, thread.thread_id, part[1:], ledger, prompts, partition)
    return report


def proof_json(report: AuditReport) -> dict[str, Any]:
    """The report with stable keys: {sound, threads, requests, rendered_equal, matrix, findings}."""
    matrix = {
        agent.value: {
            rule.information.value: {
                "rule": cell(agent, rule.information),
                "searched": report.searched[agent.value, rule.information.value],
                "too_short": report.skipped[agent.value, rule.information.value],
                "disclosed": report.disclosed[agent.value, rule.information.value],
            }
            for rule in TABLE
        }
        for agent in Agent
    }
    return {
        "sound": report.sound,
        "threads": report.threads,
        "requests": {agent.value: report.requests[agent.value] for agent in Agent},
        "rendered_equal": {agent.value: report.rendered[agent.value] for agent in Agent},
        "matrix": matrix,
        "findings": [asdict(finding) for finding in report.findings],
    }
