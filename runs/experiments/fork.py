"""Where a branch leaves its parent, and what it does differently from there on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from ...checkpoints.store.threads import Thread
from ...checkpoints.store.timeline import Step, steps
from ...core.errors import InputError, NotFoundError
from ...state.values import Agent, CodeNode


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
