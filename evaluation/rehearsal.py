"""What a node that did not finish had asked: told anew from the state before it and from the answers that were kept."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..agents.asking import Desk
from ..agents.chair.chair import Chair
from ..agents.goal import choose_goal
from ..agents.listener import speak
from ..agents.profile import infer_profile
from ..agents.recsys import recommend
from ..core.errors import AnswerError, Place
from ..models.reply import Reply
from ..models.request import AnswerFormat, Request
from ..prompts.library import PromptLibrary
from ..state.values import Agent
from ..state.views import AnyView

_ACTS: Final[Mapping[Agent, Callable[[Any, Desk], Coroutine[Any, Any, Any]]]] = {
    Agent.PROFILE: infer_profile,
    Agent.GOAL: choose_goal,
    Agent.LISTENER: speak,
    Agent.RECSYS: recommend,
}


class FindReply(Protocol):
    """The answer kept to a request, or None."""

    def __call__(self, request: Request, place: Place, attempt: int) -> Reply | None: ...


class _NothingKeptError(Exception):
    """The node asked for an answer that never came."""


@dataclass(frozen=True)
class _KeptAnswer:
    key: str
    reply: Reply


@dataclass
class _KeptAnswers:
    """`Calls` that answer at once, and note what was asked."""

    find: FindReply
    form: AnswerFormat
    asked: list[Request] = field(default_factory=list)

    async def call(self, request: Request, *, place: Place, attempt: int) -> _KeptAnswer:
        reply = self.find(request, place, attempt)
        if reply is None:
            raise _NothingKeptError
        self.asked.append(request)
        return _KeptAnswer(str(attempt), reply)

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        return self.form


def rehearse(
    view: AnyView,
    place: Place,
    prompts: PromptLibrary,
    form: AnswerFormat,
    find: FindReply,
    repairs: int,
    most: int,
    chair: Chair | None = None,
) -> list[Request]:
    """The requests of the node, attempt by attempt, as long as their answers were kept.

    Args:
        find: finds the answer kept to a request of an attempt.
        most: attempts that there can have been.
        chair: see `Desk`.
    """
    calls = _KeptAnswers(find, form)
    desk = Desk(prompts, calls, place, repairs, retries=most // (repairs + 1), chair=chair)
    acting = _ACTS[Agent(place.agent)](view, desk)
    try:
        acting.send(None)  # nothing is waited for
    except (StopIteration, _NothingKeptError, AnswerError):
        return calls.asked
    raise RuntimeError(f"{place}: an agent waited for more than its calls")
