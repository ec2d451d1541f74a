"""Stopping: the signal that ends every conversation after its call in flight, and the gate that heeds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..agents.asking import AnsweredCall, Calls
from ..core.errors import Interrupted, Place, SegueError
from ..models.request import AnswerFormat, Request
from ..state.values import Agent


@dataclass
class StopSignal:
    """Set once, heeded everywhere. `reason` is an error to raise in place of the plain interruption."""

    stopped: bool = False
    reason: SegueError | None = None
    _heeding: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def stop(self, reason: SegueError | None = None) -> None:
        """Stop; the first reason stays."""
        first, self.stopped = not self.stopped, True
        self.reason = self.reason or reason
        for heed in self._heeding if first else ():
            heed()

    def heeded_by(self, heed: Callable[[], None]) -> None:
        """Call `heed` once, when it is set."""
        self._heeding.append(heed)


@dataclass(frozen=True)
class GatedCalls:
    """`Calls` that asks nothing new once the signal is set; an answer in flight still arrives and is kept."""

    calls: Calls
    signal: StopSignal = field(default_factory=StopSignal)

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall:
        if self.signal.stopped:
            raise Interrupted(f"{place}: stopped before the call")
        return await self.calls.call(request, place=place, attempt=attempt)

    def answer_format(self, agent: Agent) -> AnswerFormat:
        return self.calls.answer_format(agent)
