"""Judging: conversations put before judges on a runtime, each verdict a job of the queue."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ...catalog.media import media_library
from ...catalog.opening import open_catalog
from ...checkpoints import Store
from ...checkpoints.store.judgements import Judgements
from ...checkpoints.store.reader import StoreReader
from ...checkpoints.store.run_sessions import RunSessions
from ...checkpoints.store.threads import Thread, Threads
from ...core.errors import ConfigError, ModelSetupError, NotFoundError, StoreError
from ...core.tables import counted
from ...dataset.opening import open_dataset
from ...dataset.slates.slate_files import SlateDataSet
from ...models.costs.prices import PriceTable, load_prices
from ...models.spec import ModelSpec
from ...prompts.library import prompt_library
from ...runs.costs.bill import paid_for
from ...runs.events import Events, Silent
from ...runs.queue import JobQueue
from ...runs.rate_limits import widened
from ...runs.reporting.totals import say_totals
from ...runs.runtime import Runtime, open_runtime
from ...runs.settings.config import PlaySettings
from ...runs.settings.per_model import per_model
from ...runs.workers.engine import perform_all
from ...state.values import Judge
from .aspects import TABLE, Aspect
from .calibration import CalibrationPlan, JudgeCalibration, conclude
from .cases import MODALITIES, Case
from .judge import JudgeContext, place_of_case
from .questions import (
    JudgementJobs,
    Question,
    QuestionResult,
    judgement_jobs,
    questions,
    result_of,
)
from .sources import cards_of_catalog, cards_of_dataset, cases_of_dataset, cases_of_threads, source_of

ANSWER_TOKENS = 16_384
"""A judge's answer is long, and a model that thinks counts its thoughts in."""

TIMEOUT_S = 300.0
"""Of one call."""


@dataclass(frozen=True)
class JudgeSelection:
    """What is judged: threads of the store, or a data set in the published schema.

    Attributes:
        threads: ids, or unique starts of them; all finished ones, of `run` where it is given, when empty.
        data: folder or file of a data set, in place of threads.
        catalog: with `data`, the catalogue that its tracks and their media are in.
        limit: at most so many conversations.
    """

    threads: tuple[str, ...] = ()
    run: str | None = None
    data: Path | None = None
    catalog: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.threads and self.run is not None:
            raise ConfigError(
                "--run judges a whole run, and threads were named too",
                hint="name the threads alone, or the run",
            )

    def case_ids(self, store: Store) -> tuple[str | None, list[str] | None]:
        """(the source, the ids of its cases) that are meant; None for all.

        Raises:
            NotFoundError: there is no such thread or run.
        """
        if self.data is not None:
            return source_of(open_dataset(self.data)), None
        if self.threads or self.run is not None:
            return "thread", [thread.thread_id for thread in self.chosen(store)]
        return None, None

    def chosen(self, store: Store, status: str | None = None) -> list[Thread]:
        """The threads that are meant."""
        threads = Threads(store)
        if self.threads:
            return [threads.get(thread) for thread in self.threads]
        return threads.list(run=RunSessions(store).chosen(self.run), status=status)


@dataclass(frozen=True)
class Judges:
    """Who judges, and on what.

    Attributes:
        models: one judge each.
        repeats: verdicts on each question.
        modalities: what is shown of the tracks.
        temperature, thinking_budget: the provider's own when None.
        base_url: an address for all, or items such as `openai=URL`.
        prompts: template name -> text, in place of the package's rubrics.
        retry_unscored: ask anew where answers stayed unreadable.
    """

    models: tuple[str, ...]
    aspects: Sequence[Aspect] = TABLE
    repeats: int = 1
    modalities: tuple[str, ...] = MODALITIES
    temperature: float | None = None
    thinking_budget: int | None = None
    base_url: tuple[str, ...] = ()
    prompts: dict[str, str] = field(default_factory=dict)
    retry_unscored: bool = False

    def specs(self) -> list[ModelSpec]:
        """The models, each once. Raises `ConfigError` for one that is named wrongly."""
        return [
            ModelSpec.of(
                name,
                temperature=self.temperature,
                thinking_budget=self.thinking_budget,
                base_url=per_model("base_url", self.base_url, {Judge.JUDGE: name.partition(":")[0]})[
                    Judge.JUDGE
                ],
                max_output_tokens=ANSWER_TOKENS,
            )
            for name in dict.fromkeys(self.models)
        ]

    def contexts(self, runtime: Runtime) -> list[JudgeContext]:
        """One context for each judge, on one runtime."""
        prompts = prompt_library(self.prompts)
        return [JudgeContext.of(runtime, spec, prompts, self.modalities) for spec in self.specs()]

    def __call__(self, runtime: Runtime) -> JudgementJobs:
        """What does the jobs, where they are done."""
        return JudgementJobs(self.contexts(runtime), Judgements(runtime.store), self.retry_unscored)


def modalities_of(text: str) -> tuple[str, ...]:
    """Modalities from words set apart by commas. Raises `ConfigError` for a word that is none, or without text."""
    words = {word.strip() for word in text.split(",") if word.strip()}
    foreign = sorted(words - set(MODALITIES))
    if foreign or "text" not in words:
        wrong = f"{foreign[0]!r} is not a modality" if foreign else "it must include text"
        raise ConfigError(f"--modalities {text!r}: {wrong}", hint=f"of {', '.join(MODALITIES)}")
    return tuple(name for name in MODALITIES if name in words)


