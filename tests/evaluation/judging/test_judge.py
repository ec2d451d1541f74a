"""One verdict at a time, and many: kept before use, asked once, unscored rather than badly scored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from segue.checkpoints import Store
from segue.checkpoints.store.judgements import Judgements
from segue.core.errors import ModelError, QuotaError, TransientModelError
from segue.core.stopping import StopSignal
from segue.evaluation.judging.aspects import ASPECTS, TABLE
from segue.evaluation.judging.judge import JudgeContext, place_of
from segue.evaluation.judging.questions import QuestionResult, questions
from segue.evaluation.judging.single_flight import SingleFlight
from segue.models.factory import ChatModel
from segue.models.ledger import MemoryLedger
from segue.models.spec import ModelSpec
from support.evaluation.cases import case, cases
from support.evaluation.judges import ScriptedJudge, answered, constant_judge, context_of, length_loving_judge

FIT = ASPECTS["recommendation"]


class Muttering(ScriptedJudge):
    """Answers with texts one after another, then as its script says."""

    texts: list[str]

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        result = super()._generate(*args, **kwargs)
        if not self.texts:
            return result
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        text = self.texts.pop(0)
        message = AIMessage(text, usage_metadata=usage, response_metadata={"finish_reason": "STOP"})
        return ChatResult(generations=[ChatGeneration(message=message)])


class Failing(ScriptedJudge):
    """Cannot be reached for prompts that hold a word."""

    word: str
    error: Any

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> ChatResult:
        if self.word in "".join(str(m.text) for m in messages):
            raise self.error
        return super()._generate(messages, *args, **kwargs)


class Failed(ChatModel):
    """Lets our own errors through, as `ask` gives them."""

    async def ask(self, messages: Any, schema: Any, *, seed: int | None = None) -> AIMessage:
        assert self.chat is not None
        answer: AIMessage = await self.chat.ainvoke(messages.messages)
        return answer


@pytest.fixture
def judgements(tmp_path: Path) -> Iterator[Judgements]:
    with Store.open(f"sqlite:///{tmp_path / 'judged.db'}") as store:
        yield Judgements(store)


def scripted(judge: ScriptedJudge, **more: Any) -> JudgeContext:
    return replace(context_of(constant_judge, **more), model=ChatModel(ModelSpec(), judge))


def asked_of(context: JudgeContext) -> list[str]:
    assert isinstance(context.model.chat, ScriptedJudge)
    return context.model.chat.asked


async def all_rulings(
    context: JudgeContext, judgements: Judgements, count: int = 3, **more: Any
) -> list[QuestionResult]:
    asked = questions(cases(count), TABLE, [context], more.pop("repeats", 1))
    width = more.pop("concurrency", 4)
    return [r async for r in answered(asked, judgements, context.signal, concurrency=width, **more)]


async def test_a_verdict_says_what_was_asked_of_whom_and_why() -> None:
    context = context_of(length_loving_judge)
    given = case().shown(("text",))
    verdict = await context.judge(given, FIT, context.blank(given, FIT, 0))
    assert (verdict.outcome, verdict.model, verdict.aspect) == ("scored", "offline", "recommendation")
    assert verdict.score in (1, 2, 3, 4) and verdict.reason == "all in all"
    assert [t["turn"] for t in verdict.turns] == [1, 2, 3, 4] and verdict.turns[0]["reason"]
    assert (verdict.case_digest, len(verdict.rubric)) == (given.digest, 32)
    assert verdict.absent == ["clips and covers"] and verdict.settings == {"modalities": ["text"]}
    assert isinstance(context.ledger, MemoryLedger)
    call = context.ledger.calls[verdict.calls[-1]]
    assert (call.place, call.request.agent.value) == (place_of(given), "judge")
    assert call.place.thread_id == "judge:case-one", "no call of the conversation's own"


async def test_an_unreadable_answer_is_sent_back_and_then_repaired() -> None:
    context = scripted(
        Muttering(grader=constant_judge, texts=["I'd say four.", '{"reason": "x", "score": 9}'])
    )
    given, aspect = case().shown(("text",)), ASPECTS["goal_plausibility"]
    verdict = await context.judge(given, aspect, context.blank(given, aspect, 0))
    assert (verdict.outcome, verdict.score, len(verdict.calls)) == ("scored", 4, 3)


@pytest.mark.parametrize(
    "bad", ["four", '{"reason": "good", "score": 0}', '{"score": 4}', '{"reason": "y", "score": "4"}']
)
async def test_a_verdict_that_cannot_be_read_is_unscored_and_never_a_bad_score(bad: str) -> None:
    context = scripted(Muttering(grader=constant_judge, texts=[bad] * 3))
    given, aspect = case().shown(("text",)), ASPECTS["goal_plausibility"]
    verdict = await context.judge(given, aspect, context.blank(given, aspect, 0))
    assert (verdict.outcome, verdict.score, list(verdict.turns)) == ("unscored", None, [])
    assert "3 answers in a row were invalid" in verdict.reason and len(verdict.calls) == 3
    again = await context.judge(given, aspect, replace(context.blank(given, aspect, 0), series=1))
    assert (again.outcome, again.score) == ("scored", 4), "asked anew, beyond the refused answers"
    assert len(asked_of(context)) == 4, "the refused ones are not paid for again"


async def test_what_does_not_apply_is_not_asked() -> None:
    context = context_of(constant_judge)
    bare = case(pool=None)
    aspect = ASPECTS["goal_plausibility"]
    verdict = await context.judge(bare, aspect, context.blank(bare, aspect, 0))
    assert (verdict.outcome, verdict.score) == ("not_applicable", None)
    assert verdict.reason == "the conversation does not have: pool" and not asked_of(context)


@pytest.mark.slow
async def test_verdicts_are_kept_and_a_second_run_asks_nothing(judgements: Judgements) -> None:
    context = context_of(length_loving_judge)
    first = await all_rulings(context, judgements, repeats=2)
    asked = len(asked_of(context))
    assert len(first) == 3 * 12 * 2 and asked == 3 * 11 * 2
    again = await all_rulings(context, judgements, repeats=2)
    assert len(asked_of(context)) == asked and all(r.known for r in again)
    kept = {j.key: j for j in judgements.list()}
    assert kept == {r.judgement.key: r.judgement for r in again if r.judgement} and len(kept) == 72
    three = await all_rulings(context, judgements, repeats=3)
    assert len(asked_of(context)) == asked + 33 and sum(r.known for r in three) == 72


@pytest.mark.slow
async def test_a_lost_verdict_is_made_again_from_the_ledger(tmp_path: Path) -> None:
    context = context_of(length_loving_judge)
    found = []
    for name in ("one.db", "two.db"):
        with Store.open(f"sqlite:///{tmp_path / name}") as store:
            rulings = await all_rulings(context, Judgements(store))
            found.append(
                {r.judgement.key: (r.judgement.score, r.judgement.calls) for r in rulings if r.judgement}
            )
    assert found[0] == found[1] and len(asked_of(context)) == 33


async def test_a_judge_out_of_reach_fails_one_question_alone(judgements: Judgements) -> None:
    error = ModelError("no answer from there")
    broken = Failed(ModelSpec(), Failing(grader=constant_judge, word="number01", error=error))
    context = replace(context_of(constant_judge), model=broken)
    rulings = await all_rulings(context, judgements)
    lost = [r for r in rulings if r.judgement is None]
    assert len(rulings) == 36 and len(lost) == 11
    assert {r.question.case.case_id for r in lost} == {"case-number01"}
    assert "no answer from there" in str(lost[0].error)
    sound = [r async for r in answered(
        questions(cases(3), TABLE, [context_of(constant_judge)], 1), judgements, StopSignal(), concurrency=4
    )]  # fmt: skip
    assert sum(r.known for r in sound) == 25 and all(r.judgement for r in sound)


async def test_a_used_up_quota_stops_everything_and_keeps_what_there_is(judgements: Judgements) -> None:
    broken = Failed(
        ModelSpec(), Failing(grader=constant_judge, word="number02", error=QuotaError("no more today"))
    )
    context = replace(context_of(constant_judge), model=broken)
    rulings = await all_rulings(context, judgements, count=8)
    assert context.signal.stopped and isinstance(context.signal.reason, QuotaError)
    assert 24 <= len(rulings) < 96 and len(list(judgements.list())) == len(rulings)


async def test_unscored_ones_are_asked_anew_only_when_that_is_wanted(judgements: Judgements) -> None:
    context = scripted(Muttering(grader=constant_judge, texts=["?"] * 3))
    one = await all_rulings(context, judgements, count=1, concurrency=1)
    assert [r.judgement.outcome for r in one if r.judgement].count("unscored") == 1
    assert all(r.known for r in await all_rulings(context, judgements, count=1))
    anew = await all_rulings(context, judgements, count=1, retry_unscored=True)
    [changed] = [r for r in anew if not r.known]
    assert changed.judgement and (changed.judgement.outcome, changed.judgement.series) == ("scored", 1)
    assert len(list(judgements.list())) == 12, "it took the place of the unscored one"


async def test_the_same_question_about_two_cases_is_asked_once(judgements: Judgements) -> None:
    context = context_of(constant_judge)
    twins = [case(), replace(case(), case_id="case-two")]
    rulings = [
        r
        async for r in answered(
            questions(twins, TABLE, [context], 1), judgements, context.signal, concurrency=9
        )
    ]
    assert len(rulings) == 24 and len(asked_of(context)) == 11


async def test_who_waits_for_a_call_that_fails_asks_by_itself() -> None:
    flights, tried = SingleFlight(), []

    async def ask() -> str:
        tried.append(len(tried))
        await asyncio.sleep(0)
        if len(tried) == 1:
            raise TransientModelError("dropped")
        return "answer"

    found = await asyncio.gather(*(flights.share("q", ask) for _ in range(4)), return_exceptions=True)
    assert [isinstance(f, TransientModelError) for f in found].count(True) == 1
    assert found.count("answer") == 3 and len(tried) == 2


async def test_other_words_modalities_or_models_make_another_verdict() -> None:
    context, given = context_of(constant_judge), case()
    plain = context.blank(given, FIT, 0)
    seen = {plain.key, context.blank(given, FIT, 1).key, context.blank(case("two"), FIT, 0).key}
    seen.add(context.blank(given, ASPECTS["goal_fulfilment"], 0).key)
    seen.add(replace(context, modalities=("text", "audio")).blank(given, FIT, 0).key)
    seen.add(replace(plain, rubric="0" * 32).key)
    seen.add(replace(plain, model="google_genai:gemini-2.5-pro").key)
    assert len(seen) == 7
    assert replace(plain, score=3, outcome="scored", reason="r", series=2).key == plain.key
    assert json.dumps(plain.to_json())
