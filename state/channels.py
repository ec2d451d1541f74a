"""The channels of the LangGraph state: plain JSON types only, lists that grow by appending."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from .partition import Partition
from .values import Agent

STATE_VERSION = 1
"""Raised when the meaning of a channel changes; stored in `setup`."""


class ConversationState(TypedDict, total=False):
    """One conversation.

    Channels:
        setup: {version, session_id, turns, modalities}; the rules of the game, the same for all agents.
        tracks: track id -> `TrackCard` as JSON, for profiling tracks and pool; reached only through a lens.
        demographics, persona, profile, goal: the value of that name as JSON.
        profiling_ids, pool_ids: track ids.
        goal_templates: three `GoalTemplate`s as JSON.
        messages: {turn, author, text} and, from the recsys, track_id. What both sides see.
        listener_notes: {turn, thought, progress?}; a note at `turns + 1` judges the last track.
        recsys_notes: {turn, thought}.
        directions: {turn, track_id}; what a branch makes the recsys play. Empty in every trunk.
        records: {turn, agent, outcome, attempts, calls, templates}; read by no agent.
    """

    setup: dict[str, Any]
    tracks: dict[str, dict[str, Any]]
    demographics: dict[str, Any]
    persona: dict[str, Any]
    profiling_ids: list[str]
    pool_ids: list[str]
    goal_templates: list[dict[str, Any]]
    profile: dict[str, Any]
    goal: dict[str, Any]
    messages: Annotated[list[dict[str, Any]], operator.add]
    listener_notes: Annotated[list[dict[str, Any]], operator.add]
    recsys_notes: Annotated[list[dict[str, Any]], operator.add]
    directions: Annotated[list[dict[str, Any]], operator.add]
    records: Annotated[list[dict[str, Any]], operator.add]


def input_schema(agent: Agent, partition: Partition) -> type:
    """A TypedDict of just the channels that `agent` may read, for LangGraph's `input_schema`."""
    hints = ConversationState.__annotations__
    fields = {name: hints[name] for name in partition.readable_channels(agent)}
    name = f"{agent.value.capitalize()}Input"
    schema: type = TypedDict(name, fields, total=False)  # type: ignore[misc]
    return schema
