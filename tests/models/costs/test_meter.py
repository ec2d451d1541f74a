"""The meter: money put aside and settled by what a call really was, through the caller and over HTTP."""

from __future__ import annotations

import asyncio
import json

import pytest
from segue.core.errors import BudgetError, TransientModelError
from segue.models.caller import Caller
from segue.models.costs.budget import CappedBudget
from segue.models.costs.meter import Meter
from segue.models.costs.prices import PriceTable, cost_usd, load_prices
from segue.models.factory import ChatModel
from segue.models.ledger import MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.reply import Usage
from segue.models.spec import ModelSpec
from segue.models.usage import expected_input, most_usage
from segue.state.values import Agent
from support.gemini.client import MODEL, PLACE, gemini, pick_last, recsys_request
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer

TABLE = load_prices()


def caller(
    model: ChatModel,
    meter: Meter,
    ledger: MemoryLedger | None = None,
    stream: str = "s",
    timeout_s: float = 10,
) -> Caller:
    quick = Backoff(tries=3, base_s=0.01, cap_s=0.02)
    return Caller(
        dict.fromkeys(Agent, model),
        ledger or MemoryLedger(),
        None,
        Limits(8),
        stream,
        backoff=quick,
        timeout_s=timeout_s,
        meter=meter,
    )


def budget(meter: Meter) -> CappedBudget:
    assert isinstance(meter.budget, CappedBudget)
    return meter.budget


def metered(server: GeminiServer) -> float:
    """USD by the server's own counts."""
    sums = [e.usage for e in server.exchanges if e.usage]
    prompt = sum(u["promptTokenCount"] for u in sums)
    output = sum(u.get("candidatesTokenCount", 0) + u.get("thoughtsTokenCount", 0) for u in sums)
    return float(prompt * 0.30 + output * 2.50) / 1e6


async def test_what_was_counted_is_what_the_server_counted_retries_and_refused_answers_included() -> None:
    faults = FaultPlan([Fault.INTERNAL, Fault.TRUNCATED, Fault.BLOCKED_ANSWER, Fault.RATE_LIMIT, None])
    meter = Meter(TABLE, CappedBudget(1.0))
    with GeminiServer(pick_last, faults=faults, retry_s=0.01) as server:
        async with gemini(server) as model:
            for attempt in range(3):
                await caller(model, meter).call(recsys_request(), place=PLACE, attempt=attempt)
        assert len(server.exchanges) == 5
        assert budget(meter).paid == pytest.approx(metered(server), rel=1e-9)
    assert budget(meter).reserved == 0 and meter.lost_usd == 0


async def test_a_recorded_call_puts_nothing_aside() -> None:
    ledger, open_purse = MemoryLedger(), Meter(TABLE, CappedBudget(1.0))
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            await caller(model, open_purse, ledger).call(recsys_request(), place=PLACE, attempt=0)
            empty = Meter(TABLE, CappedBudget(0.0))
            again = await caller(model, empty, ledger).call(recsys_request(), place=PLACE, attempt=0)
            assert again.recorded
            with pytest.raises(BudgetError):
                await caller(model, empty, ledger).call(recsys_request(), place=PLACE, attempt=1)
    assert len(server.exchanges) == 1, "nothing is sent without money"


async def test_the_cap_holds_with_many_calls_at_once() -> None:
    cap = 0.01
    meter = Meter(TABLE, CappedBudget(cap))
    with GeminiServer(pick_last, latency=0.01) as server:
        async with gemini(server) as model:
            tasks = (
                caller(model, meter, stream=f"s{i}").call(recsys_request(), place=PLACE, attempt=0)
                for i in range(80)
            )
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        stopped = [e for e in ended if isinstance(e, BudgetError)]
        assert 0 < len(stopped) < len(ended) and len(stopped) + len(server.exchanges) == len(ended)
        assert cap - 0.006 < metered(server) <= cap


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.GARBLED, Fault.SLOW])
async def test_an_answer_that_never_came_may_have_been_billed_and_counts_in_full(fault: Fault) -> None:
    meter = Meter(TABLE, CappedBudget(1.0))
    most = cost_usd(most_usage(recsys_request(), ModelSpec(name=MODEL)), MODEL, TABLE)
    with GeminiServer(pick_last, faults=FaultPlan([fault]), slow_s=30) as server:
        async with gemini(server) as model:
            timeout_s = 0.3 if fault is Fault.SLOW else 10
            await caller(model, meter, timeout_s=timeout_s).call(recsys_request(), place=PLACE, attempt=0)
    assert meter.lost_usd == pytest.approx(most)
    assert budget(meter).paid > most and budget(meter).reserved == 0


async def test_what_never_left_the_machine_costs_nothing() -> None:
    meter = Meter(TABLE, CappedBudget(1.0))
    with GeminiServer(pick_last) as server:
        pass
    async with gemini(server) as model:
        with pytest.raises(TransientModelError, match="connection was lost"):
            await caller(model, meter).call(recsys_request(), place=PLACE, attempt=0)
    assert budget(meter).paid == meter.lost_usd == 0


async def test_models_without_a_price_are_not_counted() -> None:
    meter = Meter(TABLE, CappedBudget(0.0))
    async with meter.bill(ModelSpec(name="openai:nobody-knows"), recsys_request()) as bill:
        assert bill.most == 0


def test_the_most_that_a_call_may_use_is_more_than_it_will() -> None:
    spec = ModelSpec(name=MODEL, max_output_tokens=100, thinking_budget=512)
    for ask in ("Something slow, please.", "何か静かな曲をかけてください。", "टैगोर का गीत " * 50):
        request = recsys_request(ask=ask)
        most, expected = most_usage(request, spec), expected_input(request)
        assert most.text > expected.text + len(json.dumps(dict(request.schema))) / 4
        assert (most.output, most.thinking) == (100, 512)
    assert most_usage(recsys_request(), ModelSpec(name=MODEL, max_output_tokens=None)).output == 65_536


async def test_a_batch_s_discount_is_known_before_and_after_and_only_where_there_is_one() -> None:
    price = {
        "text": 1,
        "image": 1,
        "audio": 1,
        "cached_text": 1,
        "cached_image": 1,
        "cached_audio": 1,
        "output": 2,
    }
    table = TABLE.extended(
        PriceTable.model_validate(
            {
                "version": "v",
                "source": "s",
                "models": {"openai:half": {**price, "batch": 0.5}, "openai:full": price},
            }
        )
    )
    meter, request = Meter(table, CappedBudget(10.0)), recsys_request()
    usage = Usage(text=1_000_000, output=500_000)
    for name, factor in (("openai:half", 0.5), ("openai:full", 1.0), ("openai:unlisted", None)):
        spec = ModelSpec(name=name)
        async with meter.bill(spec, request) as plain, meter.bill(spec, request, batch=True) as batched:
            assert batched.most == (factor or 0.0) * plain.most
            meter.answered(batched, spec, usage)
            assert batched.actual == (2.0 * factor if factor else 0.0)


async def test_what_was_bought_is_paid_and_what_failed_is_given_back() -> None:
    meter = Meter(TABLE, CappedBudget(1.0))
    async with meter.purchase(0.25):
        assert budget(meter).reserved == 0.25
    assert (budget(meter).paid, budget(meter).reserved) == (0.25, 0.0)
    with pytest.raises(RuntimeError):
        async with meter.purchase(0.25):
            raise RuntimeError("the provider refused")
    assert (budget(meter).paid, budget(meter).reserved) == (0.25, 0.0)
    with pytest.raises(BudgetError):
        async with meter.purchase(0.8):
            pass
