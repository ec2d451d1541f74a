"""The partition table, its guard, and what derives from them."""

from __future__ import annotations

from typing import get_type_hints

import pytest
from segue.core.errors import ConfigError, PartitionError
from segue.state.channels import VerifiedState, input_schema
from segue.state.partition import (
    BOOKKEEPING,
    TABLE,
    Information,
    Partition,
    cell,
    guard,
    writable_channels,
)
from segue.state.values import Agent, CodeNode


def test_recsys_reads_neither_goal_nor_thoughts_nor_profiling_tracks() -> None:
    hidden = {Information.GOAL, Information.LISTENER_NOTES, Information.PROFILING_TRACKS, Information.PERSONA}
    assert not any(Partition().may_read(Agent.RECSYS, information) for information in hidden)
    assert not {"goal", "listener_notes", "profiling_ids", "persona", "demographics"} & set(
        Partition().readable_channels(Agent.RECSYS)
    )


def test_every_row_is_the_design() -> None:
    readers = {rule.information: {agent.value for agent in rule.reads} for rule in TABLE}
    assert readers == {
        Information.DEMOGRAPHICS: {"profile"},
        Information.PROFILING_TRACKS: {"profile", "listener"},
        Information.POOL: {"goal", "recsys"},
        Information.GOAL_TEMPLATES: {"goal"},
        Information.PERSONA: {"listener"},
        Information.PROFILE: {"listener", "recsys"},
        Information.GOAL: {"listener"},
        Information.TRANSCRIPT: {"listener", "recsys", "verifier"},
        Information.RECOMMENDED_TRACKS: {"listener", "recsys"},
        Information.LISTENER_NOTES: {"listener"},
        Information.RECSYS_NOTES: {"recsys"},
        Information.DIRECTIONS: {"recsys"},
        Information.SHORTLISTS: {"recsys"},
        Information.TRUTH: {"verifier"},
        Information.VERDICTS: {"verifier"},
    }


def test_no_agent_reads_the_truth_or_the_verdicts() -> None:
    for agent in Agent:
        assert not {"truth", "verdicts"} & set(Partition().readable_channels(agent))
    assert not {"goal", "profile", "listener_notes"} & set(Partition().readable_channels(CodeNode.VERIFIER))


def test_every_channel_has_a_row_or_is_shared() -> None:
    covered = {channel for rule in TABLE for channel in rule.channels} | {"setup", "tracks", BOOKKEEPING}
    assert covered == set(get_type_hints(VerifiedState))


def test_no_agent_reads_the_records() -> None:
    assert all(BOOKKEEPING not in Partition().readable_channels(agent) for agent in Agent)


@pytest.mark.parametrize("agent", list(Agent))
def test_input_schema_holds_just_the_readable_channels(agent: Agent) -> None:
    schema = input_schema(agent, Partition())
    assert set(schema.__annotations__) == set(Partition().readable_channels(agent))
    assert not schema.__required_keys__, "a channel may not be there yet"  # type: ignore[attr-defined]


@pytest.mark.parametrize("agent", list(Agent))
def test_guard_stops_every_foreign_channel(agent: Agent) -> None:
    for channel in set(get_type_hints(VerifiedState)) - writable_channels(agent):
        with pytest.raises(PartitionError, match=channel):
            guard(agent, {channel: []})


def test_what_a_guard_says_names_what_was_written_and_what_may_be() -> None:
    with pytest.raises(PartitionError) as caught:
        guard(Agent.GOAL, {"persona": {}, "messages": [], "goal": {}})
    assert str(caught.value) == (
        "agent 'goal' tried to write 'messages', 'persona'; it may write 'goal', 'records', 'truth'"
    )


def test_guard_stops_a_message_in_anothers_name() -> None:
    with pytest.raises(PartitionError, match="in the name of 'recsys'"):
        guard(Agent.LISTENER, {"messages": [{"turn": 1, "author": "recsys", "text": "mine"}]})
    with pytest.raises(PartitionError, match="records"):
        guard(Agent.LISTENER, {BOOKKEEPING: [{"agent": "goal"}]})


def test_guard_lets_an_agents_own_writes_through() -> None:
    update = {
        "messages": [{"turn": 1, "author": "recsys", "text": "here", "track_id": "t"}],
        "recsys_notes": [{"turn": 1, "thought": "because"}],
        BOOKKEEPING: [{"agent": "recsys"}],
    }
    assert guard(Agent.RECSYS, update) == update


def test_a_grant_widens_one_view_and_marks_it() -> None:
    widened = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    assert widened.altered and not Partition().altered
    assert "goal" in widened.readable_channels(Agent.RECSYS)
    assert "goal" not in widened.readable_channels(Agent.PROFILE)
    assert widened.to_json() == {"grants": [["recsys", "goal"]], "denials": []}
    assert Partition.from_json(widened.to_json()) == widened


def test_a_narrowed_partition_is_stored_and_read_back() -> None:
    narrowed = Partition(denials=frozenset({(Agent.LISTENER, Information.PROFILE)}))
    assert narrowed.altered
    assert narrowed.to_json() == {"grants": [], "denials": [["listener", "profile"]]}
    assert Partition.from_json(narrowed.to_json()) == narrowed
    assert Partition.from_json({}) == Partition()


def test_what_an_agent_needs_cannot_be_hidden() -> None:
    with pytest.raises(ConfigError, match="pool") as caught:
        Partition(denials=frozenset({(Agent.RECSYS, Information.POOL)}))
    assert caught.value.hint == "only 'profile' may be hidden, from 'listener' or 'recsys'"
    narrowed = Partition(denials=frozenset({(Agent.RECSYS, Information.PROFILE)}))
    assert "profile" not in narrowed.readable_channels(Agent.RECSYS)


def test_cells_read_as_the_table() -> None:
    assert cell(Agent.RECSYS, Information.GOAL) == "never"
    assert cell(Agent.LISTENER, Information.TRANSCRIPT) == "reads, writes"
    assert cell(Agent.LISTENER, Information.POOL) == "the ones recommended"
