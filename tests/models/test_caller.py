"""The caller: ledger first, limits, retries, and the ledger again."""

from __future__ import annotations

import asyncio
import json

import pytest
from segue.core.errors import (
    LedgerMissError,
    ModelSetupError,
    Place,
    QuotaError,
    TransientModelError,
)
from segue.models.caller import Caller
from segue.models.factory import ChatModel
from segue.models.ledger import Call, MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.reply import Reply, Usage
from segue.state.values import Agent, Medium
from support.gemini.client import KEY, PLACE, gemini, pick_last, recsys_request
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

QUICK = Backoff(tries=4, base_s=0.01, cap_s=0.02)
CLIP = Medium(kind="audio", digest="0" * 32, mime_type="audio/mp3", seconds=3.0)


def caller(
    model: ChatModel,
    ledger: MemoryLedger | None = None,
    *,
    limits: Limits | None = None,
    backoff: Backoff = QUICK,
    stream: str = "stream-1",
    timeout_s: float = 10.0,
    closed: bool = False,
) -> Caller:
    return Caller(
        dict.fromkeys(Agent, model),
        ledger or MemoryLedger(),
        None,
        limits or Limits(8),
        stream,
        backoff=backoff,
        timeout_s=timeout_s,
        closed=closed,
    )


async def test_a_call_is_recorded_and_found_again_without_a_request() -> None:
    ledger = MemoryLedger()
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            first = await caller(model, ledger).call(recsys_request(), place=PLACE, attempt=0)
            again = await caller(model, ledger).call(recsys_request(), place=PLACE, attempt=0)
            closed = await caller(model, ledger, closed=True).call(recsys_request(), place=PLACE, attempt=0)
    assert len(server.exchanges) == 1
    assert (first.recorded, again.recorded, closed.recorded) == (False, True, True)
    assert first.reply == again.reply == closed.reply
    assert ledger.calls[first.key].reply == first.reply
    assert first.reply.latency > 0


async def test_the_record_holds_what_was_sent_and_neither_key_nor_address() -> None:
    ledger = MemoryLedger()
    with GeminiServer(pick_last) as server:
        async with gemini(server, temperature=0.3) as model:
            answered = await caller(model, ledger).call(recsys_request(), place=PLACE, attempt=1)
    call = ledger.calls[answered.key]
    seed = server.asks[0].config["seed"]
    assert call.params == {"temperature": 0.3, "max_output_tokens": 2048, "thinking_budget": 0, "seed": seed}
    assert 0 <= seed < 2**31
    assert (call.place, call.attempt, call.model) == (PLACE, 1, "google_genai:gemini-2.5-flash")
    assert KEY not in repr(call) and server.url not in repr(call)


async def test_stream_turn_and_attempt_each_change_seed_and_key() -> None:
    other = Place("thread-1", 3, "recsys")
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            one, two = caller(model), caller(model, stream="stream-2")
            keys = [
                (await one.call(recsys_request(), place=PLACE, attempt=0)).key,
                (await one.call(recsys_request(), place=PLACE, attempt=1)).key,
                (await one.call(recsys_request(), place=other, attempt=0)).key,
                (await two.call(recsys_request(), place=PLACE, attempt=0)).key,
            ]
    assert len(set(keys)) == 4
    assert len({ask.config["seed"] for ask in server.asks}) == 4


async def test_the_thread_s_name_is_no_part_of_the_key() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            asked = caller(model)
            first = await asked.call(recsys_request(), place=PLACE, attempt=0)
            branch = await asked.call(recsys_request(), place=Place("branch", 2, "recsys"), attempt=0)
    assert branch.recorded and branch.key == first.key


async def test_a_closed_caller_names_what_the_ledger_lacks() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            with pytest.raises(LedgerMissError, match=r"conversation thread-1, turn 2.*no call under key"):
                await caller(model, closed=True).call(recsys_request(), place=PLACE, attempt=0)
    assert not server.exchanges


@pytest.mark.parametrize(
    "fault", [Fault.RATE_LIMIT, Fault.INTERNAL, Fault.UNAVAILABLE, Fault.DROPPED, Fault.GARBLED]
)
async def test_passing_failures_are_tried_again(fault: Fault) -> None:
    ledger = MemoryLedger()
    with GeminiServer(pick_last, faults=FaultPlan([fault, fault]), retry_s=0.01) as server:
        async with gemini(server) as model:
            answered = await caller(model, ledger).call(recsys_request(), place=PLACE, attempt=0)
    assert [e.fault for e in server.exchanges] == [fault, fault, None]
    assert len({e.raw for e in server.exchanges}) == 1, "a retry sends the same bytes"
    assert json.loads(answered.reply.text)["track_id"]
    assert list(ledger.calls) == [answered.key]


