"""Stopping: an answer in flight still arrives, and nothing new is asked."""

from __future__ import annotations

import asyncio

import pytest
from segue.agents.rendering import render_request
from segue.core.errors import BudgetError, Interrupted, Place, QuotaError
from segue.core.stopping import StopSignal
from segue.models.request import Request
from segue.runs.stopping import GatedCalls
from segue.state.values import Agent
from support.agents.asking import view_of
from support.agents.scripted import Answered, ScriptedCalls, plain_answers
from support.runs.virtual_time import run_virtually
from support.state.playing import prompts

PLACE = Place("t1", 2, "recsys")


async def request() -> Request:
    return render_request(prompts(), await view_of(Agent.RECSYS), "json")


async def test_the_gate_lets_calls_through_until_the_signal() -> None:
    calls, signal = ScriptedCalls(plain_answers), StopSignal()
    gate = GatedCalls(calls, signal)
    assert gate.answer_format(Agent.RECSYS, 1) == "json"
    await gate.call(await request(), place=PLACE, attempt=0)
    signal.stop()
    with pytest.raises(Interrupted, match="conversation t1, turn 2, agent recsys: stopped before the call"):
        await gate.call(await request(), place=PLACE, attempt=1)
    assert len(calls.requests) == 1


class SlowCalls(ScriptedCalls):
    """Answers when it is let."""

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        await asyncio.sleep(0.01)
        return await super().call(request, place=place, attempt=attempt)


async def test_an_answer_in_flight_still_arrives() -> None:
    signal = StopSignal()
    gate = GatedCalls(SlowCalls(plain_answers), signal)
    asked = asyncio.create_task(gate.call(await request(), place=PLACE, attempt=0))
    await asyncio.sleep(0)
    signal.stop()
    assert (await asked).reply.text


def test_the_first_reason_is_the_one_that_counts() -> None:
    signal = StopSignal()
    signal.stop()
    assert signal.stopped and signal.reason is None
    quota = QuotaError("used up")
    signal.stop(quota)
    signal.stop(BudgetError("spent"))
    assert signal.reason is quota


def test_interruption_has_the_shell_s_exit_code() -> None:
    assert Interrupted("stopped").exit_code == 130


async def cut(signal: StopSignal, *, in_flight: bool) -> float:
    """Seconds until an hour's wait was cut off."""
    begun = asyncio.get_running_loop().time()
    with pytest.raises(Interrupted, match="conversation t1, turn 2, agent recsys: "):
        async with signal.cutting(PLACE, in_flight=in_flight):
            await asyncio.sleep(3600)
    return asyncio.get_running_loop().time() - begun


@pytest.mark.parametrize(("in_flight", "seconds"), [(False, 5.0), (True, 5.0 + 20.0)])
def test_waits_end_with_the_signal_and_calls_in_flight_a_while_later(in_flight: bool, seconds: float) -> None:
    async def main() -> float:
        signal = StopSignal()
        asyncio.get_running_loop().call_later(5.0, signal.stop)
        return await cut(signal, in_flight=in_flight)

    assert run_virtually(main()) == pytest.approx(seconds)


def test_after_the_signal_no_wait_begins() -> None:
    async def main() -> float:
        signal = StopSignal()
        signal.stop()
        return await cut(signal, in_flight=False)

    assert run_virtually(main()) == 0


def test_a_stop_that_nobody_made_leaves_calls_in_flight_their_time() -> None:
    async def main() -> str:
        signal = StopSignal()
        asyncio.get_running_loop().call_later(1.0, signal.stop, QuotaError("used up"))
        async with signal.cutting(PLACE, in_flight=True):
            await asyncio.sleep(3600)
        return "answered"

    assert run_virtually(main()) == "answered"


def test_a_time_limit_inside_stays_one() -> None:
    async def main() -> None:
        async with StopSignal().cutting(PLACE), asyncio.timeout(1.0):
            await asyncio.sleep(3600)

    with pytest.raises(TimeoutError):
        run_virtually(main())
