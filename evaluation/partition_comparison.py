"""What was sent, beside what the stored view renders to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..agents.chair.asking import worded_view
from ..agents.chair.chair import Chair, recommender_request
from ..agents.chair.view import RecommenderView
from ..agents.rendering import render_request
from ..agents.repairs import REPAIR, RefusedAnswer, repaired
from ..checkpoints.store.timeline import Step
from ..models.request import Request
from ..prompts.library import PromptLibrary
from ..state.partition import Partition
from ..state.values import Agent
from ..state.views import RecsysView, build_view


@dataclass(frozen=True)
class RenderedWith:
    """What requests are rendered with.

    Attributes:
        chair: who recommends in place of the recsys's model; None where that does.
    """

    prompts: PromptLibrary
    partition: Partition
    chair: Chair | None = None


@dataclass(frozen=True)
class Sent:
    """One recorded call of a step.

    Attributes:
        request: as the ledger has it.
        refused: answers of the same one before it on this step, and why each was refused; oldest first.
        attempt: which of the calls to the same one on this step it is, from 0.
    """

    place: tuple[str, int, str]
    request: Mapping[str, Any]
    refused: tuple[RefusedAnswer, ...]
    attempt: int = 0

    @property
    def agent(self) -> Agent:
        return Agent(self.place[2])

    @property
    def recommender(self) -> str | None:
        """The name of what was asked in place of the agent's model."""
        found: str | None = self.request.get("recommender")
        return found


def unexpected(expected: Request | None, request: Mapping[str, Any]) -> tuple[str, str] | None:
    if expected is None:
        return "mismatch", "the view and the answers before it lead to no such request"
    changed = [n for n, d in expected.templates.items() if request["templates"].get(n) != d]
    if changed:
        return "template", f"{', '.join(sorted(changed))} changed since the call was made"
    return None if _alike(expected.to_json(), request) else ("mismatch", "it is not what the view renders to")


def compare(step: Step, sent: Sent, settings: RenderedWith) -> tuple[str, str] | None:
    """(kind, detail) of a difference between what the view renders to and what was sent, or None."""
    view = build_view(sent.agent, step.before, settings.partition)
    chair = settings.chair if sent.agent is Agent.RECSYS else None
    if chair is not None and isinstance(view, RecsysView):
        if sent.recommender is not None:
            return _compare_body(view, chair, sent)
        view = worded_view(view, step.written["messages"][0].get("track_id"))
    prompts = settings.prompts
    rendered = render_request(prompts, view, sent.request["answer_format"])
    templates = dict(rendered.templates)
    if REPAIR in sent.request["templates"]:
        templates[REPAIR] = prompts.digest(REPAIR)
    changed = [n for n, d in templates.items() if sent.request["templates"].get(n) != d]
    if changed:
        return "template", f"{', '.join(sorted(changed))} changed since the call was made"
    # A conversation that failed and is taken up again begins with its first request anew.
    tails = (sent.refused[at:] for at in range(len(sent.refused), -1, -1))
    expected = [repaired(prompts, rendered, tail).to_json() for tail in tails]
    if any(_alike(one, sent.request) for one in expected):
        return None
    return _difference(expected, sent)


def _compare_body(view: RecsysView, chair: Chair, sent: Sent) -> tuple[str, str] | None:
    """The same for what a recommender was sent: the view as JSON, with its own faults of before."""
    for at in range(len(sent.refused) + 1):
        problems = tuple(refusal.problem for refusal in sent.refused[at:])
        told = RecommenderView.of(view, chair.stream, attempt=sent.attempt, problems=problems)
        if _alike(recommender_request(told, chair.model).to_json(), sent.request):
            return None
    return "mismatch", f"the body that {chair.name} was sent is not the view of the recsys"


def _alike(expected: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    return all(expected[name] == request[name] for name in ("schema", "messages"))


def _difference(expected: Sequence[Mapping[str, Any]], sent: Sent) -> tuple[str, str]:
    """(kind, detail) of the first thing in which what was sent differs from all that could have been."""
    if all(one["schema"] != sent.request["schema"] for one in expected):
        return "mismatch", "the schema of the answer differs from what the view allows"
    messages, first = list(sent.request["messages"]), len(expected[0]["messages"])
    for index in range(min(first, len(messages))):
        if all(messages[index] not in one["messages"][index : index + 1] for one in expected):
            return (
                "mismatch",
                f"message {index} ({messages[index]['role']}) is not what the view renders to",
            )
    if sent.refused:
        return "mismatch", f"what follows message {first - 1} is not the refused answers and their reasons"
    return "mismatch", f"{len(messages)} messages were sent, the view renders to {first}"


def body_sent(request: Mapping[str, Any]) -> Any:
    """What a recommender was sent, as it read it."""
    return json.loads("".join(part["text"] for message in request["messages"] for part in message["parts"]))
