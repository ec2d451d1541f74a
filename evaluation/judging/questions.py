"""The docket: which verdicts are wanted, and their making, many at once, each kept as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...checkpoints.store.judgements import Judgement, Judgements
from ...core.errors import BudgetError, Interrupted, ModelSetupError, QuotaError, SegueError, StoreError
from ...runs.stopping import StopSignal
from .aspects import Aspect
from .cases import Case
from .judge import JudgeContext

_FINAL = (QuotaError, BudgetError, ModelSetupError, StoreError)
"""After these nothing else could go on either."""


@dataclass(frozen=True)
class Question:
    """One verdict that is wanted. `case` is as it is shown under the context's modalities."""

    context: JudgeContext
    case: Case
    aspect: Aspect
    repeat: int


@dataclass(frozen=True)
class QuestionResult:
    """What came of a question.

    Attributes:
        judgement: None when the judge could not be asked to the end; then `error` says why.
        known: it was in the store already.
    """

    question: Question
    judgement: Judgement | None
    known: bool = False
    error: SegueError | None = None


def questions(
    cases: Iterable[Case], aspects: Sequence[Aspect], contexts: Sequence[JudgeContext], repeats: int
) -> Iterator[Question]:
    """All that is to be asked, case by case: what has the same evidence stands together."""
    for case in cases:
        for context in contexts:
            shown = case.shown(context.modalities)
            for repeat in range(repeats):
                for aspect in sorted(aspects, key=lambda a: sorted(a.sees)):
                    yield Question(context, shown, aspect, repeat)


async def answer_questions(
    asked: Iterable[Question],
    judgements: Judgements,
    signal: StopSignal,
    *,
    concurrency: int,
    retry_unscored: bool = False,
) -> AsyncIterator[QuestionResult]:
    """Answer every question, at most `concurrency` at a time, in the order in which they end.

    A question is taken up when a place is free, so memory does not grow with their number. A judge that cannot
    be reached for one question fails that one alone. After the stop signal nothing new begins; where no question
    could be answered any more (quota, budget, set-up, store), the signal is set with that error as its reason.
    """
    waiting = iter(asked)
    running: set[asyncio.Task[QuestionResult | None]] = set()
    try:
        while True:
            while len(running) < concurrency and not signal.stopped:
                question = next(waiting, None)
                if question is None:
                    break
                running.add(asyncio.create_task(_rule(question, judgements, signal, retry_unscored)))
            if not running:
                break
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                ruling = task.result()
                if ruling is not None:
                    yield ruling
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _rule(
    question: Question, judgements: Judgements, signal: StopSignal, retry_unscored: bool
) -> QuestionResult | None:
    """The ruling; None when it was stopped before there was one."""
    context = question.context
    blank = context.blank(question.case, question.aspect, question.repeat)
    known = judgements.find(blank.key)
    if known is not None and not (retry_unscored and known.outcome == "unscored"):
        return QuestionResult(question, known, known=True)
    if known is not None:
        blank = replace(blank, series=known.series + 1)
    try:
        judgement = await context.judge(question.case, question.aspect, blank)
    except Interrupted:
        return None
    except _FINAL as error:
        signal.stop(error)
        return None
    except SegueError as error:
        return QuestionResult(question, None, error=error)
    await judgements.put(judgement)
    return QuestionResult(question, judgement)
