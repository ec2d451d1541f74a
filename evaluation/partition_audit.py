"""The partition audit: every stored request re-rendered, compared, and searched for secrets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..agents.rendering import render_request
from ..checkpoints.ledger import StoredLedger
from ..checkpoints.timeline import Step
from ..models.request import AnswerFormat
from ..prompts.library import PromptLibrary
from ..state.partition import Information, Partition, rule
from ..state.values import Agent
from ..state.views import build_view
from .secrets import Secret, secrets_of

_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Finding:
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
        disclosed: (agent, information) -> secrets found in bytes, but spoken in the public transcript or
            part of something the agent may read.
    """

    seen: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    rendered: Counter[str] = field(default_factory=Counter)
    searched: Counter[tuple[str, str]] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    disclosed: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

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
    ledger: StoredLedger,
    prompts: PromptLibrary,
    partition: Partition,
) -> None:
    """Add steps of a thread to `report`, all played under these templates and this partition."""
    report.seen.add(thread_id)
    for step in steps:
        if step.agent is not None and step.record is not None:
            _audit_step(report, thread_id, step, ledger, prompts, partition)


def _audit_step(
    report: AuditReport,
    thread_id: str,
    step: Step,
    ledger: StoredLedger,
    prompts: PromptLibrary,
    partition: Partition,
) -> None:
    record = step.record or {}
    agent = Agent(record["agent"])
    for number, key in enumerate(record["calls"]):
        found = ledger.read_request(key)
        if found is None:
            report.findings.append(
                Finding(thread_id, record["turn"], agent, "missing", f"no call under key {key}")
            )
            continue
        report.requests[agent] += 1
        place = (thread_id, record["turn"], agent.value)
        problem = _compare(step, agent, found, number, prompts, partition)
        if problem is None:
            report.rendered[agent] += 1
        else:
            report.findings.append(Finding(*place, *problem))
        _search(report, place, step, found, partition)


def _compare(
    step: Step,
    agent: Agent,
    sent: Mapping[str, Any],
    number: int,
    prompts: PromptLibrary,
    partition: Partition,
) -> tuple[str, str] | None:
    """(kind, detail) of a difference between what the view renders to and what was sent, or None."""
    answer_format: AnswerFormat = sent["answer_format"]
    rendered = render_request(prompts, build_view(agent, step.before, partition), answer_format)
    changed = [n for n, d in rendered.templates.items() if sent["templates"].get(n) != d]
    if changed:
        return "template", f"{', '.join(sorted(changed))} changed since the call was made"
    expected, messages = rendered.to_json(), list(sent["messages"])
    if number:  # A repair: the first request, then pairs of refused answer and reason.
        messages = messages[: len(expected["messages"])]
    if expected["schema"] != sent["schema"]:
        return "mismatch", "the schema of the answer differs from what the view allows"
    for index, (ours, theirs) in enumerate(zip(expected["messages"], messages, strict=False)):
        if ours != theirs:
            return "mismatch", f"message {index} ({theirs['role']}) is not what the view renders to"
    if len(expected["messages"]) != len(messages):
        wanted = len(expected["messages"])
        return "mismatch", f"{len(messages)} messages were sent, the view renders to {wanted}"
    return None


def _search(
    report: AuditReport,
    place: tuple[str, int, str],
    step: Step,
    sent: Mapping[str, Any],
    partition: Partition,
) -> None:
    agent = Agent(place[2])
    haystack = _plain(sent["messages"]) + _plain(sent["schema"])
    allowed: str | None = None
    for secret in secrets_of(step.before, agent, partition):
        cell = (agent.value, secret.information.value)
        if not secret.searchable:
            report.skipped[cell] += 1
            continue
        report.searched[cell] += 1
        if not _contains(haystack, secret):
            continue
        if allowed is None:
            allowed = _allowed(step.before, agent, partition)
        if _contains(allowed, secret):
            report.disclosed[cell] += 1
        else:
            detail = f"{secret.information.value} in the bytes sent: {secret.value[:80]!r}"
            report.findings.append(Finding(*place, "leak", detail, secret.information.value))


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
