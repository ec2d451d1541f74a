"""The partition audit: every stored request re-rendered, compared, and searched for secrets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Protocol

from ..agents.asking import REPAIR, repair_messages
from ..agents.rendering import render_request
from ..checkpoints.store.timeline import Step
from ..models.reply import Reply
from ..models.request import AnswerFormat
from ..prompts.library import PromptLibrary
from ..state.partition import Information, Partition, rule
from ..state.values import Agent
from ..state.views import build_view
from .secrets import Secret, secrets_of

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


class RecordedCalls(Protocol):
    """What the audit reads of the ledger."""

    def read_request(self, key: str) -> dict[str, Any] | None: ...
    def read_reply(self, key: str) -> Reply | None: ...


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
        searched: (agent, information) -> secrets searched for in bytes.
        skipped: (agent, information) -> secrets too short to search for.
        disclosed: (agent, information) -> secrets found in bytes, but spoken in the public transcript,
            part of something the agent may read, or had said itself.
    """

    seen: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    rendered: Counter[str] = field(default_factory=Counter)
    searched: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    disclosed: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[PartitionFinding] = field(default_factory=list)

    @property
    def threads(self) -> int:
        """How many threads were audited."""
        return len(self.seen)

    @property
    def sound(self) -> bool:
        return not self.findings


def audit_thread(
    report: AuditReport,
    thread_id: str,
    steps: Iterable[Step],
    ledger: RecordedCalls,
    prompts: PromptLibrary,
    partition: Partition,
) -> None:
    """Add steps of a thread to `report`, all played under these templates and this partition."""
    report.seen.add(thread_id)
    for step in steps:
        if step.agent is not None and step.record is not None:
            _audit_step(report, thread_id, step, ledger, prompts, partition)


@dataclass(frozen=True)
class _Sent:
    """One recorded call of a step.

    Attributes:
        request: as the ledger has it.
        refused: the agent's own answers before it on this step, and why each was refused; oldest first.
    """

    place: tuple[str, int, str]
    request: Mapping[str, Any]
    refused: tuple[tuple[str, str], ...]

    @property
    def agent(self) -> Agent:
        return Agent(self.place[2])


def _audit_step(
    report: AuditReport,
    thread_id: str,
    step: Step,
    ledger: RecordedCalls,
    prompts: PromptLibrary,
    partition: Partition,
) -> None:
    record = step.record or {}
    place = (thread_id, record["turn"], record["agent"])
    refused: tuple[tuple[str, str], ...] = ()
    for key, problem in zip_longest(record["calls"], record["problems"], fillvalue=""):
        request, reply = ledger.read_request(key), ledger.read_reply(key)
        if request is None or reply is None:
            report.findings.append(PartitionFinding(*place, "missing", f"no call under key {key}"))
            continue
        sent = _Sent(place, request, refused)
        refused = (*refused, (reply.text, problem))
        report.requests[sent.agent] += 1
        found = _compare(step, sent, prompts, partition)
        if found is None:
            report.rendered[sent.agent] += 1
        else:
            report.findings.append(PartitionFinding(*place, *found))
        _search(report, step, sent, partition)


def _compare(step: Step, sent: _Sent, prompts: PromptLibrary, partition: Partition) -> tuple[str, str] | None:
    """(kind, detail) of a difference between what the view renders to and what was sent, or None."""
    answer_format: AnswerFormat = sent.request["answer_format"]
    rendered = render_request(prompts, build_view(sent.agent, step.before, partition), answer_format)
    templates = dict(rendered.templates)
    if REPAIR in sent.request["templates"]:
        templates[REPAIR] = prompts.digest(REPAIR)
    changed = [n for n, d in templates.items() if sent.request["templates"].get(n) != d]
    if changed:
        return "template", f"{', '.join(sorted(changed))} changed since the call was made"
    expected, messages = rendered.to_json(), list(sent.request["messages"])
    if expected["schema"] != sent.request["schema"]:
        return "mismatch", "the schema of the answer differs from what the view allows"
    first = len(expected["messages"])
    for index, (ours, theirs) in enumerate(zip(expected["messages"], messages, strict=False)):
        if ours != theirs:
            return "mismatch", f"message {index} ({theirs['role']}) is not what the view renders to"
    if messages[first:] in _repairs(sent, prompts, answer_format):
        return None
    if sent.refused:
        return "mismatch", f"what follows message {first - 1} is not the refused answers and their reasons"
    return "mismatch", f"{len(messages)} messages were sent, the view renders to {first}"


def _repairs(sent: _Sent, prompts: PromptLibrary, answer_format: AnswerFormat) -> list[list[Any]]:
    """What may follow the first request: the last refused answers with their reasons, any number of them.

    A conversation that failed and is taken up again begins with its first request anew.
    """
    allowed: list[list[Any]] = [[]]
    for raw, problem in reversed(sent.refused):
        pair = repair_messages(prompts, answer_format, raw, problem)
        allowed.append([*(m.to_json() for m in pair), *allowed[-1]])
    return allowed


def _search(report: AuditReport, step: Step, sent: _Sent, partition: Partition) -> None:
    haystack = _plain(sent.request["messages"]) + _plain(sent.request["schema"])
    known: str | None = None
    for secret in secrets_of(step.before, sent.agent, partition):
        cell = (sent.agent.value, secret.information.value)
        if not secret.searchable:
            report.skipped[cell] += 1
            continue
        report.searched[cell] += 1
        if not _contains(haystack, secret):
            continue
        if known is None:
            # A repair quotes what the agent itself had answered: nobody told it that.
            known = _allowed(step.before, sent.agent, partition) + _plain(sent.refused)
        if _contains(known, secret):
            report.disclosed[cell] += 1
        else:
            detail = f"{secret.information.value} in the bytes sent: {secret.value[:80]!r}"
            report.findings.append(PartitionFinding(*sent.place, "leak", detail, secret.information.value))


def _contains(haystack: str, secret: Secret) -> bool:
    return _plain_text(secret.value) in haystack


def _allowed(channels: Mapping[str, Any], agent: Agent, partition: Partition) -> str:
    """Everything the agent may read, as text: values found here are no secret to it."""
    view = build_view(agent, channels, partition)
    own = [channels.get(c) for i in Information if partition.may_read(agent, i) for c in rule(i).channels]
    return _plain(view.to_json()) + _plain(own)


def _plain(value: Any) -> str:
    """All strings in `value`, each made comparable whatever way it was quoted."""
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, Mapping):
        return "\n".join(_plain(item) for item in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(_plain(item) for item in value)
    return ""


def _plain_text(text: str) -> str:
    """Letters and digits, lower case: JSON escapes, line breaks and punctuation cannot hide a value."""
    if "\\" in text:
        text = _unescape(text)
    return _NOT_ALPHANUMERIC.sub("", text.casefold())


def _unescape(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text.replace("\\n", " ").replace("\\t", " ").replace('\\"', '"')
