"""`Caller`: one conversation's way to its models: ledger first, then limits, retries and the ledger again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from langchain_core.messages import BaseMessage

from ..catalog.media import MediaLibrary
from ..core.errors import ModelError, ModelSetupError, Place, StoreError, TransientModelError
from ..core.random import stream as random_stream
from ..core.random import stream_seed
from ..state.values import Agent
from .content import langchain_messages, named_messages
from .factory import ChatModel
from .finish import reply_of
from .ledger import Call, Ledger, missing
from .limits import Backoff, Limits
from .reply import Reply
from .request import AnswerFormat, Request, call_key
from .spec import OFFLINE


@dataclass(frozen=True)
class Answered:
    """A reply and where it is kept. `recorded`: the ledger had it already, and nothing was sent."""

    key: str
    reply: Reply
    recorded: bool


@dataclass(frozen=True)
class Caller:
    """Asks the models of one conversation. Cheap to make; everything in it is shared with others.

    Attributes:
        models: each agent's model.
        media: where prepared clips and covers are read; None for conversations of text alone.
        stream: the thread's random stream; part of every key, and the root of every seed.
        timeout_s: of one try.
        closed: answer from the ledger alone.
    """

    models: Mapping[Agent, ChatModel]
    ledger: Ledger
    media: MediaLibrary | None
    limits: Limits
    stream: str
    backoff: Backoff = field(default_factory=Backoff)
    timeout_s: float = 120.0
    closed: bool = False

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        """The answer to `request`, from the ledger or the model; in the ledger before it is given out.

        Raises:
            LedgerMissError: the caller is closed and the ledger does not hold the call.
            TransientModelError: every try failed; nothing was recorded, so that a resumed run asks again.
            QuotaError, ModelSetupError: trying again cannot help.
        """
        model = self.models[request.agent]
        params = self.params(request.agent, place=place, attempt=attempt)
        key = call_key(request, model=model.spec.name, params=params, stream=self.stream, attempt=attempt)
        known = await self.ledger.find(key)
        if known is not None:
            return Answered(key, known, recorded=True)
        if self.closed:
            raise missing(key, place)
        reply = await self._ask(model, request, params.get("seed"), place)
        call = Call(key, place, attempt, model.spec.name, params, self.stream, request, reply)
        await self.ledger.record(call)
        return Answered(key, await self._kept(call), recorded=False)

    def params(self, agent: Agent, *, place: Place, attempt: int) -> dict[str, Any]:
        """The parameters of one call, its seed included where the model takes one."""
        spec = self.models[agent].spec
        if not spec.takes_seed:
            return spec.params()
        seed = stream_seed(self.stream, agent.value, place.turn, attempt)
        return {**spec.params(), "seed": spec.seed(seed)}

    def answer_format(self, agent: Agent) -> AnswerFormat:
        """The form in which the agent's model is asked to answer."""
        return self.models[agent].answer_format

    async def _kept(self, call: Call) -> Reply:
        """The reply that a replay will find: another worker may have asked the same and come first."""
        if call.model == OFFLINE:  # equal keys give equal answers there
            return call.reply
        kept = await self.ledger.find(call.key)
        if kept is None:
            raise StoreError(f"{call.place}: the ledger has lost call {call.key}, which it had just taken")
        return kept

    async def _ask(self, model: ChatModel, request: Request, seed: int | None, place: Place) -> Reply:
        messages = await self._messages(model, request, place)
        draw = random_stream(self.stream, "backoff", place.turn, place.agent)
        failures = 0
        while True:
            try:
                return await self._try(model, messages, request, seed)
            except TransientModelError as error:
                failures += 1
                await self._wait(error, failures, draw, place)
            except ModelError as error:
                raise type(error)(f"{place}: {error.message}", hint=error.hint) from error

    async def _messages(self, model: ChatModel, request: Request, place: Place) -> list[BaseMessage]:
        if not request.media:
            return langchain_messages(request.messages, None)
        if model.spec.provider == OFFLINE:
            return named_messages(request.messages)
        if not model.hears and any(medium.kind == "audio" for medium in request.media):
            raise ModelSetupError(
                f"{place}: {model.spec.name} takes no audio, and the prompt holds clips",
                hint="use --modalities text,image, or another model for this agent",
            )
        if self.media is None:
            raise ModelSetupError(
                f"{place}: the prompt holds media, and no media library was opened to read them from",
                hint="open the run's media library, or use --modalities text",
            )
        return await asyncio.to_thread(langchain_messages, request.messages, self.media.read)

    async def _try(
        self, model: ChatModel, messages: list[BaseMessage], request: Request, seed: int | None
    ) -> Reply:
        """One try, in a slot of the limits; the wait for the slot is no part of latency or time-out."""
        async with self.limits.slot() as started:
            begin = perf_counter()
            try:
                async with asyncio.timeout(self.timeout_s):
                    message = await model.ask(messages, request.schema, seed=seed)
            except TimeoutError:
                late = f"{model.spec.name}: no answer within {self.timeout_s:g} s"
                raise TransientModelError(late) from None
            except TransientModelError as error:
                if error.retry_after is not None:
                    self.limits.crowded(started)
                raise
            self.limits.answered()
        return reply_of(message, request, latency=perf_counter() - begin)

    async def _wait(
        self, error: TransientModelError, failures: int, draw: random.Random, place: Place
    ) -> None:
        """Sleep before the next try, outside the limits; or give up, saying where and what to do."""
        if self.backoff.gives_up(failures, error.retry_after):
            tries = "once" if failures == 1 else f"{failures} times"
            raise TransientModelError(
                f"{place}: {error.message} (tried {tries})",
                retry_after=error.retry_after,
                hint="nothing is lost: running the same command again resumes here",
            ) from error
        await asyncio.sleep(self.backoff.delay(failures, error.retry_after, draw))
