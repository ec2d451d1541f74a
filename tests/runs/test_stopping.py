"""Stopping: an answer in flight still arrives, and nothing new is asked."""

from __future__ import annotations

import asyncio

import pytest
from segue.agents.rendering import render_request
from segue.core.errors import BudgetError, Interrupted, Place, QuotaError
from segue.models.request import Request
from segue.runs.stopping import GatedCalls, StopSignal
from segue.state.values import Agent
from support.asking import view_of
from support.playing import prompts
from support.scripted import Answered, ScriptedCalls, plain_answers

PLACE = Place("t1", 2, "recsys")


async def request() -> Request:
    return render_request(prompts(), await view_of(Agent.RECSYS), "json")


async def test_the_gate_lets_calls_through_until_the_signal() -> None:
    calls, signal = ScriptedCalls(plain_answers), StopSignal()
    gate = GatedCalls(calls, signal)
    assert gate.answer_format(Agent.RECSYS) == "json"
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
