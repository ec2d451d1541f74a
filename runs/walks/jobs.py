"""Conversations to be given their words, each a job that is done where there is a free place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, cast

from ...agents.answers import Answer
from ...agents.asking import Desk, Outcome, ask
from ...core.errors import AnswerError, FormRefusedError, Place, SegueError, StoreError
from ...core.hashing import digest_of
from ...models.faults.refusals import is_for_all
from ...models.request import Form, Request
from ...models.servers.answer_forms import form_at, format_of, is_looser
from ...prompts.library import PromptLibrary
from ...recommenders.walk.generating import Generator
from ...recommenders.walk.walking import Walk
from ...recommenders.walk.wording.answers import inpainted_of, words_type
from ...recommenders.walk.wording.brief import WalkBrief, brief_of
from ...recommenders.walk.wording.checking import problem_of
from ...recommenders.walk.wording.rendering import TEMPLATES, render_brief
from ...sessions.languages import language_name
from ...state.values import WalkAsker
from ..queue import STOPS, Job
from ..runtime import Runtime
from ..servers import LOOSER
from ..stopping import GatedCalls
from .model import WalkModel

_DIGITS: Final = 16


@dataclass(frozen=True)
class WalkLine:
    """What came of one conversation.

    Attributes:
        line: as it is written; None where it is left out.
        problem: why it is: its answers stayed unfit.
        error: why the model could not be asked to the end; the same command asks again.
    """

    name: str
    turns: int = 0
    line: bytes | None = None
    problem: str = ""
    error: SegueError | None = None


@dataclass(frozen=True)
class WalkWording:
    """Walks, and the model that gives them their words; `OpenHandler` of their jobs."""

    generator: Generator
    model: WalkModel

    @cached_property
    def digest(self) -> str:
        """Of all that decides what is asked; as much of it as stands in the ids of places."""
        found, spec, library = self.generator.found, self.model.spec(), self.model.library()
        collections = [[each.name, list(each.words), list(each.places)] for each in found.kept]
        settings = self.generator.settings.model_dump(mode="json")
        made_of = [found.items.digest, collections, settings, self.generator.seed]
        asked = [spec.name, spec.params(), library.digests(TEMPLATES)]
        return digest_of([made_of, asked])[:_DIGITS]

    def place_id(self, number: int) -> str:
        """Where the ledger files the calls about a conversation, which has no thread."""
        return f"walk:{self.digest}:{number}"

    def brief(self, number: int) -> tuple[Walk, WalkBrief]:
        """What is walked, and what the model is told of it."""
        walk, rng = self.generator.walk(number)
        found, settings = self.generator.found, self.generator.settings
        brief = brief_of(
            walk,
            found.kept[walk.target].words,
            found.items.texts,
            found.items.ids,
            rng,
            language=language_name(settings.language),
            replies=settings.replies,
        )
        return walk, brief

    def jobs(self, count: int) -> Iterator[Job]:
        """One job for each conversation, made when it is asked for."""
        return (Job("inpainting", self.place_id(number), number) for number in range(count))

    def __call__(self, runtime: Runtime) -> WalkJobs:
        """What does the jobs, where they are done."""
        return WalkJobs(self, runtime, self.model.library())


@dataclass(frozen=True)
class WalkJobs:
    """`Handler` of conversations to be worded; each job's result is a `WalkLine`.

    Attributes:
        forms: how firmly answers are asked for, where the model's own form was refused; see `Caller`.
    """

    wording: WalkWording
    runtime: Runtime
    prompts: PromptLibrary
    forms: list[tuple[int, Form]] = field(default_factory=list)

    async def known(self, job: Job) -> WalkLine | None:
        """See `Handler`. What was asked before is found in the ledger, call by call."""
        return None

    async def perform(self, job: Job) -> WalkLine:
        """See `Handler`. A model that does not answer for one conversation fails that one alone.

        Raises:
            ModelSetupError, StoreError: no other could be had either.
        """
        number: int = job.payload
        generator, spec = self.wording.generator, self.wording.model.spec()
        walk, brief = self.wording.brief(number)
        name, turns = generator.name(number), len(walk.turns)
        place = Place(job.key, 0, WalkAsker.INPAINTER.value)
        try:
            outcome = await self._asked(brief, place)
        except AnswerError as error:
            return WalkLine(name, turns, problem=error.message.removeprefix(f"{place}: "))
        except SegueError as error:
            if isinstance(error, (*STOPS, StoreError)) and is_for_all(error):
                raise
            error.message = error.message.removeprefix(f"{place}: ")
            return WalkLine(name, turns, error=error)
        said = inpainted_of(outcome.answer, brief)
        return WalkLine(name, turns, generator.line_of(number, walk, said, spec.name))

    async def _asked(self, brief: WalkBrief, place: Place) -> Outcome[Answer]:
        """The answer, in a looser form where the model does not take the one in which it is asked for."""
        spec = self.wording.model.spec()
        while True:
            try:
                return await self._ask(brief, place)
            except FormRefusedError as error:
                form = cast(Form, error.form)
                if is_looser(form, form_at(self.forms, 0, spec)):
                    self.forms[:] = [(0, form)]
                    self.runtime.events.say(
                        f"{spec.name} is asked for {LOOSER[form]} from here on: {error.message}"
                    )

    async def _ask(self, brief: WalkBrief, place: Place) -> Outcome[Answer]:
        spec, runtime = self.wording.model.spec(), self.runtime
        request = self.request(brief)
        asker = WalkAsker.INPAINTER
        caller = runtime.caller({asker: spec}, place.thread_id, turns=1, forms={asker: tuple(self.forms)})
        desk = Desk(
            self.prompts, GatedCalls(caller, runtime.signal), place, repairs=self.wording.model.repairs
        )
        wanted = words_type(len(brief.turns), replies=brief.replies)
        async with runtime.delivery.playing(place.thread_id):
            return await ask(desk, request, wanted, lambda answer: problem_of(answer, brief))

    def request(self, brief: WalkBrief) -> Request:
        """What is asked of the model, in the form that holds now."""
        form = form_at(self.forms, 0, self.wording.model.spec())
        return render_brief(self.prompts, brief, format_of(form))
