"""`JudgeContext`: one judge with its model; puts one question about one case, and makes a verdict of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

from ...agents.asking import REPAIRS, AnsweredCall, Desk, ask
from ...catalog.media import MediaLibrary
from ...checkpoints.store.judgements import Judgement
from ...core.errors import AnswerError, FormRefusedError, Place
from ...core.stopping import StopSignal
from ...models.caller import Caller
from ...models.costs.meter import Meter
from ...models.delivery import ConversationDelivery, Delivery
from ...models.factory import ChatModel
from ...models.ledger import Ledger
from ...models.limits import Backoff, RateLimits
from ...models.notices import CallNotices
from ...models.providers import OFFLINE
from ...models.request import AnswerFormat, Form, Request
from ...models.servers.answer_forms import form_at, format_of, is_looser
from ...models.spec import ModelSpec
from ...prompts.library import PromptLibrary
from ...runs.runtime import Runtime
from ...runs.servers import LOOSER
from ...runs.stopping import GatedCalls
from ...state.values import Agent, Judge
from .answers import answer_type, turn_grades
from .aspects import Aspect, absent, missing
from .cases import Case
from .evidence import evidence_of
from .rendering import numbers_asked, render_judgement, rubric_digest
from .single_flight import SingleFlight

PLACE_IDS = 64
"""Longest id of a place in the ledger."""


@dataclass(frozen=True)
class JudgeContext:
    """What a judge works with; one for each judge.

    Attributes:
        modalities: what is shown of a track; clips and covers of others are left out.
        repairs: how often an unreadable answer is sent back.
        meter: counts what calls cost, under a cap; None where nobody counts.
        timeout_s: of one try; a judge looks at much and thinks long.
        delivery: how calls travel to providers; None sends everything with each call.
        forms: how firmly answers are asked for, where the model's own form was refused; see `Caller`.
        tell: is told when that happens.
    """

    model: ChatModel
    prompts: PromptLibrary
    ledger: Ledger
    media: MediaLibrary | None
    limits: RateLimits
    modalities: tuple[str, ...]
    signal: StopSignal = field(default_factory=StopSignal)
    repairs: int = REPAIRS
    meter: Meter | None = None
    backoff: Backoff = field(default_factory=Backoff)
    timeout_s: float = 300.0
    delivery: Delivery | None = None
    notices: CallNotices = field(default_factory=CallNotices)
    flights: SingleFlight = field(default_factory=SingleFlight)
    forms: list[tuple[int, Form]] = field(default_factory=list)
    tell: Callable[[str], object] = field(default=lambda said: None, repr=False)
    _rubrics: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, runtime: Runtime, spec: ModelSpec, prompts: PromptLibrary, modalities: tuple[str, ...]
    ) -> Self:
        """The context of one judge on a runtime. Raises `ModelSetupError` for a model that cannot be used."""
        return cls(
            model=runtime.model(spec),
            prompts=prompts,
            ledger=runtime.ledger,
            media=runtime.media,
            limits=runtime.limits,
            modalities=modalities,
            signal=runtime.signal,
            meter=runtime.meter,
            timeout_s=runtime.timeout_s,
            delivery=runtime.delivery,
            notices=runtime.notices,
            tell=runtime.events.say,
        )

    def rubric(self, aspect: Aspect) -> str:
        """Digest of the words that the aspect is judged under."""
        if aspect.name not in self._rubrics:
            self._rubrics[aspect.name] = rubric_digest(self.prompts, aspect)
        return self._rubrics[aspect.name]

    @property
    def settings(self) -> dict[str, Any]:
        """What, besides the model's name, decides what the judge is asked."""
        return {**self.model.spec.params(), "modalities": list(self.modalities)}

    def blank(self, case: Case, aspect: Aspect, repeat: int) -> Judgement:
        """The verdict before anybody was asked: its key, and why it does not apply where it does not.

        Args:
            case: as it is shown under the context's modalities.
        """
        lacking = missing(aspect, case)
        return Judgement(
            source=case.source,
            case_id=case.case_id,
            case_digest=case.digest,
            corruption=case.corruption,
            aspect=aspect.name,
            model=self.model.spec.name,
            settings=self.settings,
            rubric=self.rubric(aspect),
            repeat=repeat,
            outcome="not_applicable",
            reason=f"the conversation does not have: {', '.join(lacking)}" if lacking else "",
            absent=[sight.value for sight in absent(aspect, case)],
            topic=case.topic,
            specificity=case.specificity,
        )

    async def judge(self, case: Case, aspect: Aspect, blank: Judgement) -> Judgement:
        """The verdict. An answer that stays unreadable after every repair makes it `unscored`.

        Args:
            blank: see `blank`; its `series` tells how many series of answers were unreadable before.

        Raises:
            ModelError: the judge could not be reached; nothing is lost, and asking again goes on here.
            Interrupted, BudgetError: it was stopped before the call.
        """
        if blank.reason:
            return blank
        while True:
            try:
                return await self._judge(case, aspect, blank)
            except FormRefusedError as error:
                form = cast(Form, error.form)
                if is_looser(form, form_at(self.forms, 0, self.model.spec)):
                    self.forms[:] = [(0, form)]
                    self.tell(
                        f"{self.model.spec.name} is asked for {LOOSER[form]} from here on: {error.message}"
                    )

    async def _judge(self, case: Case, aspect: Aspect, blank: Judgement) -> Judgement:
        asked = format_of(form_at(self.forms, 0, self.model.spec))
        request = render_judgement(self.prompts, aspect, case, asked)
        numbers = numbers_asked(aspect, case)
        calls = self._calls(request, blank.repeat)
        desk = Desk(self.prompts, calls, place_of(case), self.repairs, blank.series)
        playing = self.delivery.playing(desk.place.thread_id) if self.delivery else nullcontext()
        try:
            async with playing:
                wanted = answer_type(numbers, may_abstain=self.model.spec.provider == OFFLINE)
                outcome = await ask(desk, request, wanted)
        except AnswerError as error:
            reason = error.message.removeprefix(f"{desk.place}: ")
            return replace(blank, outcome="unscored", reason=reason, calls=tuple(calls.keys))
        given = outcome.answer.model_dump()
        if given["score"] is None:
            return replace(blank, reason=given["reason"], calls=outcome.calls)
        return replace(
            blank,
            outcome="scored",
            score=given["score"],
            reason=given["reason"],
            turns=turn_grades(outcome.answer, numbers),
            calls=outcome.calls,
        )

    def _calls(self, request: Request, repeat: int) -> NotedCalls:
        # The stream is the request's own, so that the same question about two cases is asked once.
        caller = Caller(
            models={Judge.JUDGE: self.model},
            ledger=self.ledger,
            media=self.media,
            limits=self.limits,
            stream=f"judge-{repeat}-{request.digest[:16]}",
            backoff=self.backoff,
            timeout_s=self.timeout_s,
            meter=self.meter,
            delivery=ConversationDelivery(self.delivery, turns=1) if self.delivery else None,
            signal=self.signal,
            notices=self.notices,
            forms={Judge.JUDGE: tuple(self.forms)},
        )
        return NotedCalls(GatedCalls(caller, self.signal), self.flights, caller)


