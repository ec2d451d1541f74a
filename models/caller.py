"""`Caller`: one conversation's way to its models: ledger first, then limits, retries and the ledger again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from copy import copy
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from langchain_core.messages import AIMessage

from ..catalog.media import MediaLibrary
from ..core.errors import (
    Interrupted,
    LostAnswerError,
    ModelError,
    ModelSetupError,
    Place,
    QuotaError,
    RefusedError,
    TransientModelError,
)
from ..core.random import stream as random_stream
from ..core.random import stream_seed
from ..core.stopping import StopSignal
from ..state.values import Asker
from .content import Outgoing, langchain_messages, named_messages
from .costs.meter import Bill, Meter
from .delivery import ConversationDelivery
from .factory import ChatModel
from .finish import reply_of
from .ledger import Call, Ledger, missing
from .limits import Backoff, RateLimit, RateLimits, Slot
from .notices import CallNotices
from .providers import OFFLINE
from .reply import Reply
from .request import AnswerFormat, Form, Request, call_key
from .servers.answer_forms import Forms, form_at, format_of, require_form
from .usage import expected_input


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
        models: each asker's model.
        media: where prepared clips and covers are read; None for conversations of text alone.
        limits: of each server.
        stream: the thread's random stream; part of every key, and the root of every seed.
        meter: counts what calls cost, under the run's cap; None where nobody counts.
        timeout_s: of one try.
        closed: answer from the ledger alone.
        forms: who asks -> from which turn on answers are asked for in which form, where it is not the model's own.
        delivery: how calls travel, for providers that take uploads, caches or batches; None sends all with each call.
        signal: after it no try is begun, and waits between tries end.
        notices: is told of tries that failed and of calls that take long.
    """

    models: Mapping[Any, ChatModel]
    ledger: Ledger
    media: MediaLibrary | None
    limits: RateLimits
    stream: str
    backoff: Backoff = field(default_factory=Backoff)
    timeout_s: float = 120.0
    closed: bool = False
    meter: Meter | None = None
    delivery: ConversationDelivery | None = None
    signal: StopSignal = field(default_factory=StopSignal)
    notices: CallNotices = field(default_factory=CallNotices)
    forms: Mapping[Any, Forms] = field(default_factory=dict)

    async def call(self, request: Request, *, place: Place, attempt: int) -> Answered:
        """The answer to `request`, from the ledger or the model; in the ledger before it is given out.

        Raises:
            LedgerMissError: the caller is closed and the ledger does not hold the call.
            TransientModelError: every try failed; nothing was recorded, so that a resumed run asks again.
            QuotaError, ModelSetupError: trying again cannot help.
            FormRefusedError: nor here, but asking for a looser form may.
            BudgetError: the cap on money leaves no room for the call.
            Interrupted: it was stopped before the call, or before the answer came.
        """
        model = self.models[request.agent]
        params = self.params(request, place=place, attempt=attempt)
        key = self.key(request, place=place, attempt=attempt)
        known = await self.ledger.find(key)
        if known is not None:
            return Answered(key, known, recorded=True)
        if self.closed:
            raise missing(key, place)
        reply = await self._ask(model, request, params.get("seed"), place, key)
        call = Call(key, place, attempt, model.spec.name, params, self.stream, request, reply)
        return Answered(key, await self.ledger.record(call), recorded=False)

    def key(self, request: Request, *, place: Place, attempt: int) -> str:
        """The call's key in the ledger."""
        name, params = (
            self.models[request.agent].spec.name,
            self.params(request, place=place, attempt=attempt),
        )
        return call_key(request, model=name, params=params, stream=self.stream, attempt=attempt)

    def params(self, request: Request, *, place: Place, attempt: int) -> dict[str, Any]:
        """The parameters of one call, its seed included where the model takes one."""
        spec = self.models[request.agent].spec
        warm = spec.warmer(request.warmer)
        params = {**spec.params(), **({} if warm is None else {"temperature": warm})}
        if self._form(request.agent, place.turn) == "json":
            # The prompt is that of an answer held to the schema, so that the parameters have to tell.
            params["answer_format"] = "json"
        if not spec.takes_seed:
            return params
        seed = stream_seed(self.stream, request.agent.value, place.turn, attempt)
        return {**params, "seed": spec.seed(seed)}

    def answer_format(self, agent: Asker, turn: int) -> AnswerFormat:
        """What the agent's model is asked to answer with on a turn."""
        return format_of(self._form(agent, turn))

    def _form(self, agent: Asker, turn: int) -> Form:
        return form_at(self.forms.get(agent, ()), turn, self.models[agent].spec)

    async def _ask(
        self, model: ChatModel, request: Request, seed: int | None, place: Place, key: str
    ) -> Reply:
        draw = random_stream(self.stream, "backoff", place.turn, place.agent)
        form, failures = self._form(request.agent, place.turn), 0
        while True:
            try:
                async with self.signal.cutting(place, in_flight=True):
                    self.signal.require_going(place)
                    outgoing = await self._messages(model, request, place, key)
                return await self._try(model, outgoing, request, seed, place)
            except TransientModelError as error:
                failures += 1
                await self._wait(error, failures, draw, place)
            except ModelError as error:
                if isinstance(error, RefusedError):
                    require_form(error, request, form, model.spec, place)
                if error.message.startswith(f"{place}: "):
                    raise
                placed = copy(error)  # others may hold the same error
                placed.message = f"{place}: {error.message}"
                raise placed from error

    async def _messages(self, model: ChatModel, request: Request, place: Place, key: str) -> Outgoing:
        """The request as it goes out; made for each try, since what it refers to may be gone by the next."""
        self._require_senses(model, request, place)
        if self.delivery is not None and self.delivery.serves(model):
            return await self.delivery.outgoing(model, request, place, key)
        if not request.media:
            return Outgoing(langchain_messages(request.messages, None))
        if model.spec.provider == OFFLINE:
            return Outgoing(named_messages(request.messages))
        read = None if self.media is None else self.media.read
        return Outgoing(await asyncio.to_thread(langchain_messages, request.messages, read))

    def _require_senses(self, model: ChatModel, request: Request, place: Place) -> None:
        if not request.media or model.spec.provider == OFFLINE:
            return
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

    async def _try(
        self, model: ChatModel, outgoing: Outgoing, request: Request, seed: int | None, place: Place
    ) -> Reply:
        """One try, under the budget and in a slot of the limits; waiting there is no part of the latency."""
        pace = self.limits.of(model.spec.limits_name)
        tokens = expected_input(request).input
        async with AsyncExitStack() as held:
            async with self.signal.cutting(place):
                bill = await held.enter_async_context(self._bill(model, request))
                slot = await held.enter_async_context(pace.slot(tokens))
            begin = perf_counter()
            try:
                message = await self._answer(model, outgoing, request, seed, place)
            except TransientModelError as error:
                self._refused(error, bill, pace, slot)
                raise
            except Interrupted:
                if self.meter is not None and bill is not None and not model.patient:
                    self.meter.lost(bill)
                raise
            reply = reply_of(message, request, latency=perf_counter() - begin, served=model.served)
            pace.answered(slot, reply.usage.input)
            if outgoing.heard is not None:
                outgoing.heard(reply.usage)
            if self.meter is not None and bill is not None:
                self.meter.answered(bill, model.spec, reply.usage)
        return reply

    async def _answer(
        self, model: ChatModel, outgoing: Outgoing, request: Request, seed: int | None, place: Place
    ) -> AIMessage:
        """What the model says, within the time of one try. A batch job goes on without us, and is not waited for."""
        warm = model.spec.warmer(request.warmer)
        asked = replace(model, temperature=warm, form=self._form(request.agent, place.turn))
        try:
            async with self.signal.cutting(place, in_flight=not model.patient):
                with self.notices.waiting(place, model.spec.name):
                    async with asyncio.timeout(None if model.patient else self.timeout_s):
                        return await asked.ask(outgoing, request.schema, seed=seed)
        except TimeoutError:
            raise LostAnswerError(f"{model.spec.name}: no answer within {self.timeout_s:g} s") from None

    def _bill(self, model: ChatModel, request: Request) -> AbstractAsyncContextManager[Bill | None]:
        if self.meter is None:
            return nullcontext()
        return self.meter.bill(model.spec, request, batch=model.patient)

    def _refused(self, error: TransientModelError, bill: Bill | None, pace: RateLimit, slot: Slot) -> None:
        if error.retry_after is not None:
            pace.crowded(slot, error.retry_after)
        if self.meter is not None and bill is not None and isinstance(error, LostAnswerError):
            self.meter.lost(bill)

    async def _wait(
        self, error: TransientModelError, failures: int, draw: random.Random, place: Place
    ) -> None:
        """Sleep before the next try, outside the limits; or give up, saying where and what to do.

        Raises:
            QuotaError: the provider asks for a wait so long that all conversations had better stop.
        """
        if self.backoff.is_too_long(error.retry_after):
            raise QuotaError(
                f"{place}: {error.message} (it asks for a wait of {error.retry_after:.0f} s)",
                hint="run the same command again after that time to resume",
            ) from error
        if self.backoff.gives_up(failures, error.retry_after):
            tries = "once" if failures == 1 else f"{failures} times"
            raise TransientModelError(
                f"{place}: {error.message} (tried {tries})",
                retry_after=error.retry_after,
                hint=error.hint or "nothing is lost: running the same command again resumes here",
            ) from error
        delay = self.backoff.delay(failures, error.retry_after, draw)
        async with self.signal.cutting(place):
            self.notices.again(place, error, delay, failures, self.backoff.tries)
            await asyncio.sleep(delay)
