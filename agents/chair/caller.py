"""`RecommenderCalls`: one conversation's way to its recommender: ledger, limits, tries, and the ledger again."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from ...core.errors import LostAnswerError, Place, RecommenderError, TransientModelError
from ...core.random import stream as random_stream
from ...core.stopping import StopSignal
from ...models.caller import Answered, Caller
from ...models.ledger import Call, Ledger, missing
from ...models.limits import Backoff, RateLimits
from ...models.notices import CallNotices
from ...models.reply import Reply
from ...models.request import AnswerFormat, Request, call_key
from ...state.values import Agent
from .chair import body_of
from .spec import RecommenderSpec

MOST_TRIES = 3
"""Of a call that is lost: a recommender that hangs would hang again."""


class Occupant(Protocol):
    """A recommender that can be asked. Belongs to one event loop."""

    async def ask(self, body: str, timeout_s: float) -> Reply:
        """What it answers to a view as JSON, within the time if it can be; what it made wrong is in the reply.

        Raises:
            TransientModelError: it did not answer this time.
            RecommenderError: nor would it another time.
        """
        ...

    async def look(self) -> None:
        """See whether there is somebody to ask, before a run.

        Raises:
            ModelSetupError: there is nobody.
        """
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class RecommenderCalls:
    """Asks one recommender. Cheap to make; for what is shared see `models.caller.Caller`.

    Attributes:
        occupant: None where answers come from the ledger alone.
    """

    spec: RecommenderSpec
    occupant: Occupant | None
    ledger: Ledger
    limits: RateLimits
    stream: str
    backoff: Backoff = field(default_factory=Backoff)
    timeout_s: float = 120.0
    signal: StopSignal = field(default_factory=StopSignal)
    notices: CallNotices = field(default_factory=CallNotices)

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        """The answer to `request`, from the ledger or the recommender; in the ledger before it is given out.

        Raises:
            LedgerMissError: there is nobody to ask, and the ledger does not hold the call.
            RecommenderError: it did not answer.
            Interrupted: it was stopped before the call, or before the answer came.
        """
        key = self.key(request, attempt=attempt)
        known = await self.ledger.find(key)
        if known is not None:
            return Answered(key, known, recorded=True)
        if self.occupant is None:
            raise missing(key, place)
        reply = await self._ask(self.occupant, body_of(request), place)
        call = Call(key, place, attempt, self.spec.model, {}, self.stream, request, reply)
        return Answered(key, await self.ledger.record(call), recorded=False)

    def key(self, request: Request, *, attempt: int) -> str:
        """The call's key in the ledger. Whatever decides the answer is in the view and in the recommender's name."""
        return call_key(request, model=self.spec.model, params={}, stream=self.stream, attempt=attempt)

    async def _ask(self, occupant: Occupant, body: str, place: Place) -> Reply:
        draw, failures = random_stream(self.stream, "backoff", place.turn, self.spec.model), 0
        while True:
            try:
                return await self._try(occupant, body, place)
            except TransientModelError as error:
                failures += 1
                await self._wait(error, failures, draw, place)
            except RecommenderError as error:
                raise RecommenderError(error.message, raw=error.raw, place=place, hint=error.hint) from error

    async def _try(self, occupant: Occupant, body: str, place: Place) -> Reply:
        pace = self.limits.of(self.spec.limits_name)
        async with AsyncExitStack() as held:
            async with self.signal.cutting(place):
                self.signal.require_going(place)
                slot = await held.enter_async_context(pace.slot())
            begin = perf_counter()
            try:
                reply = await self._answer(occupant, body, place)
            except TransientModelError as error:
                if error.retry_after is not None:
                    pace.crowded(slot, error.retry_after)
                raise
            pace.answered(slot)
        return reply.model_copy(update={"latency": perf_counter() - begin})

    async def _answer(self, occupant: Occupant, body: str, place: Place) -> Reply:
        try:
            async with self.signal.cutting(place, in_flight=True):
                with self.notices.waiting(place, self.spec.name):
                    async with asyncio.timeout(self.timeout_s):
                        return await occupant.ask(body, self.timeout_s)
        except TimeoutError:
            raise LostAnswerError(f"{self.spec.name}: no answer within {self.timeout_s:g} s") from None

    async def _wait(
        self, error: TransientModelError, failures: int, draw: random.Random, place: Place
    ) -> None:
        """Sleep before the next try, or give up: one conversation's matter, whatever the reason."""
        tries = min(self.backoff.tries, MOST_TRIES)
        if failures >= tries or self.backoff.is_too_long(error.retry_after):
            told = "once" if failures == 1 else f"{failures} times"
            raise RecommenderError(
                f"{error.message} (tried {told})",
                place=place,
                hint=error.hint
                or "see what it does on such a view; running the same command again resumes here",
            ) from error
        delay = self.backoff.delay(failures, error.retry_after, draw)
        async with self.signal.cutting(place):
            self.notices.again(place, error, delay, failures, tries)
            await asyncio.sleep(delay)


@dataclass(frozen=True)
class SeatedCalls:
    """`Calls` of a conversation in whose chair a recommender sits."""

    models: Caller
    recommender: RecommenderCalls

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        """The answer of whoever the request is for."""
        if request.recommender is not None:
            return await self.recommender.call(request, place=place, attempt=attempt)
        return await self.models.call(request, place=place, attempt=attempt)

    def key(self, request: Request, *, place: Place, attempt: int) -> str:
        """The call's key in the ledger."""
        if request.recommender is not None:
            return self.recommender.key(request, attempt=attempt)
        return self.models.key(request, place=place, attempt=attempt)

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        """As the models are asked."""
        return self.models.answer_format(agent, turn)
