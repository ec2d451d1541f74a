"""The gate that heeds the stop signal: after it no call is begun, whoever would answer it."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..agents.asking import AnsweredCall, Calls
from ..core.errors import Place
from ..core.stopping import StopSignal
from ..models.request import AnswerFormat, Request
from ..state.values import Agent


@dataclass(frozen=True)
class GatedCalls:
    """`Calls` that asks nothing new once the signal is set; an answer in flight still arrives and is kept."""

    calls: Calls
    signal: StopSignal = field(default_factory=StopSignal)

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall:
        self.signal.require_going(place)
        return await self.calls.call(request, place=place, attempt=attempt)

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        return self.calls.answer_format(agent, turn)
