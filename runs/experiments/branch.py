"""Branches: a new thread from an old checkpoint with one thing done differently; the trunk is not touched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from langgraph.checkpoint.base import BaseCheckpointSaver

from ...agents.recsys import check_pick
from ...checkpoints.store.threads import Thread
from ...checkpoints.store.timeline import Step, steps
from ...core.errors import InputError, NotFoundError
from ...core.hashing import digest_of
from ...core.random import stream_seed
from ...state.actions import action_of, replies_of
from ...state.partition import BOOKKEEPING, Partition, guard
from ...state.values import Action, Agent, CodeNode, Writer
from ...state.views import RecsysView, build_view, shortlist_of
from ..plan import THREAD_ID_LENGTH, RunPlan, load_config
from ..preparation.pools import SearchedPools
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


class ForkingSaver(Protocol):
    """A saver that can begin a thread at another's checkpoint."""

    async def afork_thread(self, source: str, checkpoint_id: str, target: str) -> None: ...


@dataclass(frozen=True)
class Fork:
    """Where a branch leaves its parent: the checkpoint at which `agent` is about to act on `turn`, or at which its
    shortlist is about to be made.

    Attributes:
        step: of the agent, on the parent's line.
    """

    parent: Thread
    checkpoint_id: str
    turn: int
    agent: Agent
    step: Step


def find_fork(saver: BaseCheckpointSaver[Any], parent: Thread, turn: int, agent: Agent) -> Fork:
    """The place on the parent's line.

    Raises:
        NotFoundError: that turn was never played.
        InputError: no agent acted there: one model wrote the conversation.
    """
    if parent.config.get("pipeline", "agents") != "agents":
        raise InputError(
            f"conversation {parent.thread_id} was written by one model in one call: there is no agent to branch at",
            hint="`segue run --pipeline single --seed N` writes another; --pipeline agents plays one that branches",
        )
    before: Step | None = None
    for step in steps(saver, parent.thread_id):
        acted = step.record
        if before is not None and acted and (acted["turn"], acted["agent"]) == (turn, agent.value):
            return Fork(parent, before.checkpoint_id, turn, agent, step)
        if step.agent != CodeNode.RETRIEVER:  # what may be picked is found anew
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
    kept = {
        a: forms for a, forms in plan.answer_forms.items() if changed.models[a].name == plan.models[a].name
    }
    changed = changed.model_copy(update={"answer_forms": kept})
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
    """A configuration without the models' addresses, which do not change the data, and without the forms of answers
    that were found to be taken there."""
    config = {name: value for name, value in config.items() if name != "answer_forms"}
    if "models" not in config:
        return config
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
    update, acting = await asyncio.to_thread(edit_of, fork, change, plan, runtime.pools)
    picked = await asyncio.to_thread(_shortlist_of, fork, change, plan, runtime.pools)
    await runtime.saver.adelete_thread(branch.thread_id)
    saver: ForkingSaver = runtime.saver  # type: ignore[assignment]
    await saver.afork_thread(fork.parent.thread_id, fork.checkpoint_id, branch.thread_id)
    config = thread_config(branch.thread_id, plan.turns)
    if picked:
        await runtime.graph(plan).aupdate_state(config, picked, as_node=CodeNode.RETRIEVER.value)
    if update:
        await runtime.graph(plan).aupdate_state(config, update, as_node=acting.value)
    return await runtime.threads.update(branch)


def edit_of(
    fork: Fork, change: Change, plan: RunPlan, pools: SearchedPools | None = None
) -> tuple[dict[str, Any], Writer]:
    """What the branch writes into the state before it goes on, and as which agent.

    Words and picks by hand are written as `fork.agent`, behind the same guard as its node; all else is
    written as the agent that acted before, so that `fork.agent` acts next.

    Args:
        pools: opens the pool where that is not shown whole; a track of it may be outside of the shortlist.

    Raises:
        InputError: the edit is not the agent's to make, the track cannot be played, or the plan has no words for what
            was done before.
    """
    before = fork.step.before
    update: dict[str, Any] = {}
    _check_actions(fork, plan)
    setup = _setup(before["setup"], plan)
    if setup != before["setup"]:
        update["setup"] = setup
    if change.track_id is not None:
        _check_track(fork, change.track_id, plan, pools)
    if change.say is not None:
        spoken = _listener_words if fork.agent is Agent.LISTENER else _recsys_words
        return {**update, **guard(fork.agent, spoken(fork, change))}, fork.agent
    if change.track_id is not None:
        update["directions"] = [{"turn": fork.turn, "track_id": change.track_id}]
    return update, _acted_before(fork)


