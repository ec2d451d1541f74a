"""The machine itself: its nodes and edges, a context of its own, grants, places in errors, the limit on steps."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langgraph.graph import END, START
from langgraph.runtime import Runtime
from segue.agents.asking import REPAIRS
from segue.core.errors import AnswerError, PartitionError, Place
from segue.graph.builder import NODES, build_graph, guarded, recursion_limit
from segue.graph.context import Context
from segue.models.request import Request
from segue.state.document import turns_done
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play, prompts
from support.state.states import first_state

CYCLE = {
    ("profile", "goal", False),
    ("goal", "listener", False),
    ("listener", "recsys", True),
    ("listener", END, True),
    ("recsys", "listener", False),
}


def context(calls: ScriptedCalls, **changes: Any) -> Context:
    return Context("thread", prompts(), calls, Partition(), **changes)


def edges(**options: Any) -> set[tuple[str, str, bool]]:
    return {(e.source, e.target, e.conditional) for e in build_graph(**options).get_graph().edges}


async def prepare(state: Any) -> dict[str, Any]:
    return first_state(turns=state["setup"]["turns"])


def test_who_follows_whom() -> None:
    assert edges() == {(START, "profile", False), *CYCLE}
    assert edges(prepare=prepare) == {(START, "prepare", False), ("prepare", "profile", False), *CYCLE}


async def test_a_graph_that_prepares_its_state_and_brings_its_context_needs_no_other() -> None:
    calls = ScriptedCalls(plain_answers)
    graph = build_graph(prepare=prepare, context=context(calls))
    final = await graph.ainvoke({"setup": {"turns": 1}}, {"recursion_limit": recursion_limit(1)})
    assert turns_done(final) == 1 and len(calls.requests) == 5
    assert {place.thread_id for place, _, _ in calls.requests} == {"thread"}


async def test_a_context_may_come_as_a_mapping() -> None:
    calls = ScriptedCalls(plain_answers)
    final = await build_graph().ainvoke(first_state(turns=1), context=vars(context(calls)))
    assert turns_done(final) == 1 and len(calls.requests) == 5


def test_studio_asks_nobody_for_the_context_of_a_graph_that_brings_one() -> None:
    assert build_graph(context=context(ScriptedCalls(plain_answers))).get_context_jsonschema() is None


async def test_the_prepared_turns_belong_to_no_turn() -> None:
    final = await play(first_state(turns=1), ScriptedCalls(plain_answers))
    assert [(r["agent"], r["turn"]) for r in final["records"]] == [
        ("profile", 0), ("goal", 0), ("listener", 1), ("recsys", 1), ("listener", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("agent", "information", "shown"),
    [
        (Agent.PROFILE, Information.POOL, "pool-track-03"),
        (Agent.GOAL, Information.DEMOGRAPHICS, "Portuguese"),
        (Agent.LISTENER, Information.GOAL_TEMPLATES, "template B-HL wants a certain thing"),
    ],
)
async def test_a_grant_reaches_the_request_of_its_agent_alone(
    agent: Agent, information: Information, shown: str
) -> None:
    plain, granted = ScriptedCalls(plain_answers), ScriptedCalls(plain_answers)
    await play(first_state(turns=1), plain)
    await play(first_state(turns=1), granted, partition=Partition(grants=frozenset({(agent, information)})))
    for one in Agent:
        before, after = (
            json.dumps([request.to_json() for request in calls.of(one)]) for calls in (plain, granted)
        )
        assert (before == after) == (one is not agent)
        assert one is not agent or (shown not in before and shown in after)


async def test_a_denied_profile_is_in_no_request_of_the_listener() -> None:
    calls = ScriptedCalls(plain_answers)
    denied = Partition(denials=frozenset({(Agent.LISTENER, Information.PROFILE)}))
    await play(first_state(turns=1), calls, partition=denied)
    told = {agent: json.dumps([r.to_json() for r in calls.of(agent)]) for agent in Agent}
    assert "Brazilian coast culture" not in told[Agent.LISTENER]
    assert "Brazilian coast culture" in told[Agent.RECSYS]


async def test_a_foreign_write_before_the_first_turn_names_the_conversation() -> None:
    async def thief(state: dict[str, Any], runtime: Runtime[Context]) -> dict[str, Any]:
        return {"goal": {"listener_goal": "something easier"}}

    with pytest.raises(PartitionError) as caught:
        await play(first_state(), ScriptedCalls(plain_answers), nodes={**NODES, Agent.PROFILE: thief})
    assert caught.value.place == Place("thread", 0, "profile")
    assert guarded(Agent.GOAL, thief).__name__ == "goal"


@pytest.mark.parametrize("repairs", [0, 1, None])
async def test_the_context_says_how_often_an_answer_is_sent_back(repairs: int | None) -> None:
    def broken(request: Request, place: Place, attempt: int) -> str:
        return "nonsense"

    calls = ScriptedCalls(broken)
    own = context(calls) if repairs is None else context(calls, repairs=repairs)
    with pytest.raises(AnswerError):
        await build_graph(context=own).ainvoke(first_state())
    assert len(calls.requests) == 1 + (REPAIRS if repairs is None else repairs)


@pytest.mark.parametrize("turns", [1, 8])
async def test_the_limit_lets_a_conversation_end_and_stops_one_that_does_not(turns: int) -> None:
    steps = 0

    async def counted(state: Any) -> dict[str, Any]:
        return first_state(turns=turns)

    graph = build_graph(prepare=counted, context=context(ScriptedCalls(plain_answers)))
    async for _ in graph.astream({}, {"recursion_limit": recursion_limit(turns)}, stream_mode="updates"):
        steps += 1
    assert steps == 2 * turns + 4, "preparation, profile, goal, two a turn, the last word"
    assert steps < recursion_limit(turns) <= steps + 2 * turns + 5, "a turn may have two nodes more"
