"""Questions to judges: which verdicts are wanted, and each as a job that is done where there is a free place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...checkpoints.store.judgements import Judgement, Judgements
from ...core.errors import SegueError, StoreError
from ...models.faults.refusals import is_for_all
from ...runs.queue import STOPS, Job
from .aspects import ASPECTS, Aspect
from .cases import Case
from .judge import JudgeContext


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


@dataclass(frozen=True)
class Asked:
    """A question as it travels: `judge` is the number of the context that it is put to."""

    judge: int
    case: Case
    aspect: str
    repeat: int


@dataclass(frozen=True)
class Verdict:
    """What came of it, as it travels back; see `QuestionResult`."""

    judgement: Judgement | None
    known: bool = False
    error: SegueError | None = None


def judgement_jobs(asked: Iterable[Question], contexts: Sequence[JudgeContext]) -> Iterator[Job]:
    """One job for each question, made when it is asked for, so that memory does not grow with their number."""
    numbers = {id(context): number for number, context in enumerate(contexts)}
    for question in asked:
        blank = question.context.blank(question.case, question.aspect, question.repeat)
        number = numbers[id(question.context)]
        yield Job("judgement", blank.key, Asked(number, question.case, question.aspect.name, question.repeat))


@dataclass(frozen=True)
class JudgementJobs:
    """`Handler` of questions; each job's result is a `Verdict`.

    Attributes:
        retry_unscored: ask anew where answers stayed unreadable.
    """

    contexts: Sequence[JudgeContext]
    judgements: Judgements
    retry_unscored: bool = False

    async def known(self, job: Job) -> Verdict | None:
        """See `Handler`."""
        found = await self._find(job.key)
        unwanted = found is None or (self.retry_unscored and found.outcome == "unscored" and not job.shared)
        return None if unwanted else Verdict(found, known=True)

    async def perform(self, job: Job) -> Verdict:
        """See `Handler`. A judge that cannot be reached for one question fails that one alone.

        Raises:
            ModelSetupError, StoreError: no other question could be answered either.
        """
        asked: Asked = job.payload
        context, aspect = self.contexts[asked.judge], ASPECTS[asked.aspect]
        blank = context.blank(asked.case, aspect, asked.repeat)
        before = await self._find(job.key)
        if before is not None and not (self.retry_unscored and before.outcome == "unscored"):
            return Verdict(before, known=True)  # another command made it a moment ago
        if before is not None:
            blank = replace(blank, series=before.series + 1)
        try:
            judgement = await context.judge(asked.case, aspect, blank)
        except SegueError as error:
            if isinstance(error, (*STOPS, StoreError)) and is_for_all(error):
                raise
            return Verdict(None, error=error)
        await self.judgements.put(judgement)
        return Verdict(judgement)

    async def _find(self, key: str) -> Judgement | None:
        return await self.judgements.store.looking_up(partial(self.judgements.find, key))


def result_of(job: Job, verdict: Verdict, contexts: Sequence[JudgeContext]) -> QuestionResult:
    """The verdict with its question."""
    asked: Asked = job.payload
    question = Question(contexts[asked.judge], asked.case, ASPECTS[asked.aspect], asked.repeat)
    return QuestionResult(question, verdict.judgement, verdict.known, verdict.error)
