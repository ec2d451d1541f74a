"""The builder: four agents as one state machine, every node behind its input schema and the write guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Checkpointer

from ..core.errors import PartitionError, Place
from ..state.channels import ConversationState, input_schema
from ..state.partition import Partition, guard
from ..state.values import Agent
from .context import Context
from .nodes import goal_node, listener_node, profile_node, recsys_node
from .routing import after_listener

Node = Callable[[dict[str, Any], Runtime[Context]], Awaitable[dict[str, Any]]]


class Prepare(Protocol):
    async def __call__(self, state: ConversationState) -> dict[str, Any]: ...


class GuardedNode(Protocol):
    async def __call__(self, state: Any, runtime: Runtime[Context]) -> dict[str, Any]: ...


NODES: Mapping[Agent, Node] = {
    Agent.PROFILE: profile_node,
    Agent.GOAL: goal_node,
    Agent.LISTENER: listener_node,
    Agent.RECSYS: recsys_node,
}

Compiled = CompiledStateGraph[Any, Context, Any, Any]


def build_graph(
    checkpointer: Checkpointer = None,
    *,
    partition: Partition | None = None,
    nodes: Mapping[Agent, Node] = NODES,
    prepare: Prepare | None = None,
    context: Context | None = None,
) -> Compiled:
    """Compile the conversation graph.

    Args:
        checkpointer: any LangGraph checkpointer; None keeps nothing.
        partition: decides each node's input schema; must equal the one in the context.
        nodes: other nodes in place of some, each behind the same guard.
        prepare: makes the first state from whatever the input holds; by default the input is the first state.
        context: for callers that bring none, such as LangGraph Studio.
    """
    partition = partition or Partition()
    graph = StateGraph(ConversationState, context_schema=None if context else Context)
    for agent, node in nodes.items():
        graph.add_node(
            agent.value, guarded(agent, node, context), input_schema=input_schema(agent, partition)
        )
    if prepare is None:
        graph.add_edge(START, Agent.PROFILE.value)
    else:
        graph.add_node("prepare", prepare)
        graph.add_edge(START, "prepare")
        graph.add_edge("prepare", Agent.PROFILE.value)
    graph.add_edge(Agent.PROFILE.value, Agent.GOAL.value)
    graph.add_edge(Agent.GOAL.value, Agent.LISTENER.value)
    graph.add_conditional_edges(
        Agent.LISTENER.value, after_listener, {"recsys": Agent.RECSYS.value, END: END}
    )
    graph.add_edge(Agent.RECSYS.value, Agent.LISTENER.value)
    return graph.compile(checkpointer=checkpointer)


def guarded(agent: Agent, node: Node, context: Context | None = None) -> GuardedNode:
    """`node` with every write checked against the partition; a foreign one stops the conversation."""

    async def run(state: Any, runtime: Runtime[Context]) -> dict[str, Any]:
        if context is not None:
            runtime = runtime.override(context=context)
        update = await node(state, runtime)
        try:
            return guard(agent, update)
        except PartitionError as error:
            place = Place(runtime.context.thread_id, _turn(update), agent.value)
            raise PartitionError(error.message, place=place) from None

    run.__name__ = agent.value
    return run


def _turn(update: Mapping[str, Any]) -> int:
    return max((int(r["turn"]) for r in update.get("records", ())), default=0)


def recursion_limit(turns: int) -> int:
    """Supersteps that a conversation of `turns` turns needs, with room to spare."""
    return 2 * turns + 10
