"""The proof of the partition for stored threads: each line cut by whose settings it was played under, and audited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..agents.chair.caller import RecommenderCalls, SeatedCalls
from ..checkpoints.store.ledger import LedgerRow, StoredLedger
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.threads import Thread
from ..checkpoints.store.timeline import Step, steps
from ..core.errors import Place, SegueError
from ..core.hashing import digest_of
from ..models.caller import Caller
from ..models.factory import closed_model
from ..models.limits import Limits
from ..prompts.library import PromptLibrary
from ..runs.experiments.replay import segments
from ..runs.plan import RunPlan, load_config
from ..state.partition import TABLE, Partition, cell
from ..state.values import Agent
from .partition_audit import AuditReport, Keys, UnfinishedNode, audit_thread, audit_unfinished
from .partition_comparison import RenderedWith


def is_partitioned(thread: Thread) -> bool:
    """Whether agents played it that each saw a part of the truth: it was played here, and not written by one model."""
    return "partition" in thread.config and thread.config.get("pipeline", "agents") == "agents"


class PartitionProof:
    """Audits every request behind a thread; what a branch shares with its parents, under the parents' settings."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self._library_of = _Libraries()

    def __call__(self, thread: Thread) -> AuditReport:
        """What is found of it. An error on the way says of which conversation it is."""
        try:
            return self._audited(thread)
        except SegueError as error:
            error.message = f"conversation {thread.thread_id}: {error.message}"
            raise
        except Exception as error:
            error.add_note(f"while conversation {thread.thread_id} was audited")
            raise

    def of_move(self, thread: Thread, turn: int, agent: str) -> AuditReport:
        """What is found of what one agent was sent on one turn."""
        report, ledger = AuditReport(), self._reader.ledger
        line = list(steps(self._reader.saver, thread.thread_id))
        for owner, part in segments(self._reader.threads, thread, line):
            wanted = [step for step in part[1:] if step.record and _place(step.record) == (turn, agent)]
            audit_thread(report, thread.thread_id, wanted, ledger, self._settings(owner))
        for node in _unfinished(thread, line, ledger):
            if (node.place.turn, node.place.agent) == (turn, agent):
                self._audit_unfinished(report, node, thread)
        return report

    def _audited(self, thread: Thread) -> AuditReport:
        report, ledger = AuditReport(), self._reader.ledger
        line = list(steps(self._reader.saver, thread.thread_id))
        for owner, part in segments(self._reader.threads, thread, line):
            audit_thread(report, thread.thread_id, part[1:], ledger, self._settings(owner))
        for node in _unfinished(thread, line, ledger):
            self._audit_unfinished(report, node, thread)
        return report

    def _settings(self, owner: Thread) -> RenderedWith:
        plan, stream = load_config(owner.config)
        return RenderedWith(self._library_of(plan), Partition.from_json(plan.partition), plan.chair(stream))

    def _audit_unfinished(self, report: AuditReport, node: UnfinishedNode, thread: Thread) -> None:
        plan, stream = load_config(thread.config)
        ledger = self._reader.ledger
        audit_unfinished(report, node, ledger, plan, _keys(plan, ledger, stream), stream)


def _place(record: Mapping[str, Any]) -> tuple[int, str]:
    return record["turn"], record["agent"]


def _keys(plan: RunPlan, ledger: StoredLedger, stream: str) -> Keys:
    """The calls of a conversation, with nobody to answer them."""
    models = {agent: closed_model(spec) for agent, spec in plan.models.items()}
    caller, spec = Caller(models, ledger, None, Limits(1), stream), plan.recommender
    if spec is None:
        return caller
    return SeatedCalls(caller, RecommenderCalls(spec, None, ledger, Limits(1), stream))


class _Libraries:
    """The templates of each plan, read and compiled once for all conversations that were played with them."""

    def __init__(self) -> None:
        self._known: dict[str, PromptLibrary] = {}

    def __call__(self, plan: RunPlan) -> PromptLibrary:
        named = digest_of([dict(plan.prompt_overrides), plan.layout, plan.answer_rules, plan.acts])
        if named not in self._known:
            self._known[named] = plan.library()
        return self._known[named]


def _unfinished(thread: Thread, line: Sequence[Step], ledger: StoredLedger) -> Iterator[UnfinishedNode]:
    """Nodes whose calls the thread asked first and no record has: those that failed, or were stopped in mid-node."""
    recorded = {key for step in line if step.record for key in step.record["calls"]}
    calls: dict[tuple[int, str], list[LedgerRow]] = {}
    for row in ledger.rows(thread_ids=[thread.thread_id]):
        if row.key not in recorded and row.agent in set(Agent):
            calls.setdefault((row.turn, row.agent), []).append(row)
    before = {(step.record["turn"], step.record["agent"]): step.before for step in line if step.record}
    for (turn, agent), rows in calls.items():
        channels = before.get((turn, agent), line[-1].after if line else {})
        yield UnfinishedNode(
            Place(thread.thread_id, turn, agent), channels, sorted(rows, key=lambda row: row.attempt)
        )


def proof_json(report: AuditReport) -> dict[str, Any]:
    """The report with stable keys: {sound, threads, requests, rendered_equal, unfinished, matrix, findings}, and
    `drawn_of` of a sample."""
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
        **({} if report.drawn_of is None else {"drawn_of": report.drawn_of}),
        "requests": {agent.value: report.requests[agent.value] for agent in Agent},
        "rendered_equal": {agent.value: report.rendered[agent.value] for agent in Agent},
        "unfinished": {agent.value: report.unfinished[agent.value] for agent in Agent},
        "matrix": matrix,
        "findings": [asdict(finding) for finding in report.findings],
    }
