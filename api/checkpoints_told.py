"""How a checkpoint of a conversation is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..checkpoints.store.timeline import Step
from ..state.channels import ConversationState


def history_row(step: Step, estimated: Collection[str]) -> dict[str, Any]:
    """One checkpoint: see `Conversation.history`. `estimated`: keys of calls whose tokens nobody counted."""
    record = step.record or {}
    return {
        "checkpoint_id": step.checkpoint_id,
        "step": step.number,
        "turn": turn_done(step),
        "agent": step.agent,
        "edited": step.edited,
        "outcome": record.get("outcome"),
        "calls": len(record.get("calls", ())),
        "estimated": sum(key in estimated for key in record.get("calls", ())),
        "problems": list(record.get("problems", ())),
        "adjusted": record.get("adjusted"),
        "created": step.created,
        "wrote": {name: value for name, value in step.written.items() if name != "records"},
        **({"recommender": record["recommender"]} if "recommender" in record else {}),
    }


def turn_done(step: Step) -> int:
    """The turn that somebody acted on last; an edit without a record is part of the turn before."""
    records = step.after.get("records", ())
    return int(records[-1]["turn"]) if records else 0


def own_channels(channels: Mapping[str, Any]) -> dict[str, Any]:
    """Our channels; LangGraph keeps its own beside them, such as which node comes next."""
    return {name: channels[name] for name in ConversationState.__annotations__ if name in channels}
