"""What each view holds, and that it can be built from no more than the channels its agent may read."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pydantic import ValidationError
from segue.core.errors import PartitionError
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from segue.state.views import GoalView, ListenerView, ProfileView, RecsysView, build_view
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state


async def after(turns: int, **changes: Any) -> dict[str, Any]:
    return await play(first_state(turns=turns, **changes), ScriptedCalls(plain_answers))


def open_turn(channels: dict[str, Any], turns: int = 8) -> dict[str, Any]:
    """The same conversation with more turns to come, the listener having asked once more."""
    asked = {"turn": len(channels["recsys_notes"]) + 1, "author": "listener", "text": "one more"}
    setup = {**channels["setup"], "turns": turns}
    return {**channels, "setup": setup, "messages": [*channels["messages"], asked]}


def listener_view(channels: dict[str, Any], partition: Partition | None = None) -> ListenerView:
    return cast(ListenerView, build_view(Agent.LISTENER, channels, partition))


def recsys_view(channels: dict[str, Any], partition: Partition | None = None) -> RecsysView:
    return cast(RecsysView, build_view(Agent.RECSYS, channels, partition))


def test_the_profile_s_view() -> None:
    view = cast(ProfileView, build_view(Agent.PROFILE, first_state()))
    assert view.demographics.country_name == "Brazil"
    assert [c.track_id for c in view.tracks] == [f"profiling-track-{i:02d}" for i in range(5)]


def test_the_goal_s_view() -> None:
    view = cast(GoalView, build_view(Agent.GOAL, first_state()))
    assert [t.template_id for t in view.templates] == ["A-LL", "B-HL", "K-LH"]
    assert len(view.tracks) == 16 and all(c.track_id.startswith("pool") for c in view.tracks)


async def test_the_listener_s_view_of_what_was() -> None:
    view = listener_view(await after(2))
    assert (view.turn, view.turns, view.closing) == (3, 2, True)
    first, second = view.exchanges
    assert (first.turn, first.message, first.reply) == (1, "listener message 1", "recsys message 1")
    assert (first.thought, first.progress) == ("secret listener thought 1", None)
    assert second.progress == "DOES_NOT_MOVE_TOWARD_GOAL"
    assert [e.track.track_id for e in view.exchanges] == ["pool-track-00", "pool-track-01"]
    assert view.goal.listener_goal == "secret goal to find sea songs of one kind"
    assert (view.persona.words, len(view.profiling_tracks)) == (12, 5)


async def test_the_recsys_s_view_of_what_was() -> None:
    view = recsys_view(open_turn(await after(2)))
    assert (view.turn, view.turns, view.message) == (3, 8, "one more")
    assert [e.thought for e in view.exchanges] == ["secret recsys thought 1", "secret recsys thought 2"]
    assert view.used_ids == ("pool-track-00", "pool-track-01")
    assert view.open_ids == tuple(f"pool-track-{i:02d}" for i in range(2, 16))
    assert view.required_id is None


async def test_a_required_track_is_the_only_one_open_and_remembered_later() -> None:
    channels = open_turn(await after(2))
    now = recsys_view({**channels, "directions": [{"turn": 3, "track_id": "pool-track-09"}]})
    assert now.required_id == "pool-track-09" and now.open_ids == ("pool-track-09",)
    later = recsys_view({**channels, "directions": [{"turn": 1, "track_id": "pool-track-00"}]})
    assert later.required_id is None and len(later.open_ids) == 14
    assert [e.required_id for e in later.exchanges] == ["pool-track-00", None]


@pytest.mark.parametrize("agent", list(Agent))
async def test_a_view_is_built_from_the_readable_channels_alone(agent: Agent) -> None:
    channels = open_turn(await after(2))
    partition = Partition()
    own = {name: channels[name] for name in partition.readable_channels(agent) if name in channels}
    noise = {name: value if name in own else object() for name, value in channels.items()}
    assert build_view(agent, own) == build_view(agent, channels) == build_view(agent, noise)


@pytest.mark.parametrize("agent", list(Agent))
async def test_a_view_holds_no_track_that_is_not_the_agent_s(agent: Agent) -> None:
    channels = open_turn(await after(2))
    shown = repr(build_view(agent, channels))
    played = {"pool-track-00", "pool-track-01"}
    allowed = {
        Agent.PROFILE: set(channels["profiling_ids"]),
        Agent.GOAL: set(channels["pool_ids"]),
        Agent.LISTENER: {*channels["profiling_ids"], *played},
        Agent.RECSYS: set(channels["pool_ids"]),
    }[agent]
    assert {i for i in channels["tracks"] if i in shown} == allowed


async def test_modalities_that_an_agent_is_not_shown_are_not_in_its_view() -> None:
    state = first_state()
    shown = {**state["setup"]["modalities"], "recsys": ["text"], "goal": ["text", "image"]}
    channels = {**state, "setup": {**state["setup"], "modalities": shown}}
    goal = cast(GoalView, build_view(Agent.GOAL, channels))
    assert all(c.audio is None and c.image is not None for c in goal.tracks)
    channels["messages"] = [{"turn": 1, "author": "listener", "text": "hello"}]
    channels["profile"] = {"preferred_musical_culture": "a", "top_1_artist": "b", "top_1_genre": "c"}
    recsys = recsys_view(channels)
    assert recsys.modalities == ("text",)
    assert all(c.audio is None and c.image is None for c in recsys.pool)
    profile = cast(ProfileView, build_view(Agent.PROFILE, channels))
    assert all(c.audio is not None and c.image is not None for c in profile.tracks)


async def test_a_grant_is_shown_and_a_denial_hides() -> None:
    channels = open_turn(await after(1))
    goal = (Agent.RECSYS, Information.GOAL)
    [(name, text)] = recsys_view(channels, Partition(grants=frozenset({goal}))).granted
    assert name == "goal" and "secret goal to find sea songs of one kind" in text
    assert recsys_view(channels).granted == ()
    for agent in (Agent.LISTENER, Agent.RECSYS):
        denied = Partition(denials=frozenset({(agent, Information.PROFILE)}))
        view = cast(ListenerView | RecsysView, build_view(agent, channels, denied))
        assert view.profile is None
        assert cast(ListenerView | RecsysView, build_view(agent, channels)).profile is not None


async def test_a_view_cannot_be_changed() -> None:
    view = recsys_view(open_turn(await after(1)))
    with pytest.raises(ValidationError, match="frozen"):
        view.message = "something else"  # type: ignore[misc]


async def test_a_view_survives_plain_json() -> None:
    channels = open_turn(await after(2))
    for agent in Agent:
        view = build_view(agent, channels)
        assert type(view).from_json(view.to_json()) == view


async def test_a_view_needs_no_directions() -> None:
    channels = open_turn(await after(1))
    del channels["directions"]
    assert recsys_view(channels).required_id is None


async def test_a_track_that_was_played_twice_is_no_conversation() -> None:
    """Tracks and replies would be paired wrongly; the views stop in place of that."""
    channels = await after(2)
    for message in channels["messages"]:
        message.update({"track_id": "pool-track-00"} if "track_id" in message else {})
    with pytest.raises(ValueError, match="shorter"):
        build_view(Agent.LISTENER, channels)


def test_a_pick_that_is_nowhere_stops_the_view() -> None:
    said = [
        {"turn": 1, "author": "listener", "text": "hello"},
        {"turn": 1, "author": "recsys", "text": "here", "track_id": "nowhere"},
    ]
    notes = [{"turn": 1, "thought": "a thought"}]
    state = first_state(messages=said, listener_notes=notes, profile={}, goal={})
    with pytest.raises((KeyError, PartitionError), match="nowhere"):
        build_view(Agent.LISTENER, state)
