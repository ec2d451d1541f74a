"""Conversations in which an agent is told what it may not know, by a node that goes behind the partition's back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from langgraph.runtime import Runtime
from segue.checkpoints.store.threads import Thread
from segue.graph.builder import NODES, Node, build_graph
from segue.graph.context import Context
from segue.graph.nodes import goal_node, listener_node, recsys_node
from segue.runs.runtime import thread_config
from segue.state.values import Agent

from ..runs.staging import Staged, session

Update = dict[str, Any]


@dataclass
class Gossip:
    """Nodes that pass on what they hear: the goal, or the listener's last thought, as part of the profile.

    The profile is the recsys's to read, so neither input schema nor write guard can see it happen.
    """

    passes_on: str
    heard: str = field(default="", init=False)

    @property
    def nodes(self) -> Mapping[Agent, Node]:
        return {
            **NODES,
            Agent.GOAL: self.goal,
            Agent.LISTENER: self.listener,
            Agent.RECSYS: self.recsys,
        }

    async def goal(self, state: Update, runtime: Runtime[Context]) -> Update:
        update = await goal_node(state, runtime)
        if self.passes_on == "goal":
            self.heard = update["goal"]["listener_goal"]
        return update

    async def listener(self, state: Update, runtime: Runtime[Context]) -> Update:
        update = await listener_node(state, runtime)
        if self.passes_on == "listener notes":
            self.heard = update["listener_notes"][0]["thought"]
        return update

    async def recsys(self, state: Update, runtime: Runtime[Context]) -> Update:
        profile = {**state["profile"], "preferred_musical_culture": f"anything; {self.heard}"}
        return await recsys_node({**state, "profile": profile}, runtime)


async def play_leaking(made: Staged, passes_on: str, *, turns: int = 2, **changes: Any) -> str:
    """Store a finished conversation in which `passes_on` reached the recsys; its thread id."""
    conversations = made.conversations(turns=turns, **changes)
    plan, session_id = conversations.plan, session(0)
    stream = plan.stream(session_id)
    thread = Thread(plan.thread_id(session_id), plan.run_id, session_id, plan.config(stream))
    context = made.runtime.context(thread.thread_id, plan, made.runtime.calls(plan, stream), stream)
    graph = build_graph(made.runtime.saver, nodes=Gossip(passes_on).nodes)
    first = conversations.preparation.first_state(session_id)
    await made.threads.add_run(plan.run_id, plan.model_dump(mode="json"), "demo")
    await graph.ainvoke(first, thread_config(thread.thread_id, turns), context=context, durability="sync")
    await made.threads.update(thread, status="done", turns=turns)
    return thread.thread_id
