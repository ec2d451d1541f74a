"""What leaves for a model: no private value of another agent, and no byte that depends on one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from segue.core.errors import Place
from segue.models.request import Request
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.canaries import FIELDS, HIDDEN, planted
from support.state.playing import play
from support.state.states import first_state

WORDS = st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=8, max_size=14)


def wire(request: Request) -> str:
    """The request as sent, media digests included."""
    return json.dumps(request.to_json(), ensure_ascii=False)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, min_size=len(FIELDS), max_size=len(FIELDS), unique=True))
async def test_no_canary_reaches_another_agent(words: list[str]) -> None:
    canaries = {name: f"zq{word}zq" for name, word in zip(FIELDS, words, strict=True)}
    state, calls = planted(canaries)
    await play(state, calls)
    for _, _, request in calls.requests:
        sent = wire(request)
        for name in HIDDEN[request.agent]:
            assert canaries[name] not in sent, f"{name} in a request of {request.agent}"
    own = {
        Agent.LISTENER: {"country", "culture", "goal", "listener thought", "profiling"},
        Agent.RECSYS: {"country", "culture", "recsys thought", "pool"},
    }
    for agent, names in own.items():
        last = wire(calls.of(agent)[-1])
        assert all(canaries[name] in last for name in names), "the search would find what is there"


async def test_the_listener_sees_only_the_tracks_that_were_recommended() -> None:
    calls = ScriptedCalls(plain_answers)
    final = await play(first_state(turns=3), calls)
    played = {m["track_id"] for m in final["messages"] if "track_id" in m}
    last = wire(calls.of("listener")[-1])
    for track_id in final["pool_ids"]:
        title = final["tracks"][track_id]["title"]
        digest = final["tracks"][track_id]["audio"]["digest"]
        assert (title in last) == (digest in last) == (track_id in played)
        assert track_id not in last, "ids are shown only where one must be named"


CHANGES: dict[str, tuple[Agent, dict[str, Any]]] = {
    "demographics": (Agent.GOAL, {"demographics": {"age": 71, "country_name": "Japan"}}),
    "persona": (Agent.RECSYS, {"persona": {"words": 40, "register_": "chatty"}}),
    "profiling tracks": (Agent.RECSYS, {"profiling_ids": [f"pool-track-{i:02d}" for i in range(5)]}),
    "profiling tracks for the goal": (Agent.GOAL, {"profiling_ids": ["pool-track-01"]}),
    "templates": (Agent.PROFILE, {"goal_templates": []}),
    "pool": (Agent.PROFILE, {"pool_ids": ["pool-track-01"]}),
}


def first_request(agent: Agent, calls: ScriptedCalls) -> str:
    return calls.of(agent)[0].digest


@pytest.mark.parametrize("hidden", sorted(CHANGES))
async def test_what_an_agent_may_not_see_changes_no_byte(hidden: str) -> None:
    agent, change = CHANGES[hidden]
    plain, changed = ScriptedCalls(plain_answers), ScriptedCalls(plain_answers)
    await play(first_state(turns=1), plain)
    state = first_state(turns=1, **change)
    if agent is Agent.PROFILE:
        with pytest.raises((IndexError, KeyError, ValueError)):
            await play({**state, "goal_templates": []}, changed)
    else:
        await play(state, changed)
    assert first_request(agent, plain) == first_request(agent, changed)


@pytest.mark.parametrize(
    ("agent", "answers"),
    [
        (Agent.RECSYS, {"goal": {"listener_goal": "another wish", "target_turn_count": 3}}),
        (Agent.RECSYS, {"listener": {"thought": "another thought altogether"}}),
        (Agent.LISTENER, {"recsys": {"thought": "another reason altogether"}}),
    ],
)
async def test_what_others_think_changes_no_byte(agent: Agent, answers: dict[str, dict[str, Any]]) -> None:
    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        return {**plain_answers(request, place, attempt), **answers.get(request.agent, {})}

    plain, changed = ScriptedCalls(plain_answers), ScriptedCalls(answer)
    await play(first_state(turns=3), plain)
    await play(first_state(turns=3), changed)
    assert [r.digest for r in plain.of(agent)] == [r.digest for r in changed.of(agent)]


async def test_a_grant_shows_the_goal_to_the_recsys() -> None:
    calls = ScriptedCalls(plain_answers)
    widened = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)}))
    await play(first_state(turns=1), calls, partition=widened)
    assert "secret goal to find sea songs" in wire(calls.of("recsys")[0])
    assert "secret listener thought" not in wire(calls.of("recsys")[0])
