"""Branches: a new thread from an old checkpoint with one thing done differently; the trunk is not touched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from ...checkpoints.store.threads import Thread
from ...core.hashing import digest_of
from ...core.random import stream_seed
from ...state.partition import Partition
from ...state.values import CodeNode
from ..plan import THREAD_ID_LENGTH, RunPlan, load_config
from ..runtime import Runtime, thread_config
from .edits import edit_of, edited_shortlist
from .fork import Change, Fork


class ForkingSaver(Protocol):
    """A saver that can begin a thread at another's checkpoint."""

    async def afork_thread(self, source: str, checkpoint_id: str, target: str) -> None: ...


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
    picked = await asyncio.to_thread(edited_shortlist, fork, change, plan, runtime.pools)
    await runtime.saver.adelete_thread(branch.thread_id)
    saver: ForkingSaver = runtime.saver  # type: ignore[assignment]
    await saver.afork_thread(fork.parent.thread_id, fork.checkpoint_id, branch.thread_id)
    config = thread_config(branch.thread_id, plan.turns)
    if picked:
        await runtime.graph(plan).aupdate_state(config, picked, as_node=CodeNode.RETRIEVER.value)
    if update:
        await runtime.graph(plan).aupdate_state(config, update, as_node=acting.value)
    return await runtime.threads.update(branch)
