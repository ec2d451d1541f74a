"""The builder: agents and verifier as one state machine, every node behind its input schema and the write guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import pairwise
from typing import Any, Protocol

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Checkpointer

from ..core.errors import PartitionError, Place
from ..state.channels import ConversationState, input_schema, state_schema
from ..state.partition import Partition, guard
from ..state.values import Agent, CodeNode, WholeNode, Writer
from .context import Context
from .nodes import (
    goal_node,
    listener_node,
    profile_node,
    recsys_node,
    retriever_node,
    single_node,
    verifier_node,
)
from .routing import after_listener, after_recsys

Node = Callable[[dict[str, Any], Runtime[Context]], Awaitable[dict[str, Any]]]


class Prepare(Protocol):
    async def __call__(self, state: ConversationState) -> dict[str, Any]: ...


class GuardedNode(Protocol):
    async def __call__(self, state: Any, runtime: Runtime[Context]) -> dict[str, Any]: ...


NODES: Mapping[Writer, Node] = {
    Agent.PROFILE: profile_node,
    Agent.GOAL: goal_node,
    Agent.LISTENER: listener_node,
    Agent.RECSYS: recsys_node,
    CodeNode.RETRIEVER: retriever_node,
    CodeNode.VERIFIER: verifier_node,
}

Compiled = CompiledStateGraph[Any, Context, Any, Any]


def build_graph(
    checkpointer: Checkpointer = None,
    *,
    partition: Partition | None = None,
    nodes: Mapping[Writer, Node] = NODES,
    version: int = 1,
    shortlisted: bool = False,
    acting: bool = False,
    single: bool = False,
    prepare: Prepare | None = None,
    context: Context | None = None,
) -> Compiled:
    """Compile the conversation graph.

    Args:
        checkpointer: any LangGraph checkpointer; None keeps nothing.
        partition: decides each node's input schema; must equal the one in the context.
        nodes: other nodes in place of some, each behind the same guard.
        version: of the state; from 2 on every track is verified.
        shortlisted: before each pick, what may be picked is found in a pool that is too large to be shown.
        acting: the recsys may do something else than play.
        single: one model writes the whole conversation; then nothing of the above but the partition counts.
        prepare: makes the first state from whatever the input holds; by default the input is the first state.
        context: for callers that bring none, such as LangGraph Studio.
    """
    partition = partition or Partition()
    if single:
        return _single_graph(partition, context, prepare).compile(checkpointer=checkpointer)
    graph: StateGraph[Any, Context, Any, Any] = StateGraph(
        state_schema(version), context_schema=None if context else Context
    )
    wanted: Mapping[Writer, bool] = {CodeNode.VERIFIER: version >= 2, CodeNode.RETRIEVER: shortlisted}
    for writer, node in nodes.items():
        if wanted.get(writer, True):
            schema = input_schema(writer, partition)
            graph.add_node(writer.value, guarded(writer, node, context), input_schema=schema)
    for before, after in pairwise((_begin(graph, prepare), Agent.PROFILE, Agent.GOAL, Agent.LISTENER)):
        graph.add_edge(str(before), str(after))
    _add_turn(graph, verified=version >= 2, shortlisted=shortlisted, acting=acting)
    return graph.compile(checkpointer=checkpointer)


def _single_graph(
    partition: Partition, context: Context | None, prepare: Prepare | None
) -> StateGraph[Any, Context, Any, Any]:
    """One node, which writes all there is to write."""
    graph: StateGraph[Any, Context, Any, Any] = StateGraph(
        state_schema(1), context_schema=None if context else Context
    )
    name = WholeNode.SINGLE.value
    schema = input_schema(WholeNode.SINGLE, partition)
    graph.add_node(name, guarded(WholeNode.SINGLE, single_node, context), input_schema=schema)
    graph.add_edge(_begin(graph, prepare), name)
    graph.add_edge(name, END)
    return graph


def _begin(graph: StateGraph[Any, Context, Any, Any], prepare: Prepare | None) -> str:
    """The node before the first agent."""
    if prepare is None:
        return START
    graph.add_node("prepare", prepare)
    graph.add_edge(START, "prepare")
    return "prepare"


def _add_turn(
    graph: StateGraph[Any, Context, Any, Any], *, verified: bool, shortlisted: bool, acting: bool
) -> None:
    """From the listener to the recsys and back, over what is computed before a pick and after it."""
    before_pick, after_pick = Agent.RECSYS.value, Agent.LISTENER.value
    if shortlisted:
        before_pick = CodeNode.RETRIEVER.value
        graph.add_edge(before_pick, Agent.RECSYS.value)
    if verified:
        graph.add_edge(CodeNode.VERIFIER.value, after_pick)
        after_pick = CodeNode.VERIFIER.value
    graph.add_conditional_edges(Agent.LISTENER.value, after_listener, {"recsys": before_pick, END: END})
    if acting:
        graph.add_conditional_edges(Agent.RECSYS.value, after_recsys, ["verifier", "listener", END])
    else:
        graph.add_edge(Agent.RECSYS.value, after_pick)


def guarded(agent: Writer, node: Node, context: Context | None = None) -> GuardedNode:
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
    return 4 * turns + 8
