"""The timeline: a thread's checkpoints in order, each with who acted and what it wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

from ...core.errors import NotFoundError
from ...state.document import turns_done
from ...state.values import CodeNode

Channels = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    """From one checkpoint to the next.

    Attributes:
        checkpoint_id: of the state after the step.
        number: LangGraph's step, -1 for the input.
        turn: turns finished after the step.
        agent: which node acted, or in whose name it was edited; None for the input.
        before, after: channels; `before` is empty for the first.
        record: what the node noted of its calls.
        edited: True when the state was set from outside (a branch's edit).
        created: time of the checkpoint, ISO 8601.
    """

    checkpoint_id: str
    number: int
    turn: int
    agent: str | None
    before: Channels
    after: Channels
    record: Mapping[str, Any] | None
    edited: bool
    created: str

    @property
    def written(self) -> dict[str, Any]:
        """Channel -> what the step wrote: the new items of a list, the value of anything else."""
        return {
            name: _news(self.before.get(name), value)
            for name, value in self.after.items()
            if self.before.get(name) != value
        }


def _news(before: Any, after: Any) -> Any:
    if isinstance(before, list) and isinstance(after, list):
        return after[len(before) :]
    return after


def steps(saver: BaseCheckpointSaver[Any], thread_id: str) -> Iterator[Step]:
    """The thread's steps, oldest first."""
    config = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    before: Channels = {}
    for found in reversed(list(saver.list(config))):  # type: ignore[arg-type]
        step = _step(found, before)
        yield step
        before = step.after


def _step(found: CheckpointTuple, before: Channels) -> Step:
    after = {
        name: value
        for name, value in found.checkpoint["channel_values"].items()
        if not name.startswith(("__", "branch:"))
    }
    new = after.get("records", [])[len(before.get("records", [])) :]
    record = new[-1] if new else None
    return Step(
        checkpoint_id=found.checkpoint["id"],
        number=found.metadata.get("step", 0),
        turn=turns_done(after),
        agent=record["agent"] if record else _code_node(before, after),
        before=before,
        after=after,
        record=record,
        edited=found.metadata.get("source") == "update",
        created=found.checkpoint["ts"],
    )


def _code_node(before: Channels, after: Channels) -> str | None:
    """Which node that asks no model made the step."""
    if before.get("shortlists") != after.get("shortlists"):
        return CodeNode.RETRIEVER.value
    verified = len(after.get("verdicts", ())) > len(before.get("verdicts", ()))
    return CodeNode.VERIFIER.value if verified else None


def find_state(saver: BaseCheckpointSaver[Any], thread_id: str, checkpoint: str) -> dict[str, Any]:
    """The channels at one checkpoint, read by its id without walking the thread.

    Raises:
        NotFoundError: the thread has no such checkpoint.
    """
    found = saver.get_tuple(
        {"configurable": {"thread_id": thread_id, "checkpoint_ns": "", "checkpoint_id": checkpoint}}
    )
    if found is None:
        raise NotFoundError(
            f"conversation {thread_id} has no checkpoint {checkpoint!r}",
            hint=f"`segue history {thread_id}` lists them",
        )
    return dict(found.checkpoint["channel_values"])
