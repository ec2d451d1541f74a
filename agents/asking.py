"""The repair loop: ask, check, send back with the reason, a bounded number of times; then fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from ..core.errors import AnswerError, Place
from ..models.reply import Reply
from ..models.request import AnswerFormat, Request
from ..prompts.answer_text import read_answer
from ..prompts.library import PromptLibrary
from ..prompts.parts import Message, message
from ..state.values import Agent
from .answers import Answer
from .echoes import echo_of

AnswerT = TypeVar("AnswerT", bound=Answer)
Check = Callable[[AnswerT], str | None]

REPAIRS = 2
"""How often an invalid answer is sent back before the conversation fails."""

REPAIR = "repair.j2"
"""The template with which it is sent back."""


class AnsweredCall(Protocol):
    """What a caller gives back: the ledger's key and the reply."""

    @property
    def key(self) -> str: ...
    @property
    def reply(self) -> Reply: ...


class Calls(Protocol):
    """The way to the models, as an agent sees it."""

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall: ...

    def answer_format(self, agent: Agent) -> AnswerFormat: ...


@dataclass(frozen=True)
class Desk:
    """What an agent works with besides its view.

    Attributes:
        retries: how often this conversation failed and was taken up again; each time the answers that were
            already refused stay in the ledger, and the same number of fresh ones may follow.
    """

    prompts: PromptLibrary
    calls: Calls
    place: Place
    repairs: int = REPAIRS
    retries: int = 0

    @property
    def answer_format(self) -> AnswerFormat:
        return self.calls.answer_format(Agent(self.place.agent))


@dataclass(frozen=True)
class Outcome(Generic[AnswerT]):
    """A valid answer and how it came about.

    Attributes:
        calls: ledger keys in order, the last one is the answer's.
        problems: why each earlier answer was refused.
        templates: template name -> digest, of all that was rendered.
    """

    answer: AnswerT
    calls: tuple[str, ...]
    problems: tuple[str, ...]
    templates: Mapping[str, str]

    def to_record(self, place: Place) -> dict[str, Any]:
        """The entry for the `records` channel."""
        return {
            "turn": place.turn,
            "agent": place.agent,
            "outcome": "repaired" if self.problems else "first answer",
            "attempts": len(self.calls),
            "calls": list(self.calls),
            "problems": list(self.problems),
            "templates": dict(self.templates),
        }


async def ask(
    desk: Desk, request: Request, answer_type: type[AnswerT], check: Check[AnswerT] | None = None
) -> Outcome[AnswerT]:
    """Put `request` to the agent's model until the answer is valid.

    Args:
        check: says what is wrong with a well-formed answer, or None when nothing is.

    Raises:
        AnswerError: when every allowed answer was invalid; all of them are in the ledger.
    """
    calls: list[str] = []
    problems: list[str] = []
    raw = ""

    def checked(answer: AnswerT) -> str | None:
        return echo_of(answer.model_dump(), request) or (check(answer) if check else None)

    for series in range(desk.retries + 1):
        current = request
        for step in range(desk.repairs + 1):
            attempt = series * (desk.repairs + 1) + step
            answered = await desk.calls.call(current, place=desk.place, attempt=attempt)
            calls.append(answered.key)
            raw = answered.reply.text
            answer, problem = examine(answered.reply, current.answer_format, answer_type, checked)
            if answer is not None:
                return Outcome(answer, tuple(calls), tuple(problems), current.templates)
            problems.append(problem)
            current = _with_repair(desk, current, raw, problem)
    raise AnswerError(
        f"{len(problems)} answers in a row were invalid; the last because {problems[-1]}",
        raw=raw,
        place=desk.place,
        hint="every answer is kept; run the same command again to ask anew",
    )


def examine(
    reply: Reply, answer_format: AnswerFormat, answer_type: type[AnswerT], check: Check[AnswerT] | None
) -> tuple[AnswerT | None, str]:
    """(answer, "") for a valid reply, else (None, why it is not)."""
    if reply.finish != "stop":
        return None, _FINISHES[reply.finish].format(reason=reply.finish_reason)
    try:
        fields = read_answer(reply.text, answer_format, tuple(answer_type.model_fields))
        answer = answer_type.model_validate(fields)
    except ValidationError as error:
        return None, "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()
        )
    except ValueError as error:
        return None, str(error)
    problem = check(answer) if check else None
    return (None, problem) if problem else (answer, "")


_FINISHES = {
    "length": "the answer was cut off at the limit of output tokens ({reason})",
    "blocked": "a safety filter blocked the answer ({reason})",
    "empty": "the answer was empty ({reason})",
    "other": "the answer ended for an unknown reason ({reason})",
}


def repair_messages(
    prompts: PromptLibrary, answer_format: AnswerFormat, raw: str, problem: str
) -> tuple[Message, ...]:
    """What a repair appends to its request: the refused answer, unless it was blank, and the reason."""
    parts = prompts.render(REPAIR, problem=problem, answer_format=answer_format)
    refused: tuple[Message, ...] = (message("ai", raw),) if raw.strip() else ()
    return (*refused, Message("human", parts))


def _with_repair(desk: Desk, request: Request, raw: str, problem: str) -> Request:
    """The request with the refused answer and the reason appended."""
    return replace(
        request,
        messages=(*request.messages, *repair_messages(desk.prompts, request.answer_format, raw, problem)),
        templates={**request.templates, REPAIR: desk.prompts.digest(REPAIR)},
    )