async def test_the_wait_is_never_shorter_than_the_provider_asks() -> None:
    with GeminiServer(pick_last, faults=FaultPlan([Fault.RATE_LIMIT]), retry_s=0.3) as server:
        async with gemini(server) as model:
            await caller(model).call(recsys_request(), place=PLACE, attempt=0)
    first, second = server.exchanges
    assert second.arrived - first.arrived >= 0.3


async def test_after_the_last_try_the_error_says_where_and_how_to_go_on() -> None:
    ledger = MemoryLedger()
    with GeminiServer(pick_last, faults=FaultPlan([Fault.UNAVAILABLE] * 9)) as server:
        async with gemini(server) as model:
            with pytest.raises(
                TransientModelError, match=r"turn 2, agent recsys.*503.*tried 4 times"
            ) as caught:
                await caller(model, ledger).call(recsys_request(), place=PLACE, attempt=0)
            assert len(server.exchanges) == 4
            assert "same command" in (caught.value.hint or "")
            assert not ledger.calls, "a failure is no answer, and is not recorded"


async def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    with GeminiServer(pick_last, faults=FaultPlan([Fault.RATE_LIMIT]), retry_s=3600) as server:
        async with gemini(server) as model:
            with pytest.raises(QuotaError, match=r"turn 2, agent recsys.*asks for a wait of 3600 s"):
                await caller(model).call(recsys_request(), place=PLACE, attempt=0)
    assert len(server.exchanges) == 1


async def test_a_used_up_quota_is_not_tried_again() -> None:
    with GeminiServer(pick_last, faults=FaultPlan([Fault.DAILY_QUOTA])) as server:
        async with gemini(server) as model:
            with pytest.raises(QuotaError, match="conversation thread-1, turn 2, agent recsys"):
                await caller(model).call(recsys_request(), place=PLACE, attempt=0)
    assert len(server.exchanges) == 1


async def test_a_late_answer_is_tried_again() -> None:
    with GeminiServer(pick_last, faults=FaultPlan([Fault.SLOW]), slow_s=30) as server:
        async with gemini(server) as model:
            answered = await caller(model, timeout_s=0.3).call(recsys_request(), place=PLACE, attempt=0)
    assert len(server.exchanges) == 2 and answered.reply.finish == "stop"


async def test_blocked_and_cut_answers_are_answers_and_recorded() -> None:
    ledger = MemoryLedger()
    with GeminiServer(pick_last, faults=FaultPlan([Fault.BLOCKED_PROMPT, Fault.TRUNCATED])) as server:
        async with gemini(server) as model:
            asked = caller(model, ledger)
            ends = [(await asked.call(recsys_request(), place=PLACE, attempt=i)).reply.finish for i in (0, 1)]
    assert ends == ["blocked", "length"]
    assert len(ledger.calls) == 2


async def test_no_more_calls_run_at_once_than_allowed() -> None:
    limits = Limits(3)
    with GeminiServer(pick_last, latency=0.02) as server:
        async with gemini(server) as model:
            callers = [caller(model, limits=limits, stream=f"stream-{i}") for i in range(12)]
            await asyncio.gather(*(c.call(recsys_request(), place=PLACE, attempt=0) for c in callers))
    assert len(server.exchanges) == 12
    assert (server.peak, limits.peak, limits.running) == (3, 3, 0)


async def test_sleeping_before_a_retry_leaves_the_slot_to_others() -> None:
    limits = Limits(1)
    with GeminiServer(pick_last, faults=FaultPlan([Fault.RATE_LIMIT]), retry_s=0.5) as server:
        async with gemini(server) as model:
            one, two = (caller(model, limits=limits, stream=s) for s in ("a", "b"))
            first = asyncio.create_task(one.call(recsys_request(), place=PLACE, attempt=0))
            await asyncio.to_thread(server.arrived.wait, 10)
            await two.call(recsys_request(ask="Another."), place=PLACE, attempt=0)
            assert not first.done()
            await first
    asked = [ask.texts[-1] for ask in server.asks]
    assert asked == ["Something slow, please.", "Another.", "Something slow, please."]


async def test_media_without_a_library_and_clips_to_the_deaf_are_setup_errors() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            with pytest.raises(ModelSetupError, match=r"turn 2.*no media library"):
                await caller(model).call(recsys_request(CLIP), place=PLACE, attempt=0)
            deaf = ChatModel(model.spec, model.chat, hears=False)
            with pytest.raises(ModelSetupError, match=r"turn 2.*takes no audio"):
                await caller(deaf).call(recsys_request(CLIP), place=PLACE, attempt=0)
    assert not server.exchanges


class FirstComeLedger(MemoryLedger):
    """A ledger in which another worker recorded the same call a moment before."""

    async def record(self, call: Call) -> Reply:
        theirs = Reply(text="theirs", finish="stop", usage=Usage())
        return await super().record(Call(**{**vars(call), "reply": theirs}))


async def test_of_two_answers_to_the_same_question_the_recorded_one_counts() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            answered = await caller(model, FirstComeLedger()).call(recsys_request(), place=PLACE, attempt=0)
    assert answered.reply.text == "theirs"
