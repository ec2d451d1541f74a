"""The channels of the LangGraph state: plain JSON types only, lists that grow by appending."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict, get_type_hints

from .partition import Partition
from .values import Writer

RULES_WITH_TRUTH = 3
"""The first rules under which a goal has criteria, and every track a verdict."""


def state_version(rules: int) -> int:
    """Version of the state of conversations under these rules; stored in `setup`. Raised when the meaning of a channel
    changes; those of before keep theirs."""
    return 2 if rules >= RULES_WITH_TRUTH else 1


class ConversationState(TypedDict, total=False):
    """One conversation.

    Channels:
        setup: {version, session_id, turns, modalities, actions?}; the rules of the game, the same for all agents.
            `actions` is there where the recsys may do something else than play.
        tracks: track id -> `TrackCard` as JSON, for profiling tracks and pool, or all of the pool that was ever
            shortlisted; reached only through a lens.
        demographics, persona, profile, goal: the value of that name as JSON.
        profiling_ids, pool_ids: track ids; of a pool that is shortlisted, the part that the goal agent is shown.
        goal_templates: three `GoalTemplate`s as JSON.
        messages: {turn, author, text} and, from the recsys, track_id; or, from version 2 on, the action with which it
            played none. What both sides see.
        listener_notes: {turn, thought, progress?}; a note without a message judges the last track. From version 2
            on {stage?, new_goal?, farewell?}, too: where the listener stands once that track was heard.
        recsys_notes: {turn, thought}.
        directions: {turn, track_id}; what a branch makes the recsys play. Empty in every trunk.
        shortlists: {turn, track_ids}; what the recsys may pick from, the best first, where the pool is too large to
            be shown. Written anew each turn, so that conversations without it do not have the channel.
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
    shortlists: list[dict[str, Any]]
    records: Annotated[list[dict[str, Any]], operator.add]


class VerifiedState(ConversationState, total=False):
    """One conversation of version 2 or later.

    Channels:
        truth: `Truth` as JSON, the goal agent's and those of later goals; read by no agent.
        verdicts: `TrackVerdict` as JSON, one a track, so none of a turn without; read by no agent.
    """

    truth: Annotated[list[dict[str, Any]], operator.add]
    verdicts: Annotated[list[dict[str, Any]], operator.add]


def state_schema(version: int) -> type:
    """The channels that a conversation of that version has. LangGraph gives a value to each that is named."""
    return VerifiedState if version >= 2 else ConversationState


def input_schema(agent: Writer, partition: Partition) -> type:
    """A TypedDict of just the channels that `agent` may read, for LangGraph's `input_schema`."""
    hints = get_type_hints(VerifiedState, include_extras=True)
    fields = {name: hints[name] for name in partition.readable_channels(agent)}
    name = f"{agent.value.capitalize()}Input"
    schema: type = TypedDict(name, fields, total=False)  # type: ignore[misc]
    return schema
