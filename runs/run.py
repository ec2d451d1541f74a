"""A run: some sessions of a catalogue under one plan, opened, begun in the store, and played in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
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
from ..core.tables import counted
from ..models.factory import ChatModel
from ..models.providers import require_clients
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..sessions.sampling import MIN_TRACKS, POOL_MAX, POOL_MIN, PROFILING_TRACKS
from .costs.bill import paid
from .earlier_rules import as_begun
from .events import Events, Silent
from .jobs import ConversationJobs, OpenConversationJobs, trunks
from .plan import RunPlan, SessionRepeat
from .preflight import Preflight, require_sound
from .preparation.speakers import in_spoken_languages
from .queue import JobQueue
from .rate_limits import widened
from .reporting.totals import say_totals
from .run_start import Start, begin_run
from .runtime import Runtime, open_runtime
from .seating import require_no_truth
from .settings.config import RunConfig
from .workers.engine import perform_all


@dataclass(frozen=True)
class Task:
    """What is to be played, with everything that it names opened. Nothing is stored yet.

    Attributes:
        new: the run is begun by this; otherwise it goes on, and how it was begun stays as it is.
        chosen: these of its conversations alone.
    """

    config: RunConfig
    catalog: Catalog
    prompts: PromptLibrary
    plan: RunPlan
    session_ids: tuple[str, ...]
    new: bool = True
    chosen: tuple[SessionRepeat, ...] | None = None

    @property
    def conversations(self) -> tuple[SessionRepeat, ...]:
        """What is played: the first conversation on each session, then the second on each; or those chosen."""
        if self.chosen is not None:
            return self.chosen
        repeats = range(1, self.config.repeats + 1)
        return tuple(SessionRepeat(session, repeat) for repeat in repeats for session in self.session_ids)

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
        with blaming("recsys"):
            require_no_truth(plan.recsys)
        with blaming("session"):
            session_ids = choose_sessions(config, catalog)
        return cls(config, catalog, prompts, plan, session_ids)

    def as_begun(self, store: Store, events: Events) -> Task:
        """The same, under earlier rules of answers where the store has it begun under those.

        Raises:
            StoreError: the store cannot be read.
        """
        if not self.new:
            return self

        def under(config: RunConfig) -> Task:
            return replace(self, config=config, plan=RunPlan.of(config, self.catalog, self.prompts))

        return as_begun(self, self.config, store, lambda task: [task.plan.run_id], under, events)

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
        if models == "offline" and plan.recommender is None:
            events.say("the offline model plays all agents: no key, no network")
        if plan.pipeline == "single":
            events.say("one model writes each conversation whole, in one call")
        events.say(
            f"catalogue {catalog.name} ({catalog.source}); models: {models}; modalities: {', '.join(shown)}"
        )
        if plan.recommender is not None:
            words = "the recsys's model" if plan.recsys_reply == "model" else "a template"
            events.say(f"{plan.recommender.name} recommends; where it gives no reply, {words} does")
        if len(self.session_ids) < config.sessions and not config.session:
            events.say(f"{counted(config.sessions, 'session')} asked for, {len(self.session_ids)} qualify")
        named = f" {config.name} ({plan.run_id})" if config.name else f" {plan.run_id}"
        events.say(
            f"run{named}: {counted(len(self.conversations), 'conversation')} of {counted(plan.turns, 'turn')}"
            + (" at most" if plan.length == "natural" else "")
        )
        if plan.shortlist_size is not None:
            events.say(_searched(plan, catalog))
        elif plan.turns > (plan.pool_size or POOL_MIN):
            held = plan.pool_size or f"{POOL_MIN} to {POOL_MAX}"
            events.say(
                f"a conversation ends before turn {plan.turns} when its pool, of {held} tracks, is used up"
            )
        simulated = sum(catalog.session(s).origin == "simulated" for s in self.session_ids)
        if simulated:
            events.say(
                f"{simulated:,} of {len(self.session_ids):,} sessions are simulated: nobody listened to them"
            )

    def preflight(self, opened: Callable[[ModelSpec], ChatModel]) -> Preflight:
        """What is asked of the models' servers before it is played."""
        return Preflight(opened, self.plan, self.catalog, self.prompts, self.session_ids)

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
                self.conversations,
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
        queue = JobQueue(trunks(task.plan, task.conversations))
        handler = ConversationJobs(runtime, task.catalog, config.allow_missing_media)
        elsewhere = OpenConversationJobs(
            catalog_location(config.catalog),
            config.session_gap,
            task.plan.catalog_digest,
            config.allow_missing_media,
        )
        runtime.events.begin(len(task.conversations), "conversations")
        performed = perform_all(runtime, config, queue, handler, elsewhere, jobs=len(task.conversations))
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
        InputError: something that it names cannot be used, or a package is missing; `setting` tells which.
        ChangedRunError: its name stands for other settings; nothing was changed.
        ModelSetupError: a model cannot be used.
    """
    events = events or Silent()
    task = config if isinstance(config, Task) else Task.of(config)
    task = await store.looking_up(partial(task.as_begun, store, events))
    task = replace(task, config=widened(task.config, len(task.conversations), events))
    require_clients(spec.provider for spec in task.plan.models.values())
    models, before = task.plan.models.values(), partial(paid, store, task.plan.run_id)
    async with open_runtime(store, task.config, models, paid=before, events=events, strict=True) as runtime:
        if task.session_ids and not task.config.no_preflight:
            findings = await task.preflight(runtime.model).findings()
            require_sound(findings, events)
            runtime.servers.learn(findings, task.plan)
        if (recommender := task.plan.recommender) is not None:
            occupant = runtime.recommenders.opened(recommender)
            if task.session_ids and not task.config.no_preflight:
                await occupant.look()
        await asyncio.to_thread(runtime.pools.ready, task.catalog, task.plan, task.config.allow_missing_media)
        await task.begin(store)
        task.announce(events)
        yield Run(task, runtime)


def _searched(plan: RunPlan, catalog: Catalog) -> str:
    """What a pool that is not shown whole consists of."""
    whole = len(catalog.track_ids())
    drawn = plan.pool_size is not None and plan.pool_size < whole
    if plan.pool == "session":
        held = (
            counted(plan.pool_size, "track") + " of the session"
            if plan.pool_size
            else "tracks of the session"
        )
    else:
        held = (
            f"{plan.pool_size:,} of the catalogue's {whole:,} tracks"
            if drawn
            else f"the catalogue's {whole:,} tracks"
        )
    return f"pool: {held}; {plan.retriever} finds {plan.shortlist_size} of them for the recsys each turn"


def catalog_location(catalog: str | None) -> str:
    """The catalogue as a later command finds it from any folder."""
    return DEMO if catalog is None or catalog == DEMO else str(Path(catalog).resolve())


def choose_sessions(config: RunConfig, catalog: Catalog) -> tuple[str, ...]:
    """The ids of the sessions to play: those named, or the first ones that qualify.

    Raises:
        NotFoundError: a session that is named is not there, or none qualifies.
        ConfigError: listeners are to speak their session's language, and the offline model does not.
    """
    if config.session:
        known = set(catalog.session_ids())
        unknown = [s for s in config.session if s not in known]
        if unknown:
            raise NotFoundError(
                f"the catalogue {catalog.name!r} has no session {unknown[0]!r}",
                hint="`segue catalog check` shows how many there are and how they are named",
            )
        named = tuple(dict.fromkeys(config.session))
        return tuple(in_spoken_languages(config, catalog, named, named=True))
    sized = config.pool_size if config.pool == "session" else None
    needed = PROFILING_TRACKS + sized if sized else MIN_TRACKS
    found = catalog.session_ids(min_tracks=needed)
    if not found:
        raise NotFoundError(
            f"no session of {catalog.name!r} has {needed} distinct tracks",
            hint="`segue catalog check` says why; --pool-size and --session-gap change what qualifies",
        )
    return tuple(in_spoken_languages(config, catalog, found)[: config.sessions])
