"""Branches: a new thread from an old checkpoint with one thing done differently; the trunk is not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from langgraph.checkpoint.base import BaseCheckpointSaver

from ...agents.recsys import check_pick
from ...checkpoints.store.threads import Thread
from ...checkpoints.store.timeline import Step, steps
from ...core.errors import ConfigError, InputError, NotFoundError
from ...core.hashing import digest_of
from ...core.random import stream_seed
from ...core.settings import faults_of
from ...models.spec import ModelSpec
from ...state.partition import BOOKKEEPING, Partition, guard
from ...state.values import Agent
from ...state.views import RecsysView, build_view
from ..modalities import parse_modalities
from ..plan import THREAD_ID_LENGTH, RunPlan, load_config
from ..prompt_overrides import prompt_overrides
from ..runtime import Runtime, thread_config

BY_HAND = "This track was set by hand."
"""The recsys's note on a pick that a branch made for it together with its words."""


@dataclass(frozen=True)
class Change:
    """What a branch does differently; everything left None stays as it was.

    Attributes:
        say: words put in the agent's mouth on the turn of the branch.
        track_id: what the recsys plays on that turn.
        plan: fields of `RunPlan` to replace from there on (models, prompt_overrides, modalities, ...).
        seed: another random stream from there on.
        reason: for the reader.
    """

    say: str | None = None
    track_id: str | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        said = {"say": self.say, "track_id": self.track_id, "seed": self.seed}
        return {**{k: v for k, v in said.items() if v is not None}, "plan": dict(self.plan)}


def change_of(
    plan: RunPlan,
    agent: Agent,
    *,
    say: str | None = None,
    track: str | None = None,
    model: str | None = None,
    base_url: str | None = None,
    prompt: Sequence[str] = (),
    modalities: Sequence[str] = (),
    seed: int | None = None,
    reason: str = "",
) -> Change:
    """A change of a conversation's plan, from what a user names.

    Args:
        plan: of the conversation.
        agent: who does something else.
        model: of this agent; `base_url` is for all.
        prompt: items such as `recsys=FILE`.
        modalities: items such as `text,audio` or `recsys=text`.

    Raises:
        ConfigError: a model, template or modality that cannot be; words with a character that no text holds.
    """
    _require_text(say=say, reason=reason)
    fields: dict[str, Any] = {}
    specs = dict(plan.models)
    if model is not None:
        specs[agent] = _spec(model, specs[agent], {"name": model})
    if base_url is not None:
        specs = {a: _spec(spec.name, spec, {"base_url": base_url}) for a, spec in specs.items()}
    if (model, base_url) != (None, None):
        fields["models"] = {a.value: spec.model_dump(mode="json") for a, spec in specs.items()}
    if prompt:
        fields["prompt_overrides"] = {**plan.prompt_overrides, **prompt_overrides(tuple(prompt))}
    if modalities:
        fields["modalities"] = _shown(plan, modalities)
    return Change(say=say, track_id=track, plan=fields, seed=seed, reason=reason)


def _require_text(**said: str | None) -> None:
    for name, words in said.items():
        try:
            (words or "").encode()
        except UnicodeEncodeError as error:  # bytes of a command line that are no UTF-8, half a pair
            raise ConfigError(f"--{name} {words!r}: character {error.start + 1} is none of a text") from error


def _shown(plan: RunPlan, modalities: Sequence[str]) -> dict[str, list[str]]:
    """A branch shows nothing that was not prepared for its trunk."""
    have = {m for shown in plan.modalities.values() for m in shown}
    there = {"track_name": 1, "audio": int("audio" in have), "cover": int("image" in have)}
    shown = parse_modalities(modalities, there, otherwise=plan.modalities)
    return {agent.value: list(kinds) for agent, kinds in shown.items()}


def _spec(name: str, like: ModelSpec, changes: Mapping[str, Any]) -> ModelSpec:
    with faults_of((), "model", f"model {name!r}: "):
        return ModelSpec(**{**like.model_dump(), **changes})


class ForkingSaver(Protocol):
    """A saver that can begin a thread at another's checkpoint."""

    async def afork_thread(self, source: str, checkpoint_id: str, target: str) -> None: ...


@dataclass(frozen=True)
class Fork:
    """Where a branch leaves its parent: the checkpoint at which `agent` is about to act on `turn`."""

    parent: Thread
    checkpoint_id: str
    turn: int
    agent: Agent
    step: Step


def find_fork(saver: BaseCheckpointSaver[Any], parent: Thread, turn: int, agent: Agent) -> Fork:
    """The place on the parent's line. Raises `NotFoundError` when that turn was never played."""
    before: Step | None = None
    for step in steps(saver, parent.thread_id):
        acted = step.record
        if before is not None and acted and (acted["turn"], acted["agent"]) == (turn, agent.value):
            return Fork(parent, before.checkpoint_id, turn, agent, step)
        before = step
    raise NotFoundError(
        f"conversation {parent.thread_id} has no turn {turn} of the {agent.value}",
        hint=f"`segue history {parent.thread_id}` lists what it has",
    )


