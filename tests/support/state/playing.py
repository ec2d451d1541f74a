"""Plays a conversation on the real graph in memory, with whatever calls a test brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from segue.agents.asking import Calls
from segue.graph.builder import NODES, Node, build_graph, recursion_limit
from segue.graph.context import Context
from segue.prompts.library import PromptLibrary
from segue.state.partition import Partition
from segue.state.values import Agent


@cache
def prompts() -> PromptLibrary:
    return PromptLibrary()


async def play(
    state: dict[str, Any],
    calls: Calls,
    *,
    partition: Partition | None = None,
    nodes: Mapping[Agent, Node] = NODES,
    saver: Any = None,
    retries: int = 0,
    first: bool = True,
) -> dict[str, Any]:
    """The final channels."""
    partition = partition or Partition()
    graph = build_graph(saver or InMemorySaver(), partition=partition, nodes=nodes)
    context = Context("thread", prompts(), calls, partition, retries=retries)
    config: Any = {
        "configurable": {"thread_id": "thread"},
        "recursion_limit": recursion_limit(state["setup"]["turns"]),
    }
    return await graph.ainvoke(state if first else None, config, context=context, durability="sync")
