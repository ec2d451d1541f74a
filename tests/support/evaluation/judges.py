"""Judges for tests: chat models that answer a judge's prompt from a script, and the three kinds put on trial."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field
from segue.checkpoints.store.judgements import Judgements
from segue.checkpoints.store.leases import Leases
from segue.core.stopping import StopSignal
from segue.evaluation.judging.calibration import CalibrationPlan
from segue.evaluation.judging.corruptions import CORRUPTIONS
from segue.evaluation.judging.judge import JudgeContext
from segue.evaluation.judging.questions import (
    JudgementJobs,
    Question,
    QuestionResult,
    judgement_jobs,
    result_of,
)
from segue.evaluation.judging.rendering import render_judgement
from segue.models.factory import ChatModel
from segue.models.ledger import Ledger, MemoryLedger
from segue.models.limits import Limits
from segue.models.spec import ModelSpec
from segue.prompts.library import PromptLibrary
from segue.runs.events import Silent
from segue.runs.queue import Dispatcher, JobQueue
from segue.runs.workers.worker import Worker

Grader = Callable[[str, str], float]
"""(aspect, everything the judge is sent) to a grade, which is rounded."""

_ASPECT = re.compile(r'<asked aspect="([a-z_]+)">\nturns: (\[.*\])')
_SAID = re.compile(r'^(?:listener|recsys): (".*")$', re.MULTILINE)


class ScriptedJudge(BaseChatModel):
    """Answers in the form that the prompt asks for, with the grades of `grader`."""

    grader: Grader
    asked: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted-judge"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "\n".join(str(message.text) for message in messages)
        self.asked.append(text)
        message = AIMessage(
            content=answer_of(text, self.grader),
            usage_metadata={
                "input_tokens": len(text) // 4,
                "output_tokens": 9,
                "total_tokens": len(text) // 4 + 9,
            },
            response_metadata={"finish_reason": "STOP"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def answer_of(text: str, grader: Grader) -> str:
    """The JSON of a verdict."""
    found = _ASPECT.search(text)
    assert found is not None, "no judge was asked"
    grade = max(1, min(4, round(grader(found[1], text))))
    fields: dict[str, Any] = {}
    for number in json.loads(found[2]):
        fields |= {f"reason_{number}": f"turn {number} as it is", f"score_{number}": grade}
    return json.dumps({**fields, "reason": "all in all", "score": grade})


def context_of(
    grader: Grader, *, ledger: Ledger | None = None, modalities: tuple[str, ...] = ("text",), **more: Any
) -> JudgeContext:
    """A context with a scripted judge in it."""
    model = ChatModel(ModelSpec(), ScriptedJudge(grader=grader))
    return JudgeContext(model, PromptLibrary(), ledger or MemoryLedger(), None, Limits(4), modalities, **more)


def right_judge(trial: CalibrationPlan) -> Grader:
    """Knows which prompts hold a fault that the aspect has to notice, and grades all else by the conversation."""
    known: dict[str, tuple[str, bool]] = {}
    aims = {(aspect, c.name) for c in CORRUPTIONS for aspect in c.aims}
    for question in trial.questions():
        name = question.case.corruption.partition("/")[0]
        text = sent(trial.context, question.aspect, question.case)
        known[text] = question.case.case_id, (question.aspect.name, name) in aims

    def grade(aspect: str, text: str) -> float:
        case_id, spoiled = known[text]
        return _wavering(f"{aspect} of {case_id}") + (1.6 if spoiled else 3.5)

    return grade


def blind_judge(aspect: str, text: str) -> float:
    """Grades without looking."""
    return random.Random(text).uniform(1.0, 4.0)


def constant_judge(aspect: str, text: str) -> float:
    """Finds everything excellent."""
    return 4.0


def length_loving_judge(aspect: str, text: str) -> float:
    """Grades by how much is said, whatever it is."""
    words = [len(json.loads(said).split()) for said in _SAID.findall(text)]
    return 1.0 + sum(words) / max(1, len(words)) / 12 + _wavering(text)


def sent(context: JudgeContext, aspect: Any, case: Any) -> str:
    """What the judge reads."""
    request = render_judgement(context.prompts, aspect, case, "json")
    return "\n".join(message.text for message in request.messages)


def _wavering(text: str) -> float:
    return random.Random(text).uniform(-0.5, 0.5)


async def answered(
    asked: Iterable[Question],
    judgements: Judgements,
    signal: StopSignal,
    *,
    concurrency: int,
    retry_unscored: bool = False,
) -> AsyncIterator[QuestionResult]:
    """The questions put to their own contexts, as jobs of one process."""
    wanted = list(asked)
    contexts = list({id(question.context): question.context for question in wanted}.values())
    handler = JudgementJobs(contexts, judgements, retry_unscored)
    async with Worker(handler, Leases(judgements.store), signal) as worker:
        queue = JobQueue(judgement_jobs(wanted, contexts))
        dispatcher = Dispatcher(queue, worker, signal, Silent(), concurrency, ordered=False)
        async for job, verdict in dispatcher.results():
            yield result_of(job, verdict, contexts)