@dataclass(frozen=True)
class Judging:
    """Conversations before their judges, ready to be asked about.

    Attributes:
        number: of conversations.
        cases: read when they are asked for, once.
    """

    runtime: Runtime
    config: PlaySettings
    judges: Judges
    contexts: Sequence[JudgeContext]
    number: int
    cases: Iterator[Case]

    @property
    def size(self) -> int:
        """Verdicts in all."""
        return self.number * len(self.judges.aspects) * len(self.contexts) * self.judges.repeats

    async def results(self) -> AsyncGenerator[QuestionResult, None]:
        """Every question's result, in the order in which they end; see `answer`."""
        judges = self.judges
        asked = questions(self.cases, judges.aspects, self.contexts, judges.repeats)
        async with aclosing(self.answer(asked, self.size)) as results:
            async for result in results:
                yield result

    async def answer(self, asked: Iterable[Question], total: int) -> AsyncGenerator[QuestionResult, None]:
        """Answer every question, in the order in which they end; each verdict is kept as soon as it is there.

        A judge that cannot be reached for one question fails that one alone. After the stop signal nothing new
        begins; where no question could be answered any more (quota, budget, set-up, store), the runtime's signal is
        set with that error as its reason.
        """
        runtime = self.runtime
        queue = JobQueue(judgement_jobs(asked, self.contexts))
        runtime.events.begin(total, "verdicts")
        performed = perform_all(
            runtime, self.config, queue, self.judges(runtime), self.judges, jobs=total, ordered=False
        )
        try:
            async with aclosing(performed) as outcomes:
                async for job, verdict in outcomes:
                    result = result_of(job, verdict, self.contexts)
                    runtime.events.ended(f"{result.question.case.case_id} {result.question.aspect.name}")
                    yield result
        except (ModelSetupError, StoreError) as error:
            runtime.signal.stop(error)
        say_totals(runtime)

    async def calibrate(self, seed: int, heard: list[QuestionResult]) -> JudgeCalibration | None:
        """The first judge on trial with the conversations, sound and spoiled; None after a stop.

        Args:
            seed: of the spoiling.
            heard: is given every result.

        Raises:
            ConfigError: there is but one conversation.
        """
        context = self.contexts[0]
        shown = [case.shown(context.modalities) for case in self.cases]
        if len(shown) < 2:
            raise ConfigError(
                "a trial needs at least two conversations: one lends its goal and tracks to another"
            )
        judges = self.judges
        trial = CalibrationPlan(context, shown, judges.aspects, repeats=judges.repeats, seed=seed)
        self.runtime.events.say(
            f"{context.model.spec.name} on trial with {counted(len(shown), 'conversation')}, sound and spoiled"
        )
        asked = list(trial.questions())
        async with aclosing(self.answer(asked, len(asked))) as results:
            async for result in results:
                heard.append(result)
        if self.runtime.signal.stopped:
            return None
        return conclude(trial, [each.judgement for each in heard if each.judgement is not None])


@asynccontextmanager
async def open_judging(
    store: Store,
    selection: JudgeSelection,
    judges: Judges,
    config: PlaySettings,
    *,
    events: Events | None = None,
) -> AsyncIterator[Judging]:
    """Conversations and judges, opened under limits and a cap.

    What was paid for judging these conversations before counts into the cap.

    Raises:
        NotFoundError: a thread that does not exist, or no finished conversation at all.
        CatalogError: the data set cannot be read.
        ModelSetupError: a judge cannot be used.
        ConfigError: a judge has no price and there is a cap.
    """
    events = events or Silent()
    number, cases = _cases(store, selection, judges.modalities)

    def paid(prices: PriceTable) -> float:
        _, again = _cases(store, selection, judges.modalities)
        return paid_for(store, list(dict.fromkeys(place_of_case(case.case_id) for case in again)), prices)

    config = widened(config, number * len(judges.aspects), events)
    specs = judges.specs()
    table = load_prices(config.prices)
    for spec in specs if config.max_cost is not None and not config.allow_unpriced else ():
        if not table.lists(spec.price_name):
            raise ConfigError(f"--max-cost: {spec.name} has no listed price", hint="give --prices FILE")
    async with open_runtime(store, config, specs, paid=paid, events=events, timeout_s=TIMEOUT_S) as runtime:
        yield Judging(runtime, config, judges, judges.contexts(runtime), number, cases)


def _cases(store: Store, selection: JudgeSelection, modalities: Sequence[str]) -> tuple[int, Iterator[Case]]:
    """How many cases are meant, and the cases, one at a time."""
    if selection.data is not None:
        number, cases = _of_dataset(selection.data, selection.catalog, modalities)
    else:
        found = selection.chosen(store, status="done")
        number, cases = len(found), cases_of_threads(found, StoreReader.of(store).state)
    if not number:
        raise NotFoundError("there is no finished conversation to judge", hint="`segue run` makes some")
    limit = selection.limit or number
    return min(limit, number), islice(cases, limit)


def _of_dataset(data: Path, catalog: str | None, modalities: Sequence[str]) -> tuple[int, Iterator[Case]]:
    dataset = open_dataset(data)
    if isinstance(dataset, SlateDataSet):
        told = f"{data}: judges look at one track a turn, and these conversations show several at once"
        raise ConfigError(told, hint="`segue stats` and `segue audit --data` read them")
    cards = cards_of_dataset(dataset)
    if catalog is not None:
        cards = cards_of_catalog(open_catalog(catalog), media_library(), modalities, cards)
    return sum(dataset.splits.values()), cases_of_dataset(dataset, cards)
