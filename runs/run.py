"""A run: some sessions of a catalogue under one plan, opened, begun in the store, and played in order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ..catalog.catalog import Catalog
from ..catalog.opening import DEMO, open_catalog
from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions
from ..checkpoints.store.threads import Thread
from ..core.errors import NotFoundError
from ..core.settings import blaming
from ..prompts.library import PromptLibrary
from ..sessions.sampling import MIN_TRACKS, PROFILING_TRACKS
from .config import RunConfig
from .costs.bill import paid
from .events import Events, Silent
from .jobs import ConversationJobs, OpenConversationJobs, trunks
from .plan import RunPlan
from .queue import JobQueue
from .rate_limits import widened
from .run_start import Start, begin_run
from .runtime import Runtime, open_runtime, say_totals
from .workers.engine import perform_all


@dataclass(frozen=True)
class Task:
    """What is to be played, with everything that it names opened. Nothing is stored yet.

    Attributes:
        new: the run is begun by this; otherwise it goes on, and how it was begun stays as it is.
    """

    config: RunConfig
    catalog: Catalog
    prompts: PromptLibrary
    plan: RunPlan
    session_ids: tuple[str, ...]
    new: bool = True

    @classmethod
    def of(cls, config: RunConfig) -> Task:
        """The run of a configuration.

        Raises:
            InputError: something that it names cannot be used; `setting` tells which.
        """
        with blaming("catalog"):
            catalog = open_catalog(config.catalog, session_gap=config.session_gap)
        with blaming("prompt"):
            prompts = PromptLibrary(config.prompt_files)
        plan = RunPlan.of(config, catalog, prompts)
        with blaming("session"):
            session_ids = choose_sessions(config, catalog)
        return cls(config, catalog, prompts, plan, session_ids)

    def announce(self, events: Events) -> None:
        """What is played, by whom, and on what."""
        config, catalog, plan = self.config, self.catalog, self.plan
        names = {agent.value: spec.name for agent, spec in plan.models.items()}
        same = len(set(names.values())) == 1
        models = next(iter(names.values())) if same else ", ".join(f"{a} {n}" for a, n in names.items())
        shown = sorted(
            {m for ms in plan.modalities.values() for m in ms}, key=["text", "audio", "image"].index
        )
        if config.catalog is None:
            events.say("no --catalog: the demo catalogue of fictional artists")
        if models == "offline":
            events.say("the offline model plays all agents: no key, no network")
        events.say(
            f"catalogue {catalog.name} ({catalog.source}); models: {models}; modalities: {', '.join(shown)}"
        )
        if len(self.session_ids) < config.sessions and not config.session:
            events.say(f"{config.sessions} sessions asked for, {len(self.session_ids)} qualify")
        named = f" {config.name} ({plan.run_id})" if config.name else f" {plan.run_id}"
        events.say(f"run{named}: {len(self.session_ids)} conversations of {plan.turns} turns")
        simulated = sum(catalog.session(s).origin == "simulated" for s in self.session_ids)
        if simulated:
            events.say(
                f"{simulated} of {len(self.session_ids)} sessions are simulated: nobody listened to them"
            )

    async def begin(self, store: Store) -> None:
        """Enter the run into the store, or its new sessions.

        Raises:
            ChangedRunError: its name stands for other settings.
        """
        if self.new:
            config = self.config
            start = Start(catalog_location(config.catalog), config.session_gap, config.allow_missing_media)
            await begin_run(
                RunSessions(store),
                start,
                self.plan,
                self.catalog,
                self.prompts,
                self.session_ids,
                config.name,
            )


@dataclass(frozen=True)
class Run:
    """A run that can be played."""

    task: Task
    runtime: Runtime

    async def play(self) -> AsyncGenerator[Thread, None]:
        """Play the conversations; threads come in order of sessions, each however it ended.

        After a stop those that were stopped are left out; the runtime's signal knows why it came.

        Raises:
            StoreError, WorkersLostError: nothing else could go on either; what was finished is kept.
        """
        task, config, runtime = self.task, self.task.config, self.runtime
        queue = JobQueue(trunks(task.plan, task.session_ids))
        handler = ConversationJobs(runtime, task.catalog, config.allow_missing_media)
        elsewhere = OpenConversationJobs(
            catalog_location(config.catalog),
            config.session_gap,
            task.plan.catalog_digest,
            config.allow_missing_media,
        )
        runtime.events.begin(len(task.session_ids), "conversations")
        performed = perform_all(runtime, config, queue, handler, elsewhere, jobs=len(task.session_ids))
        async with aclosing(performed) as outcomes:
            async for _, thread in outcomes:
                runtime.events.ended(thread.session_id)
                yield thread
        say_totals(runtime)


@asynccontextmanager
async def open_run(
    config: RunConfig | Task, store: Store, *, events: Events | None = None
) -> AsyncIterator[Run]:
    """The run of a configuration, begun in the store, with models opened under its limits and its cap.

    Raises:
        InputError: something that it names cannot be used; `setting` tells which.
        ChangedRunError: its name stands for other settings; nothing was changed.
        ModelSetupError: a model cannot be used.
    """
    events = events or Silent()
    task = config if isinstance(config, Task) else Task.of(config)
    task = replace(task, config=widened(task.config, len(task.session_ids), events))
    models, before = task.plan.models.values(), partial(paid, store, task.plan.run_id)
    async with open_runtime(store, task.config, models, paid=before, events=events, strict=True) as runtime:
        await task.begin(store)
        task.announce(events)
        yield Run(task, runtime)


def catalog_location(catalog: str | None) -> str:
    """The catalogue as a later command finds it from any folder."""
    return DEMO if catalog is None or catalog == DEMO else str(Path(catalog).resolve())


def choose_sessions(config: RunConfig, catalog: Catalog) -> tuple[str, ...]:
    """The ids of the sessions to play: those named, or the first ones that qualify.

    Raises:
        NotFoundError: a session that is named is not there, or none qualifies.
    """
    if config.session:
        known = set(catalog.session_ids())
        unknown = [s for s in config.session if s not in known]
        if unknown:
            raise NotFoundError(
                f"the catalogue {catalog.name!r} has no session {unknown[0]!r}",
                hint="`segue catalog check` shows how many there are and how they are named",
            )
        return tuple(dict.fromkeys(config.session))
    needed = PROFILING_TRACKS + config.pool_size if config.pool_size else MIN_TRACKS
    found = catalog.session_ids(min_tracks=needed)
    if not found:
        raise NotFoundError(
            f"no session of {catalog.name!r} has {needed} distinct tracks",
            hint="`segue catalog check` says why; --pool-size and --session-gap change what qualifies",
        )
    return tuple(found[: config.sessions])