def _check_actions(fork: Fork, plan: RunPlan) -> None:
    """Whoever plays alone from now on has no words for turns on which nothing was played."""
    replies = replies_of(fork.step.before)
    done = [turn for turn, action in enumerate(map(action_of, replies), start=1) if action is not Action.PLAY]
    if done and not plan.acts:
        raise InputError(
            f"conversation {fork.parent.thread_id}: on turn {done[0]} nothing was played, and what may only play from "
            f"turn {fork.turn} on has no words for that",
            hint=f"branch on turn {done[0]} or before it, or let the recsys ask or say that nothing fits",
        )


def _setup(before: Mapping[str, Any], plan: RunPlan) -> dict[str, Any]:
    """The rules of the game under the branch's plan."""
    shown = {agent.value: list(kinds) for agent, kinds in plan.modalities.items()}
    kept = {name: value for name, value in before.items() if name != "actions"}
    acts = {"actions": [action.value for action in plan.actions]} if plan.acts else {}
    return {**kept, "modalities": shown, **acts}


def _acted_before(fork: Fork) -> Writer:
    if fork.agent is Agent.RECSYS:
        return Agent.LISTENER
    if fork.turn == 1:
        return Agent.GOAL
    return CodeNode.VERIFIER if fork.step.before["setup"]["version"] >= 2 else Agent.RECSYS


def _check_track(fork: Fork, track_id: str, plan: RunPlan, pools: SearchedPools | None) -> None:
    if fork.agent is not Agent.RECSYS:
        raise InputError(
            "the listener picks no tracks", hint="use --agent recsys with --track, or --say for words"
        )
    view = cast(RecsysView, build_view(Agent.RECSYS, fork.step.before))
    problem = check_pick(track_id, view)
    if problem and view.shortlisted and track_id not in view.used_ids and pools is not None:
        problem = pools.open(fork.parent.thread_id, plan).problem_with(track_id, fork.parent.session_id)
    if problem:
        whole = (
            "any track of the catalogue may be played once, except profiling_tracks: "
            if view.shortlisted
            else ""
        )
        told = "what that is and" if view.shortlisted else "the pool and"
        raise InputError(
            f"conversation {fork.parent.thread_id}, turn {fork.turn}: {problem}",
            hint=f"{whole}`segue show THREAD --json` lists {told} what was played",
        )


def _listener_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words; thought and label stay, as they judge what came before."""
    note = fork.step.written["listener_notes"][0]
    message = {"turn": fork.turn, "author": Agent.LISTENER.value, "text": change.say}
    return {"messages": [message], "listener_notes": [note], BOOKKEEPING: [_by_hand(fork, ["message"])]}


def _shortlist_of(fork: Fork, change: Change, plan: RunPlan, pools: SearchedPools) -> dict[str, Any]:
    """What was found for the turn whose words are set by hand, with the track that is; nothing where the pool is shown
    whole, or the turn is played anew."""
    if change.say is None or fork.agent is not Agent.RECSYS or plan.shortlist_size is None:
        return {}
    before, track_id = fork.step.before, change.track_id
    ids, cards = shortlist_of(before, fork.turn), before["tracks"]
    if track_id is not None and track_id not in ids:
        ids = [*ids[:-1], track_id]
        opened = pools.open(fork.parent.thread_id, plan)
        cards = {**cards, **opened.preparation.cards([track_id], fork.parent.session_id)}
    earlier = [each for each in before["shortlists"] if each["turn"] != fork.turn]
    shortlists = [*earlier, {"turn": fork.turn, "track_ids": ids}]
    return guard(CodeNode.RETRIEVER, {"shortlists": shortlists, "tracks": cards})


def _recsys_words(fork: Fork, change: Change) -> dict[str, Any]:
    """The turn with other words and, with `track_id`, another track; that one has no reason of its own. A question or a
    refusal stays one where no track is given."""
    written = fork.step.written
    before = written["messages"][0]
    done = {name: before[name] for name in ("track_id", "action") if name in before}
    same = change.track_id in (None, before.get("track_id"))
    done = done if same else {"track_id": change.track_id}
    thought = written["recsys_notes"][0]["thought"] if same else BY_HAND
    reply = {"turn": fork.turn, "author": Agent.RECSYS.value, "text": change.say, **done}
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
