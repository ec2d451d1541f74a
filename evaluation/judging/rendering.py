"""From a case to a judge's request: a pure function of aspect, case and templates."""

from __future__ import annotations

from ...core.hashing import digest_of
from ...models.request import AnswerFormat, Request
from ...prompts.library import PromptLibrary
from ...prompts.parts import Message
from ...state.values import Judge
from .answers import answer_schema
from .aspects import Aspect, turns_asked
from .cases import Case
from .evidence import TEMPLATE, fence_of, fenced, render_evidence

SYSTEM, ASK = "judge/system.j2", "judge/ask.j2"


def render_judgement(
    prompts: PromptLibrary, aspect: Aspect, case: Case, answer_format: AnswerFormat
) -> Request:
    """The request for one verdict. What is the same for several aspects comes first, for the provider's cache."""
    numbers = numbers_asked(aspect, case)
    schema = answer_schema(numbers)
    evidence = render_evidence(prompts, aspect, case)
    fence = fence_of(evidence)
    question = prompts.render(aspect.template)
    asked = prompts.render(
        ASK, aspect=aspect.name, numbers=numbers, schema=schema, answer_format=answer_format
    )
    return Request(
        agent=Judge.JUDGE,
        messages=(
            Message("system", prompts.render(SYSTEM, fence=fence)),
            Message("human", (*fenced(evidence, fence), *question, *asked)),
        ),
        schema=schema,
        answer_format=answer_format,
        templates=prompts.digests(templates_of(aspect)),
    )


def numbers_asked(aspect: Aspect, case: Case) -> tuple[int, ...]:
    """The turns that are graded one by one."""
    return tuple(turn.turn for turn in turns_asked(aspect, case)) if aspect.per_turn else ()


def templates_of(aspect: Aspect) -> tuple[str, ...]:
    """Every template that the aspect's request is made of."""
    return (SYSTEM, TEMPLATE, aspect.template, ASK)


def rubric_digest(prompts: PromptLibrary, aspect: Aspect) -> str:
    """Digest of the words that an aspect is judged under, and of the form of the answer."""
    return digest_of([prompts.digests(templates_of(aspect)), answer_schema((1,))])
