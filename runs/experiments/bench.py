"""The bench: whole conversations on the same sessions, goals and draws, a recommender and a listener in each cell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from ...catalog.catalog import Catalog
from ...catalog.opening import open_catalog
from ...checkpoints import Store
from ...checkpoints.store.run_sessions import RunSessions
from ...checkpoints.store.threads import Thread
from ...core.errors import ChangedRunError
from ...core.settings import blaming
from ...models.costs.prices import PriceTable
from ...models.providers import require_clients
from ...models.spec import ModelSpec
from ...prompts.library import PromptLibrary
from ..costs.bill import paid
from ..events import Events, Silent
from ..jobs import ConversationJobs, OpenConversationJobs, trunks
from ..plan import RunPlan, SessionRepeat
from ..preflight import Preflight, require_sound
from ..queue import JobQueue
from ..rate_limits import widened
from ..reporting.totals import say_totals
from ..run import catalog_location, choose_sessions
from ..run_start import Start, begin_run
from ..runtime import Runtime, open_runtime
from ..settings.config import RunConfig
from ..workers.engine import perform_all
from .bench_plan import BenchPlan


@dataclass(frozen=True, eq=False)
class BenchCell:
    """One recommender with one listener, on all sessions; the same as no other.

    Attributes:
        config: as `segue run` would be told to play it.
    """

    recommender: str
    listener: str
    config: RunConfig
    plan: RunPlan
    prompts: PromptLibrary


@dataclass
class BenchOutcome:
    """What was played: (cell, its threads), in the order of the plan."""

    planned: int
    threads: list[tuple[BenchCell, list[Thread]]] = field(default_factory=list)

    @property
    def failed(self) -> list[Thread]:
        return [thread for _, threads in self.threads for thread in threads if thread.status == "failed"]


@dataclass(frozen=True)
class Bench:
    """A comparison that can be played."""

    plan: BenchPlan
    cells: Sequence[BenchCell]
    conversations: Sequence[SessionRepeat]
    catalog: Catalog

    @property
    def config(self) -> RunConfig:
        """How it is carried out; the same in all cells."""
        return self.cells[0].config

    @property
    def size(self) -> int:
        """Conversations in all."""
        return len(self.cells) * len(self.conversations)

    async def play(self, runtime: Runtime) -> BenchOutcome:
        """Play what is not done yet, session by session, so that what there is can be compared at any time.

        After a stop, what was finished by then; the runtime's signal knows why.

        Raises:
            ChangedRunError: the name of the bench stands for other settings.
            StoreError, WorkersLostError: nothing else could go on either.
        """
        for cell in self.cells:
            await self._begin(runtime, cell)
        plans = [cell.plan for cell in self.cells]
        queue = JobQueue(job for each in self.conversations for plan in plans for job in trunks(plan, [each]))
        handler = ConversationJobs(runtime, self.catalog, self.config.allow_missing_media)
        elsewhere = OpenConversationJobs(
            catalog_location(self.config.catalog),
            self.config.session_gap,
            self.catalog.digest,
            self.config.allow_missing_media,
        )
        ended: dict[str, Thread] = {}
        runtime.events.begin(self.size, "conversations")
        performed = perform_all(
            runtime, self.config, queue, handler, elsewhere, jobs=self.size, ordered=False
        )
        async with aclosing(performed) as outcomes:
            async for _, thread in outcomes:
                runtime.events.ended(thread.thread_id)
                ended[thread.thread_id] = thread
        return self._outcome(ended)

    async def _begin(self, runtime: Runtime, cell: BenchCell) -> None:
        config = cell.config
        start = Start(catalog_location(config.catalog), config.session_gap, config.allow_missing_media)
        kept = RunSessions(runtime.store)
        try:
            await begin_run(
                kept, start, cell.plan, self.catalog, cell.prompts, self.conversations, config.name
            )
        except ChangedRunError as error:
            hint = f"give the plan another name than {self.plan.name!r}, or go back to the settings it had"
            raise ChangedRunError(error.message, hint=hint) from error

    def _outcome(self, ended: dict[str, Thread]) -> BenchOutcome:
        outcome = BenchOutcome(self.size)
        for cell in self.cells:
            ids = [cell.plan.repeated(repeat).thread_id(session) for session, repeat in self.conversations]
            outcome.threads.append((cell, [ended[i] for i in ids if i in ended]))
        return outcome


def prepare_bench(plan: BenchPlan, execution: RunConfig) -> Bench:
    """Open what the plan names; nothing is played or stored.

    Raises:
        ConfigError: settings do not go together, or a file is wrong.
        NotFoundError: it names a session that is not there.
    """
    configs = {
        (recommender, listener): plan.config(recommender, listener, execution)
        for listener in plan.listeners
        for recommender in plan.recommenders
    }
    first = next(iter(configs.values()))
    with blaming("catalog"):
        catalog = open_catalog(first.catalog, session_gap=first.session_gap)
    cells = [
        _cell(plan, recommender, listener, config, catalog)
        for (recommender, listener), config in configs.items()
    ]
    sessions, repeats = choose_sessions(first, catalog), range(1, first.repeats + 1)
    conversations = [SessionRepeat(session, repeat) for repeat in repeats for session in sessions]
    return Bench(plan, cells, conversations, catalog)


def _cell(plan: BenchPlan, recommender: str, listener: str, config: RunConfig, catalog: Catalog) -> BenchCell:
    with blaming("prompt"):
        prompts = PromptLibrary(config.prompt_files)
    played = RunPlan.of(config, catalog, prompts)
    played = played.model_copy(update={"partition": plan.partition(recommender).to_json()})
    return BenchCell(recommender, listener, config, played, prompts)


@asynccontextmanager
async def open_bench(bench: Bench, store: Store, *, events: Events | None = None) -> AsyncIterator[Runtime]:
    """A runtime for all cells, with their models opened under its limits and its cap.

    What the cells have cost before counts into the cap.

    Raises:
        ModelSetupError: a model or a recommender cannot be used.
        ConfigError: a model has no price and there is a cap.
    """
    events = events or Silent()
    models = [spec for cell in bench.cells for spec in cell.plan.models.values()]
    require_clients(spec.provider for spec in models)
    config = widened(bench.config, bench.size, events)

    def before(prices: PriceTable) -> float:
        return sum(paid(store, run_id, prices) for run_id in {cell.plan.run_id for cell in bench.cells})

    async with open_runtime(store, config, models, paid=before, events=events) as runtime:
        await _look(bench, runtime, events)
        yield runtime
    say_totals(runtime)


async def _look(bench: Bench, runtime: Runtime, events: Events) -> None:
    """Ask servers what they are, each once, before anything is stored.

    Raises:
        ModelSetupError: a model or a recommender cannot be used.
    """
    for recommender in filter(None, (cell.plan.recommender for cell in bench.cells)):
        occupant = runtime.recommenders.opened(recommender)
        if not bench.config.no_preflight:
            await occupant.look()
    sessions = tuple(dict.fromkeys(session for session, _ in bench.conversations))
    asked: set[frozenset[ModelSpec]] = set()
    for cell in bench.cells:
        models = frozenset(cell.plan.models.values())
        if not bench.config.no_preflight and models not in asked:
            asked.add(models)
            preflight = Preflight(runtime.model, cell.plan, bench.catalog, cell.prompts, sessions)
            findings = await preflight.findings()
            require_sound(findings, events)
            runtime.servers.learn(findings, cell.plan)