def plan_branch(fork: Fork, change: Change, *, draw: int = 0) -> Thread:
    """The branch as a thread, not yet stored. The same fork, change and draw give the same id.

    Args:
        draw: which of several draws; each has its own random stream, the first keeps the parent's unless a
            seed is given.
    """
    plan, stream = load_config(fork.parent.config)
    changed = RunPlan.model_validate({**plan.model_dump(mode="json"), **change.plan})
    if change.seed is not None or draw:
        stream = f"{stream_seed(stream, 'branch', change.seed or 0, draw):016x}"
    config = changed.config(stream)
    edits = change.to_json()
    decided = [{**edits, "plan": _unaddressed(edits["plan"])}, _unaddressed(config)]
    made = digest_of([fork.parent.thread_id, fork.checkpoint_id, fork.agent.value, *decided])
    return Thread(
        thread_id=made[:THREAD_ID_LENGTH],
        run_id=fork.parent.run_id,
        session_id=fork.parent.session_id,
        config=config,
        parent=fork.parent.thread_id,
        fork={
            "checkpoint": fork.checkpoint_id,
            "turn": fork.turn,
            "agent": fork.agent.value,
            "reason": change.reason,
            "edits": edits,
        },
        category=fork.parent.category,
        specificity=fork.parent.specificity,
        altered=fork.parent.altered or Partition.from_json(changed.partition).altered,
    )


def _unaddressed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the models' addresses, which do not change the data."""
    if "models" not in config:
        return dict(config)
    models = {agent: {**spec, "base_url": None} for agent, spec in config["models"].items()}
    return {**config, "models": models}


async def begin_branch(runtime: Runtime, fork: Fork, change: Change, branch: Thread) -> Thread:
    """Share the prefix, apply the edit, store the branch. Doing it again finds it done.

    The thread's row comes last: a branch that was cut off before it is begun anew.

    Raises:
        InputError: for an edit that is not the agent's to make.
    """
    known = await runtime.threads.look_up(branch.thread_id)
    if known is not None:
        return replace(known, config=branch.config)
    plan, _ = load_config(branch.config)
    update, acting = edit_of(fork, change, plan)
    await runtime.saver.adelete_thread(branch.thread_id)
    saver: ForkingSaver = runtime.saver  # type: ignore[assignment]
    await saver.afork_thread(fork.parent.thread_id, fork.checkpoint_id, branch.thread_id)
    if update:
        config = thread_config(branch.thread_id, plan.turns)
        await runtime.graph(plan).aupdate_state(config, update, as_node=acting.value)
    return await runtime.threads.update(branch)


def edit_of(fork: Fork, change: Change, plan: RunPlan) -> tuple[dict[str, Any], Agent]:
    """What the branch writes into the state before it goes on, and as which agent.

    Words and picks by hand are written as `fork.agent`, behind the same guard as its node; all else is
    written as the agent that acted before, so that `fork.agent` acts next.
    """
    before = fork.step.before
    update: dict[str, Any] = {}
    shown = {agent.value: list(kinds) for agent, kinds in plan.modalities.items()}
    if shown != before["setup"]["modalities"]:
        update["setup"] = {**before["setup"], "modalities": shown}
    if change.track_id is not None:
        _check_track(fork, change.track_id)
    if change.say is not None:
        spoken = _listener_words if fork.agent is Agent.LISTENER else _recsys_words
        return {**update, **guard(fork.agent, spoken(fork, change))}, fork.agent
    if change.track_id is not None:
        update["directions"] = [{"turn": fork.turn, "track_id": change.track_id}]
    return update, _acted_before(fork)


def _acted_before(fork: Fork) -> Agent:
    if fork.agent is Agent.RECSYS:
        return Agent.LISTENER
    return Agent.RECSYS if fork.turn > 1 else Agent.GOAL


def _check_track(fork: Fork, track_id: str) -> None:
    if fork.agent is not Agent.RECSYS:
        raise InputError(
            "the listener picks no tracks", hint="use --agent recsys with --track, or --say for words"
        )
    view = build_view(Agent.RECSYS, fork.step.before)
    problem = check_pick(track_id, cast(RecsysView, view))
    if problem:
        raise InputError(
            f"conversation {fork.parent.thread_id}, turn {fork.turn}: {problem}",
            hint="`segue show THREAD --json` lists the pool and what was played",
        )


def _listener_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words; thought and label stay, as they judge what came before."""
    note = fork.step.written["listener_notes"][0]
    message = {"turn": fork.turn, "author": Agent.LISTENER.value, "text": change.say}
    return {"messages": [message], "listener_notes": [note], BOOKKEEPING: [_by_hand(fork, ["message"])]}


def _recsys_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words and, with `track_id`, another track; that one has no reason of its own."""
    written = fork.step.written
    played = written["messages"][0]["track_id"]
    track_id = change.track_id or played
    same = track_id == played
    thought = written["recsys_notes"][0]["thought"] if same else BY_HAND
    reply = {"turn": fork.turn, "author": Agent.RECSYS.value, "text": change.say, "track_id": track_id}
    edited = ["message"] if same else ["message", "track_id", "thought"]
    return {
        "messages": [reply],
        "recsys_notes": [{"turn": fork.turn, "thought": thought}],
        BOOKKEEPING: [_by_hand(fork, edited)],
    }


def _by_hand(fork: Fork, edited: list[str]) -> dict[str, Any]:
    """The record of a turn that no model made."""
    return {
        "turn": fork.turn,
        "agent": fork.agent.value,
        "outcome": "by hand",
        "attempts": 0,
        "calls": [],
        "problems": [],
        "templates": {},
        "edited": edited,
    }
