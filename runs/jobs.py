"""Conversations as jobs: trunks from a catalogue's sessions, and branches of what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints.store.threads import Thread
from ..core.errors import ConfigError
from ..state.values import Agent
from .conversation import Conversations, play_thread
from .experiments.branch import begin_branch
from .experiments.fork import Change, Fork, find_fork
from .plan import RunPlan, SessionRepeat
from .preparation.first_states import Preparation
from .queue import Job
from .runtime import Runtime

FORKS_KEPT = 32
"""Forks that are remembered: a trunk's branches are played one after another."""


@dataclass(frozen=True)
class Trunk:
    """The conversation on a session under a plan."""

    plan: RunPlan
    session_id: str


@dataclass(frozen=True)
class Branch:
    """A branch as it was planned, and what it changes."""

    thread: Thread
    change: Change


def trunks(plan: RunPlan, conversations: Iterable[SessionRepeat]) -> Iterator[Job]:
    """One job for each conversation."""
    for session_id, repeat in conversations:
        own = plan.repeated(repeat)
        yield Job("trunk", own.thread_id(session_id), Trunk(own, session_id))


def branches(planned: Iterable[tuple[Thread, Change]]) -> Iterator[Job]:
    """One job for each branch."""
    for thread, change in planned:
        yield Job("branch", thread.thread_id, Branch(thread, change))


@dataclass
class ConversationJobs:
    """`Handler` of trunks and branches; each job's result is its thread, however it ended.

    Attributes:
        catalog: that the trunks' sessions are in; None where branches alone are played.
        allow_missing_media: see `Preparation`.
    """

    runtime: Runtime
    catalog: Catalog | None = None
    allow_missing_media: bool = False
    _conversations: dict[tuple[str, int], Conversations] = field(default_factory=dict, repr=False)
    _forks: dict[tuple[str, int, str], Fork] = field(default_factory=dict, repr=False)

    async def known(self, job: Job) -> Thread | None:
        """See `Handler`. A failed conversation is tried again, unless another command has just tried it."""
        thread = await self._find(job.key)
        ended = ("done", "failed") if job.shared else ("done",)
        return thread if thread is not None and thread.status in ended else None

    async def perform(self, job: Job) -> Thread:
        """See `Handler`."""
        match job.payload:
            case Trunk(plan, session_id):
                return await self._conversations_of(plan).play(session_id)
            case Branch(thread, change):
                return await self._branch(thread, change)
        raise TypeError(f"no conversation: {job.payload!r}")

    async def _find(self, thread_id: str) -> Thread | None:
        return await self.runtime.store.looking_up(partial(self.runtime.threads.find, thread_id))

    def _conversations_of(self, plan: RunPlan) -> Conversations:
        key = (plan.run_id, plan.repeat)
        if key not in self._conversations:
            assert self.catalog is not None, "trunks are played from a catalogue"
            prompts = self.runtime.prompts(plan)
            preparation = Preparation(
                plan, self.catalog, self.runtime.media, prompts, self.allow_missing_media
            )
            self._conversations[key] = Conversations(plan, preparation, self.runtime)
        return self._conversations[key]

    async def _branch(self, branch: Thread, change: Change) -> Thread:
        if self.catalog is not None:
            self.runtime.pools.know(self.catalog, self.allow_missing_media)
        fork = await self._fork(branch)
        begun = await begin_branch(self.runtime, fork, change, branch)
        return begun if begun.status == "done" else await play_thread(self.runtime, begun)

    async def _fork(self, branch: Thread) -> Fork:
        """Where the branch leaves its parent."""
        assert branch.fork is not None and branch.parent is not None, "a branch has a parent"
        at: tuple[str, int, str] = (branch.parent, branch.fork["turn"], branch.fork["agent"])
        if at not in self._forks:
            parent = await self._find(branch.parent)
            assert parent is not None, "a branch is planned on a stored parent"
            found = partial(find_fork, self.runtime.saver, parent, at[1], Agent(at[2]))
            while len(self._forks) >= FORKS_KEPT:
                del self._forks[next(iter(self._forks))]
            self._forks[at] = await self.runtime.store.reading(found)
        return self._forks[at]


@dataclass(frozen=True)
class OpenConversationJobs:
    """Makes the handler where the jobs are done; elsewhere than in the command's process it opens the catalogue there.

    Attributes:
        location: folder or file of the catalogue, or `demo`, as any process finds it; None for branches alone.
        digest: of the catalogue as the command has it.
    """

    location: str | None = None
    session_gap: int | None = None
    digest: str = ""
    allow_missing_media: bool = False

    def __call__(self, runtime: Runtime) -> ConversationJobs:
        """The handler. Raises `ConfigError` where the catalogue is another one than the command's."""
        if self.location is None:
            return ConversationJobs(runtime)
        catalog = open_catalog(self.location, session_gap=self.session_gap)
        if catalog.digest != self.digest:
            raise ConfigError(
                f"the catalogue {self.location} holds other data here than where the run was started",
                hint="give every machine the same files under the same path",
            )
        return ConversationJobs(runtime, catalog, self.allow_missing_media)
