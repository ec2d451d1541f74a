"""Checkpoints put by hand and a small graph, for tests of the saver."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, Checkpoint, empty_checkpoint
from langgraph.graph import END, START, StateGraph

Config = RunnableConfig


def config_of(thread: str, checkpoint_id: str | None = None, ns: str = "") -> Config:
    configurable: dict[str, Any] = {"thread_id": thread, "checkpoint_ns": ns}
    if checkpoint_id is not None:
        configurable["checkpoint_id"] = checkpoint_id
    return {"configurable": configurable}


def checkpoint_of(values: dict[str, Any], version: int = 1) -> Checkpoint:
    """A checkpoint whose channels all have the same version."""
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = dict(values)
    checkpoint["channel_versions"] = dict.fromkeys(values, version)
    return checkpoint


def put(
    saver: BaseCheckpointSaver[Any],
    config: Config,
    values: dict[str, Any],
    *,
    version: int = 1,
    step: int = 0,
    **metadata: Any,
) -> Config:
    """Put a checkpoint of these values after the one that `config` names."""
    checkpoint = checkpoint_of(values, version)
    noted: Any = {"source": "loop", "step": step, "parents": {}, **metadata}
    return saver.put(config, checkpoint, noted, dict(checkpoint["channel_versions"]))


def put_chain(saver: BaseCheckpointSaver[Any], thread: str, steps: int) -> list[Config]:
    """A thread whose list `messages` grows by one long item a step, beside a dict that stays."""
    configs: list[Config] = []
    config = config_of(thread)
    for step in range(steps):
        values = {"pool": POOL, "messages": [message(thread, n) for n in range(step + 1)]}
        config = put(saver, config, values, version=step + 1, step=step)
        saver.put_writes(config, [("messages", [message(thread, step + 1)])], f"task-{step}", "path")
        configs.append(config)
    return configs


def message(thread: str, number: int) -> dict[str, Any]:
    return {"turn": number, "author": thread, "text": f"{thread} says in turn {number}: " + "la " * 40}


POOL = {
    f"track-{n}": {"title": f"Song number {n}", "tags": ["slow", "loud"], "year": 1960 + n} for n in range(20)
}


class Talk(TypedDict):
    """State of the small graph."""

    said: Annotated[list[str], operator.add]
    pool: dict[str, Any]
    rounds: int


def talk(saver: BaseCheckpointSaver[Any], rounds: int = 4) -> Any:
    """A graph of two nodes that take turns, `rounds` times."""

    def first(state: Talk) -> dict[str, Any]:
        return {"said": [f"first speaks in round {state['rounds']}, at some length, of this and that"]}

    def second(state: Talk) -> dict[str, Any]:
        said = f"second answers in round {state['rounds']} to {len(state['said'])} sentences before"
        return {"said": [said], "rounds": state["rounds"] + 1}

    builder = StateGraph(Talk)
    builder.add_node("first", first)
    builder.add_node("second", second)
    builder.add_edge(START, "first")
    builder.add_edge("first", "second")
    builder.add_conditional_edges("second", lambda s: END if s["rounds"] >= rounds else "first")
    return builder.compile(checkpointer=saver)


def everything(saver: BaseCheckpointSaver[Any], thread: str) -> list[Any]:
    """All that can be seen of a thread, for comparison."""
    return [list(found) for found in saver.list({"configurable": {"thread_id": thread}})]
