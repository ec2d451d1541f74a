"""The state machine: who acts when, what is written, what is stopped."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import Runtime
from segue.core.errors import AnswerError, PartitionError, Place
from segue.graph.builder import NODES
from segue.graph.context import Context
from segue.graph.nodes import recsys_node
from segue.models.request import Request
from segue.state.document import conversation, turns_done
from segue.state.values import Agent
from support.agents.scripted import ScriptedCalls, plain_answers
from support.state.playing import play
from support.state.states import first_state


async def test_eight_turns_take_nineteen_calls() -> None:
    calls = ScriptedCalls(plain_answers)
    final = await play(first_state(), calls)
    assert Counter(request.agent.value for _, _, request in calls.requests) == {
        "profile": 1,
        "goal": 1,
        "listener": 9,
        "recsys": 8,
    }
    assert turns_done(final) == 8


async def test_every_track_is_judged_and_none_repeats() -> None:
    document = conversation(await play(first_state(), ScriptedCalls(plain_answers)))
    picks = [turn["recsys"]["track_id"] for turn in document["turns"]]
    assert len(set(picks)) == 8 and set(picks) <= set(document["pool"])
    progress = [turn["listener"]["progress"] for turn in document["turns"]]
    assert progress[0] is None and all(progress[1:])
    assert document["closing"]["progress"] == "MOVES_TOWARD_GOAL"


async def test_the_goal_is_the_customised_one() -> None:
    goal = (await play(first_state(turns=1), ScriptedCalls(plain_answers)))["goal"]
    assert goal["listener_goal"] == "secret goal to find sea songs of one kind"
    assert goal["target_turn_count"] == 5 and goal["category"] == "A" and goal["specificity"] == "LL"
    assert goal["initial_examples"][1] == "secret opening example two"


async def test_records_name_calls_and_templates() -> None:
    final = await play(first_state(turns=2), ScriptedCalls(plain_answers))
    assert [r["agent"] for r in final["records"]] == [
        "profile", "goal", "listener", "recsys", "listener", "recsys", "listener",
    ]  # fmt: skip
    assert all(r["outcome"] == "first answer" and len(r["calls"]) == 1 for r in final["records"])
    assert "recsys/turn.j2" in final["records"][3]["templates"]


async def test_the_recsys_prefix_is_byte_identical_from_turn_to_turn() -> None:
    calls = ScriptedCalls(plain_answers)
    await play(first_state(), calls)
    requests = calls.of("recsys")
    for before, after in pairwise(requests):
        assert after.messages[: len(before.messages)] == before.messages


async def test_a_node_that_writes_a_foreign_channel_is_stopped() -> None:
    async def thief(state: dict[str, Any], runtime: Runtime[Context]) -> dict[str, Any]:
        return {**await recsys_node(state, runtime), "goal": {"listener_goal": "something easier"}}

    saver = InMemorySaver()
    with pytest.raises(PartitionError, match=r"turn 1, agent recsys.*tried to write 'goal'"):
        await play(
            first_state(), ScriptedCalls(plain_answers), nodes={**NODES, Agent.RECSYS: thief}, saver=saver
        )
    kept = saver.get_tuple({"configurable": {"thread_id": "thread"}})
    assert kept is not None
    assert kept.checkpoint["channel_values"]["goal"]["listener_goal"].startswith("secret goal")


async def test_a_node_is_given_no_foreign_channel() -> None:
    seen: list[set[str]] = []

    async def spy(state: dict[str, Any], runtime: Runtime[Context]) -> dict[str, Any]:
        seen.append(set(state))
        return await recsys_node(state, runtime)

    await play(first_state(turns=1), ScriptedCalls(plain_answers), nodes={**NODES, Agent.RECSYS: spy})
    assert seen == [{"setup", "tracks", "pool_ids", "profile", "messages", "recsys_notes", "directions"}]


def unknown_track_first(request: Request, place: Place, attempt: int) -> dict[str, Any]:
    answer = plain_answers(request, place, attempt)
    if request.agent is Agent.RECSYS and attempt == 0:
        return {**answer, "track_id": "no-such-track"}
    return answer


async def test_an_illegal_pick_is_repaired_in_the_same_turn() -> None:
    calls = ScriptedCalls(unknown_track_first)
    final = await play(first_state(turns=2), calls)
    records = [r for r in final["records"] if r["agent"] == "recsys"]
    assert [r["outcome"] for r in records] == ["repaired", "repaired"]
    assert "'no-such-track' is not in the pool" in records[0]["problems"][0]
    repair = calls.of("recsys")[1]
    assert [m.role for m in repair.messages[-2:]] == ["ai", "human"]
    assert "no-such-track" in repair.messages[-1].text
    assert turns_done(final) == 2


async def test_a_repeated_pick_is_refused() -> None:
    def repeats(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        if request.agent is Agent.RECSYS and place.turn == 2 and attempt == 0:
            return {**answer, "track_id": "pool-track-00"}
        return answer

    final = await play(first_state(turns=2), ScriptedCalls(repeats))
    assert "already recommended" in final["records"][5]["problems"][0]


async def test_failure_is_typed_keeps_the_raw_text_and_resumes() -> None:
    def broken(request: Request, place: Place, attempt: int) -> dict[str, Any] | str:
        if request.agent is Agent.LISTENER and place.turn == 2 and attempt < 3:
            return f"nonsense {attempt}"
        return plain_answers(request, place, attempt)

    saver = InMemorySaver()
    with pytest.raises(
        AnswerError, match=r"conversation thread, turn 2, agent listener: 3 answers"
    ) as caught:
        await play(first_state(turns=2), ScriptedCalls(broken), saver=saver)
    assert caught.value.raw == "nonsense 2"
    again = ScriptedCalls(broken)
    final = await play(first_state(turns=2), again, saver=saver, retries=1, first=False)
    assert turns_done(final) == 2
    assert [(p.turn, p.agent) for p, _, _ in again.requests[:4]] == [(2, "listener")] * 4
    repaired = next(r for r in final["records"] if r["outcome"] == "repaired")
    assert repaired["attempts"] == 4
    assert again.requests[3][2].digest == again.requests[0][2].digest, "a new series begins from the request"


async def test_an_opening_may_not_be_an_example() -> None:
    def copies(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        if request.agent is Agent.LISTENER and place.turn == 1 and attempt == 0:
            return {**answer, "message": "Secret opening example one!"}
        return answer

    final = await play(first_state(turns=1), ScriptedCalls(copies))
    assert "word for word" in final["records"][2]["problems"][0]


async def test_a_goal_outside_its_band_is_sent_back() -> None:
    def hasty(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        answer = plain_answers(request, place, attempt)
        if request.agent is Agent.GOAL and attempt == 0:
            return {**answer, "target_turn_count": 8}
        return answer

    final = await play(first_state(turns=1), ScriptedCalls(hasty))
    assert "from 3 to 7" in final["records"][1]["problems"][0]
    assert final["goal"]["target_turn_count"] == 5