@dataclass
class NotedCalls:
    """`Calls` that notes every key, and asks one question once, however many wait for its answer."""

    calls: GatedCalls
    flights: SingleFlight
    caller: Caller
    keys: list[str] = field(default_factory=list)

    async def call(self, request: Request, *, place: Place, attempt: int) -> AnsweredCall:
        name = (self.caller.models[request.agent].spec.name, self.caller.stream, request.digest, attempt)
        answered: AnsweredCall = await self.flights.share(
            name, lambda: self.calls.call(request, place=place, attempt=attempt)
        )
        self.keys.append(answered.key)
        return answered

    def answer_format(self, agent: Agent, turn: int) -> AnswerFormat:
        return self.caller.answer_format(agent, turn)


def place_of(case: Case) -> Place:
    """Where the ledger files a judge's calls: beside the conversation's own, never among them."""
    return Place(place_of_case(case.case_id), 0, Judge.JUDGE.value)


def place_of_case(case_id: str) -> str:
    """The id under which the ledger keeps the calls about a case."""
    return f"judge:{case_id}"[:PLACE_IDS]


def same_question(aspect: Aspect, one: Case, other: Case) -> bool:
    """Whether a judge would be asked the very same of both cases."""
    same = evidence_of(aspect, one) == evidence_of(aspect, other)
    return same and numbers_asked(aspect, one) == numbers_asked(aspect, other)


def settings_words(settings: Mapping[str, Any]) -> str:
    """The settings of a judge in words."""
    rest = [f"{name} {value}" for name, value in settings.items() if name != "modalities"]
    return ", ".join(["+".join(settings.get("modalities", ())), *rest])
