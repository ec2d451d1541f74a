"""The repair loop: ask, check, send back with the reason, a bounded number of times; then fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import ValidationError

from ..core.errors import AnswerError, Place
from ..core.loops import loops
from ..models.reply import Reply
from ..models.request import AnswerFormat, Request
from ..prompts.answer_text import read_answer
from ..prompts.library import PromptLibrary
from ..prompts.parts import Text
from ..prompts.template_files import Rules
from ..state.channels import RULES_WITH_TRUTH
from ..state.values import Agent
from .answers import Answer
from .chair.chair import Chair
from .echoes import borrowed_words, echo_of
from .repairs import REPAIR, RefusedAnswer, repaired
from .schemas import too_long, unnested
from .words import unfit

AnswerT = TypeVar("AnswerT", bound=Answer)
Check = Callable[[AnswerT], str | None]
Adjust = Callable[[dict[str, Any]], str | None]
"""Puts a value that misses its bounds at the nearest one inside of them, in place, and says so; None where all fit."""

REPAIRS = 2
"""How often an invalid answer is sent back before the conversation fails."""


class AnsweredCall(Protocol):
    """What a caller gives back: the ledger's key and the reply."""

    @property
    def key(self) -> str: ...
    @property
    def reply(self) -> Reply: ...


class Calls(Protocol):
    """The way to the models, as an agent sees it."""

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall: ...

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat: ...


@dataclass(frozen=True)
class Desk:
    """What an agent works with besides its view.

    Attributes:
        retries: how often this conversation failed and was taken up again; each time the answers that were
            already refused stay in the ledger, and the same number of fresh ones may follow.
        chair: who recommends in place of the recsys's model; None where that does.
    """

    prompts: PromptLibrary
    calls: Calls
    place: Place
    repairs: int = REPAIRS
    retries: int = 0
    chair: Chair | None = None

    @property
    def answer_format(self) -> AnswerFormat:
        return self.calls.answer_format(Agent(self.place.agent), self.place.turn)


@dataclass(frozen=True)
class Outcome(Generic[AnswerT]):
    """A valid answer and how it came about.

    Attributes:
        calls: ledger keys in order, the last one is the answer's.
        problems: why each earlier answer was refused.
        templates: template name -> digest, of all that was rendered.
        adjusted: what of the answer was put inside its bounds, after a repair had not done so.
    """

    answer: AnswerT
    calls: tuple[str, ...]
    problems: tuple[str, ...]
    templates: Mapping[str, str]
    adjusted: str | None = None

    def to_record(self, place: Place) -> dict[str, Any]:
        """The entry for the `records` channel."""
        return {
            "turn": place.turn,
            "agent": place.agent,
            "outcome": self._outcome,
            "attempts": len(self.calls),
            "calls": list(self.calls),
            "problems": list(self.problems),
            "templates": dict(self.templates),
            **({"adjusted": self.adjusted} if self.adjusted else {}),
        }

    @property
    def _outcome(self) -> str:
        if self.adjusted:
            return "adjusted"
        return "repaired" if self.problems else "first answer"


async def ask(
    desk: Desk,
    request: Request,
    answer_type: type[AnswerT],
    check: Check[AnswerT] | None = None,
    adjust: Adjust | None = None,
) -> Outcome[AnswerT]:
    """Put `request` to the agent's model until the answer is valid.

    Args:
        check: says what is wrong with a well-formed answer, or None when nothing is.
        adjust: what is done with the fields of an answer when a repair was asked for in vain, or none is allowed.

    Raises:
        AnswerError: when every allowed answer was invalid; all of them are in the ledger.
    """
    calls: list[str] = []
    problems: list[str] = []
    raw = ""
    reading = Reading(request, answer_type, check, desk.prompts.rules, _repair_text(desk.prompts, request))
    for series in range(desk.retries + 1):
        refused: list[RefusedAnswer] = []
        for step in range(desk.repairs + 1):
            attempt = series * (desk.repairs + 1) + step
            current = repaired(desk.prompts, request, refused)
            answered = await desk.calls.call(current, place=desk.place, attempt=attempt)
            calls.append(answered.key)
            raw = answered.reply.text
            last_resort = adjust if step >= min(1, desk.repairs) else None
            answer, said = reading.examine(answered.reply, last_resort)
            if answer is not None:
                return Outcome(answer, tuple(calls), tuple(problems), current.templates, said or None)
            problems.append(said)
            refused.append(RefusedAnswer(answered.reply, said))
    raise AnswerError(
        f"{len(problems)} answers in a row were invalid; the last because {problems[-1]}",
        raw=raw,
        place=desk.place,
        hint="every answer is kept; run the same command again to ask anew",
    )


@dataclass(frozen=True)
class Reading(Generic[AnswerT]):
    """How answers to one question are read.

    Attributes:
        request: the question itself, not one of its repairs.
        check: see `ask`.
        repair: the words with which an answer is sent back; they are no answer either.
    """

    request: Request
    answer_type: type[AnswerT]
    check: Check[AnswerT] | None = None
    rules: Rules = 1
    repair: str = ""

    def examine(self, reply: Reply, adjust: Adjust | None = None) -> tuple[AnswerT | None, str]:
        """(answer, what was adjusted) for a valid reply, else (None, why it is not)."""
        if reply.finish != "stop":
            return None, _FINISHES[reply.finish].format(reason=reply.finish_reason)
        try:
            fields = self._fields(reply.text)
            adjusted = adjust(fields) if adjust else None
            answer = self.answer_type.model_validate(fields)
        except ValidationError as error:
            return None, "; ".join(
                f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()
            )
        except ValueError as error:
            return None, str(error)
        problem = self._problem(answer)
        return (None, problem) if problem else (answer, adjusted or "")

    def _fields(self, text: str) -> dict[str, Any]:
        fields = read_answer(text, self.request.answer_format, tuple(self.answer_type.model_fields))
        return unnested(fields) if self.rules >= 2 else fields

    def _problem(self, answer: AnswerT) -> str | None:
        values = answer.model_dump()
        if self.rules >= 2:
            borrowed = borrowed_words(values, self.request, self.repair)
            if problem := too_long(answer) or _loop(values) or borrowed:
                return problem
        if self.rules >= RULES_WITH_TRUTH and (problem := unfit(values)):
            return problem
        return echo_of(values, self.request) or (self.check(answer) if self.check else None)


def _repair_text(prompts: PromptLibrary, request: Request) -> str:
    """What every repair says; nothing under the first rules, which do not look for it."""
    if prompts.rules == 1:
        return ""
    parts = prompts.render(REPAIR, problem="", answer_format=request.answer_format)
    return "".join(part.text for part in parts if isinstance(part, Text))


def _loop(values: Mapping[str, Any]) -> str | None:
    found = next((name for name, value in values.items() if isinstance(value, str) and loops(value)), None)
    return f"{found} says the same over and over; say it once" if found else None


_FINISHES = {
    "length": "the answer was cut off at the limit of output tokens ({reason})",
    "blocked": "a safety filter blocked the answer ({reason})",
    "empty": "the answer was empty ({reason})",
    "other": "the answer ended for an unknown reason ({reason})",
}
