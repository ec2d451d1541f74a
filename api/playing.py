"""Playing: runs, what is left of them, branches. Each as a plain call and as a coroutine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack, overload

from ..checkpoints.store.threads import Thread
from ..core.errors import ConfigError, Interrupted, SegueError
from ..core.settings import items
from ..core.stopping import StopSignal as StopSignal
from ..runs.events import Events as Events
from ..runs.experiments.branching import open_branches as open_branches
from ..runs.experiments.changes import change_of
from ..runs.experiments.fork import Change
from ..runs.plan import load_config
from ..runs.retry import further_run as further_run
from ..runs.run import Run as Run
from ..runs.run import Task as Task
from ..runs.run import open_run as open_run
from ..runs.settings.config import PlaySettings as PlaySettings
from ..runs.settings.config import RunConfig as RunConfig
from ..state.values import Agent
from .conversation import Conversation
from .loop import blocking
from .settings import given
from .store import DEFAULT_STORE, Address, OpenStore, kept_open

Overrides = Mapping[str, str | Path] | Sequence[str]
"""NAME=VALUE pairs, as a mapping or as they are typed."""

Stopping = Callable[[StopSignal], AbstractContextManager[object]]


@dataclass(frozen=True)
class PlayResult(Sequence[Conversation]):
    """What came of playing: the conversations in order, each however it ended.

    Attributes:
        run: id of the run that they belong to.
        stopped: why not all were played to their end: the cap on money, a used-up quota, an interruption; None where
            they were. What was stopped is not among the conversations, and the same call goes on with it.
    """

    run: str
    conversations: Sequence[Conversation]
    stopped: SegueError | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Status -> conversations."""
        return dict(Counter(found.status for found in self.conversations))

    @property
    def failed(self) -> list[Conversation]:
        """Those that failed; `error` of each says on what."""
        return [found for found in self.conversations if found.status == "failed"]

    @overload
    def __getitem__(self, index: int) -> Conversation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Conversation]: ...
    def __getitem__(self, index: int | slice) -> Conversation | Sequence[Conversation]:
        return self.conversations[index]

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self.conversations)

    def __len__(self) -> int:
        return len(self.conversations)

    def __repr__(self) -> str:
        told = ", ".join(f"{count} {status}" for status, count in self.counts.items()) or "nothing played"
        return f"<run {self.run}: {told}{', stopped' if self.stopped else ''}>"


async def play_async(
    config: RunConfig | None = None,
    *,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
) -> PlayResult:
    """Play a configuration's conversations. What is done already is found in the store and not played again.

    A conversation that fails stops no other, and a stop is told, not raised: see `PlayResult`.

    Args:
        config: by default one conversation of the offline model on the demo catalogue.
        store: made where it is not there.
        events: is told what goes on.
        stopping: a context that is entered with the signal that stops everything after the calls in flight, and left
            at the end; whoever heeds interrupts sets it.

    Raises:
        InputError: something that the configuration names cannot be used.
        ChangedRunError: its name stands for other settings; nothing was changed.
        ModelSetupError: a model cannot be used: key, package or name.
        StoreError: the database cannot be read or written.
    """
    chosen = given(config, RunConfig)
    task = Task.of(chosen)
    opened = kept_open(store, create=True, lock_seconds=chosen.lock_seconds)
    return await _play(task, opened, events, stopping)


play = blocking(play_async)


async def retry_async(
    run: str,
    *,
    errors: bool = False,
    config: RunConfig | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
) -> PlayResult:
    """Go on with a run from its name or id alone: all that is not done of it.

    Args:
        errors: only what failed.
        config: how it is played on (limits, cap, addresses); what it plays stays as it was.

    Raises:
        NotFoundError: no such store or run.
        ConfigError, ChangedRunError: catalogue or prompts are others than the run's.
        ModelSetupError, StoreError: as `play`.
    """
    chosen = given(config, RunConfig)
    opened = kept_open(store, lock_seconds=chosen.lock_seconds)
    task = further_run(opened.store, run, chosen, errors=errors)
    return await _play(task, opened, events, stopping)


retry = blocking(retry_async)


async def _play(task: Task, store: OpenStore, events: Events | None, stopping: Stopping) -> PlayResult:
    async with open_run(task, store.store, events=events) as run:
        with stopping(run.runtime.signal):
            threads = [thread async for thread in run.play()]
    return _result(store, run.task.plan.run_id, threads, run.runtime.signal)


class ChangeArguments(TypedDict, total=False):
    """What is different from a turn on: arguments of `branch`.

    Attributes:
        say: what the agent says on that turn.
        track: what the recsys plays on that turn.
        model: another model for the agent from there on.
        base_url: from there on another address for all models, or items such as `recsys=URL`.
        prompt: template -> file in its place from there on.
        modalities: `text,audio` for all agents or `recsys=text` for one, from there on.
        seed: another random stream from there on.
        reason: why, for the reader.
        recsys: who recommends from there on: a recommender as `RunConfig.recsys` takes them, or `model`.
        recsys_reply: who finds the words where that gives none.
        actions: what the recsys may do, as `RunConfig.actions` takes it.
    """

    say: str | None
    track: str | None
    model: str | None
    base_url: Overrides | str
    prompt: Overrides
    modalities: Sequence[str]
    seed: int | None
    reason: str
    recsys: str | None
    recsys_reply: str | None
    actions: Sequence[str] | str | None


async def branch_async(
    thread: str,
    *,
    turn: int,
    agent: str,
    count: int = 1,
    catalog: str | None = None,
    settings: PlaySettings | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
    **different: Unpack[ChangeArguments],
) -> PlayResult:
    """Play a turn of a conversation differently, and on from there; the conversation itself stays as it is.

    The same call finds the same branches and plays nothing twice.

    Args:
        thread: its id, or a unique start of it. `turn`, `agent`: before whose move it branches off, listener or recsys.
        count: how many draws, each with a stream of its own.
        catalog: where the catalogue is by now, for conversations that search it each turn.
        settings: how it is carried out: limits, cap, engine.
        different: what is different from there on: see `ChangeArguments`.

    Raises:
        NotFoundError: no such store, thread or turn.
        InputError: the conversation was imported, or the change is not the agent's to make.
        ModelSetupError, StoreError: as `play`.
    """
    acting, carried = _acting(agent), given(settings, PlaySettings)
    opened = kept_open(store, lock_seconds=carried.lock_seconds)
    parent = opened.reader.played(thread)
    change = _change(parent, acting, **different)
    async with open_branches(
        opened.store, parent, turn, acting, change, carried, count=count, catalog=catalog, events=events
    ) as branches:
        with stopping(branches.runtime.signal):
            threads = [thread async for thread in branches.play()]
    return _result(opened, parent.run_id, threads, branches.runtime.signal)


def _acting(agent: str) -> Agent:
    if agent not in ("listener", "recsys"):
        raise ConfigError(f"--agent {agent!r}: it must be listener or recsys")
    return Agent(agent)


def _change(
    parent: Thread, agent: Agent, *, prompt: Overrides = (), base_url: Overrides | str = (), **given: Any
) -> Change:
    plan, _ = load_config(parent.config)
    return change_of(plan, agent, prompt=items(prompt), base_url=items(base_url), **given)


branch = blocking(branch_async)


def _result(store: OpenStore, run: str, threads: Sequence[Thread], signal: StopSignal) -> PlayResult:
    stopped = (signal.reason or Interrupted("stopped; what was finished is kept")) if signal.stopped else None
    return PlayResult(run, [Conversation(store.reader, thread) for thread in threads], stopped)
