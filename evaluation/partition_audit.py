"""The partition audit: every stored request re-rendered, compared, and searched for secrets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Protocol

from ..agents.repairs import RefusedAnswer
from ..checkpoints.store.ledger import LedgerRow
from ..checkpoints.store.timeline import Channels, Step
from ..core.errors import Place
from ..models.reply import Reply
from ..models.request import AnswerFormat, Request
from ..runs.plan import RunPlan
from ..state.partition import Information, Partition, rule
from ..state.values import Agent
from ..state.views import build_view
from .partition_comparison import RenderedWith, Sent, body_sent, compare, unexpected
from .rehearsal import rehearse
from .secrets import Secret, plain, plain_text, secrets_of


class RecordedCalls(Protocol):
    """What the audit reads of the ledger."""

    def read_request(self, key: str) -> dict[str, Any] | None: ...
    def read_reply(self, key: str) -> Reply | None: ...


class Keys(Protocol):
    """What gives calls their keys in the ledger."""

    def key(self, request: Request, *, place: Place, attempt: int) -> str: ...


@dataclass(frozen=True)
class PartitionFinding:
    """Something wrong with one request.

    Attributes:
        kind: `leak` (a secret is in the bytes sent), `mismatch` (the view renders to other bytes than
            were sent), `template` (the template changed since, so nothing can be compared) or `missing`
            (the ledger lacks the call).
    """

    thread_id: str
    turn: int
    agent: str
    kind: str
    detail: str
    information: str | None = None


@dataclass
class AuditReport:
    """What was checked and what was found.

    Attributes:
        seen: ids of the threads audited.
        requests: agent -> requests checked.
        rendered: agent -> requests whose re-rendered digest equals the ledger's.
        unfinished: agent -> requests checked of nodes that did not finish: they failed, or were stopped.
        searched: (agent, information) -> secrets searched for in bytes.
        skipped: (agent, information) -> secrets too short to search for.
        disclosed: (agent, information) -> secrets found in bytes, but spoken in the public transcript,
            part of something the agent may read, or had said itself.
        drawn_of: of how many the threads are a sample; None where all were audited.
    """

    seen: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    rendered: Counter[str] = field(default_factory=Counter)
    unfinished: Counter[str] = field(default_factory=Counter)
    searched: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    disclosed: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[PartitionFinding] = field(default_factory=list)
    drawn_of: int | None = None

    @property
    def threads(self) -> int:
        """How many threads were audited."""
        return len(self.seen)

    @property
    def sound(self) -> bool:
        return not self.findings

    def add(self, other: AuditReport) -> None:
        """Count what another report of other threads found, too."""
        self.seen |= other.seen
        for name in ("requests", "rendered", "unfinished", "searched", "skipped", "disclosed"):
            getattr(self, name).update(getattr(other, name))
        self.findings += other.findings


def audit_thread(
    report: AuditReport,
    thread_id: str,
    steps: Iterable[Step],
    ledger: RecordedCalls,
    settings: RenderedWith,
) -> None:
    """Add steps of a thread to `report`, all played under these settings."""
    report.seen.add(thread_id)
    for step in steps:
        if step.agent is not None and step.record is not None:
            _audit_step(report, thread_id, step, ledger, settings)


def _audit_step(
    report: AuditReport, thread_id: str, step: Step, ledger: RecordedCalls, settings: RenderedWith
) -> None:
    record = step.record or {}
    place = (thread_id, record["turn"], record["agent"])
    for calls in _by_asked(record):
        refused: tuple[RefusedAnswer, ...] = ()
        for attempt, (key, problem) in enumerate(calls):
            request, reply = ledger.read_request(key), ledger.read_reply(key)
            if request is None or reply is None:
                report.findings.append(PartitionFinding(*place, "missing", f"no call under key {key}"))
                continue
            sent = Sent(place, request, refused, attempt)
            refused = (*refused, RefusedAnswer(reply, problem))
            report.requests[sent.agent] += 1
            found = compare(step, sent, settings)
            if found is None:
                report.rendered[sent.agent] += 1
            else:
                report.findings.append(PartitionFinding(*place, *found))
            _search(report, step.before, sent, settings.partition)


def _by_asked(record: Mapping[str, Any]) -> Iterator[list[tuple[str, str]]]:
    """The calls to a recommender, then those to a model: (key, why its answer was refused)."""
    calls, problems = record["calls"], record["problems"]
    asked = record.get("recommender", {}).get("calls", 0)
    if asked:
        yield list(zip_longest(calls[:asked], problems[: asked - 1], fillvalue=""))
    yield list(zip_longest(calls[asked:], problems[max(0, asked - 1) :], fillvalue=""))


@dataclass(frozen=True)
class UnfinishedNode:
    """A node whose calls are in the ledger and in no record.

    Attributes:
        before: channels when it was about to act.
        calls: in the ledger, by attempt.
    """

    place: Place
    before: Channels
    calls: Sequence[LedgerRow]


def audit_unfinished(
    report: AuditReport, node: UnfinishedNode, ledger: RecordedCalls, plan: RunPlan, calls: Keys, stream: str
) -> None:
    """Add what was asked for a node that did not finish.

    Args:
        calls: give the calls' keys as they were when the node asked.
        stream: name of the conversation's random stream.
    """
    agent, prompts, partition = Agent(node.place.agent), plan.library(), Partition.from_json(plan.partition)
    place = (node.place.thread_id, node.place.turn, agent.value)
    stored = [(row, ledger.read_request(row.key), ledger.read_reply(row.key)) for row in node.calls]

    def find(request: Request, place: Place, attempt: int) -> Reply | None:
        return ledger.read_reply(calls.key(request, place=place, attempt=attempt))

    form: AnswerFormat = next((r["answer_format"] for _, r, _ in stored if r), "json")
    view, most = build_view(agent, node.before, partition), max(row.attempt for row in node.calls)
    chair = plan.chair(stream) if agent is Agent.RECSYS else None
    asked = rehearse(view, node.place, prompts, form, find, plan.repairs, most, chair)
    refused: tuple[RefusedAnswer, ...] = ()
    for row, request, reply in stored:
        if request is None or reply is None:
            report.findings.append(PartitionFinding(*place, "missing", f"no call under key {row.key}"))
            continue
        report.requests[agent] += 1
        report.unfinished[agent] += 1
        alike = [one for one in asked if one.recommender == request.get("recommender")]
        found = unexpected(alike[row.attempt] if row.attempt < len(alike) else None, request)
        if found is None:
            report.rendered[agent] += 1
        else:
            report.findings.append(PartitionFinding(*place, *found))
        _search(report, node.before, Sent(place, request, refused), partition)
        refused = (*refused, RefusedAnswer(reply, ""))


def _search(report: AuditReport, before: Channels, sent: Sent, partition: Partition) -> None:
    haystack = plain(sent.request["messages"]) + plain(sent.request["schema"])
    if sent.recommender is not None:
        haystack += plain(body_sent(sent.request))
    known: str | None = None
    for secret in secrets_of(before, sent.agent, partition):
        cell = (sent.agent.value, secret.information.value)
        if not secret.searchable:
            report.skipped[cell] += 1
            continue
        report.searched[cell] += 1
        if not _contains(haystack, secret):
            continue
        if known is None:
            # A repair quotes what the agent itself had answered: nobody told it that.
            known = _allowed(before, sent.agent, partition)
            known += plain([[r.reply.text, r.problem] for r in sent.refused])
        if _contains(known, secret):
            report.disclosed[cell] += 1
        else:
            detail = f"{secret.information.value} in the bytes sent: {secret.value[:80]!r}"
            report.findings.append(PartitionFinding(*sent.place, "leak", detail, secret.information.value))


def _contains(haystack: str, secret: Secret) -> bool:
    return plain_text(secret.value) in haystack


def _allowed(channels: Mapping[str, Any], agent: Agent, partition: Partition) -> str:
    """Everything the agent may read, as text: values found here are no secret to it."""
    view = build_view(agent, channels, partition)
    own = [channels.get(c) for i in Information if partition.may_read(agent, i) for c in rule(i).channels]
    return plain(view.to_json()) + plain(own)
