"""Conversations with a recommender in the chair: played, replayed without it, audited; faults cost their own alone."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from segue.agents.chair.spec import RecommenderSpec
from segue.checkpoints.store.reader import StoreReader
from segue.checkpoints.store.threads import Thread
from segue.core.errors import Interrupted, ReplayDifference
from segue.evaluation.partition_proof import PartitionProof
from segue.models.limits import Backoff, Limits
from segue.runs.experiments.fork import Change
from segue.runs.rate_limits import provider_limits
from segue.runs.seating import Recommenders
from segue.runs.settings.config import ExecutionSettings
from segue.state.values import Agent
from support.agents.leaking import play_leaking
from support.agents.recommender_server import Raw, RecommenderServer, faulty
from support.runs.staging import Staged, catalog, session

OURS = "python:support.recommending:"
QUICK = {"turns": 3}


class Closed(Recommenders):
    """Nothing can be opened."""

    def opened(self, spec: Any) -> Any:
        raise AssertionError(f"{spec.name} was opened")


def shut(made: Staged) -> None:
    """From here on neither class nor server is there."""
    made.change(recommenders=Closed())


def audit(made: Staged, thread: Thread) -> Any:
    return PartitionProof(StoreReader.of(made.store))(thread)


async def state_of(made: Staged, thread: Thread) -> Mapping[str, Any]:
    return await made.runtime.values(thread.thread_id, made.plan())


@pytest.mark.slow
@pytest.mark.parametrize("recsys", ["popularity", "random", OURS + "First", OURS + "Last"])
@pytest.mark.parametrize("reply", ["template", "model"])
async def test_a_recommender_plays_and_is_replayed_and_audited_without_it(
    made: Staged, recsys: str, reply: str
) -> None:
    thread = await made.trunk(recsys=recsys, recsys_reply=reply, **QUICK)
    assert thread.status == "done" and thread.turns == 3
    shut(made)
    proof = await made.replayer().verify(thread)
    asks = 2 if reply == "model" and not recsys.endswith("Last") else 1
    assert proof.recorded_calls == 2 + 4 + 3 * asks
    report = audit(made, thread)
    assert report.sound and report.requests["recsys"] == report.rendered["recsys"] == 3 * asks
    assert report.searched["recsys", "goal"]


async def test_a_server_is_sent_the_view_and_no_secret(made: Staged) -> None:
    with RecommenderServer() as server:
        thread = await made.trunk(recsys=server.url, **QUICK)
        await made.runtime.aclose()
        asked = len(server.asked)
        shut(made)
        await made.replayer().verify(thread)
        assert len(server.asked) == asked == 3
    assert audit(made, thread).sound
    state = await state_of(made, thread)
    sent = b"".join(server.bodies).decode()
    known = {state["setup"]["session_id"], *state["profiling_ids"]} - set(state["pool_ids"])
    secrets = [state["goal"]["listener_goal"], *(note["thought"] for note in state["listener_notes"]), *known]
    assert all(json.dumps(secret, ensure_ascii=False)[1:-1] not in sent for secret in secrets)
    for name, value in state["demographics"].items():
        assert state["profile"][name] == value, "through the profile alone"
    kept = made.ledger.rows(thread_ids=[thread.thread_id])
    recommended = [row for row in kept if row.model == f"recsys:{server.url}"]
    assert (
        [made.ledger.read_request(row.key)["messages"][1]["parts"][0]["text"] for row in recommended]
        == [  # type: ignore[index]
            body.decode()[body.decode().index('"actions"') :] for body in server.bodies
        ]
    )


@pytest.mark.parametrize(
    ("passes_on", "information"), [("goal", "goal"), ("listener notes", "listener notes")]
)
async def test_a_leak_into_what_a_recommender_is_sent_is_found(
    made: Staged, passes_on: str, information: str
) -> None:
    thread_id = await play_leaking(made, passes_on, recsys="popularity")
    report = audit(made, made.threads.get(thread_id))
    leaks = [f for f in report.findings if f.kind == "leak"]
    assert {(f.agent, f.information) for f in leaks} == {("recsys", information)}
    assert any("is not the view of the recsys" in f.detail for f in report.findings if f.kind == "mismatch")


async def test_what_changed_in_a_view_is_a_difference_and_no_new_call(made: Staged) -> None:
    thread = await made.trunk(recsys="popularity", **QUICK)
    shut(made)
    with pytest.raises(ReplayDifference, match="the replay asks what was never asked"):
        await made.replayer(recsys="random").verify(thread)


async def played(made: Staged, count: int, **changes: Any) -> list[Thread]:
    made.change(backoff=Backoff(base_s=0.001), limits=Limits(64), timeout_s=5.0)
    conversations = made.conversations(**changes)
    ids = [session(number % len(catalog().session_ids(min_tracks=21))) for number in range(count)]
    return await asyncio.gather(*(conversations.play(each) for each in dict.fromkeys(ids)))


def require_typed(threads: list[Thread]) -> None:
    """Whatever failed, failed over the recommender, said how, and what to do."""
    for thread in threads:
        if thread.status == "failed":
            assert thread.error is not None and thread.error["type"] == "RecommenderError"
            assert thread.error["hint"] and thread.error["agent"] == "recsys"
        else:
            assert thread.status == "done"


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 0.5])
async def test_faults_of_a_class_cost_no_other_conversation(made: Staged, share: float) -> None:
    threads = await played(made, 12, recsys=f"{OURS}Sometimes(share={share})", **QUICK)
    require_typed(threads)
    counts = Counter(thread.status for thread in threads)
    assert counts["done"] >= (11 if share == 0.2 else 1) and len(threads) == 12
    shut(made)
    for thread in threads:
        await made.replayer().verify(thread)
        assert audit(made, thread).sound


@pytest.mark.slow
async def test_faults_of_a_server_cost_no_other_conversation(made: Staged) -> None:
    with RecommenderServer(faulty(every=5)) as server:
        threads = await played(made, 12, recsys=server.url, **QUICK)
        await made.runtime.aclose()
    require_typed(threads)
    assert Counter(thread.status for thread in threads)["done"] >= 10
    shut(made)
    for thread in threads:
        await made.replayer().verify(thread)
        assert audit(made, thread).sound


@pytest.mark.slow
async def test_a_failed_conversation_is_taken_up_where_it_failed(made: Staged) -> None:
    name = f"{OURS}Does(times=4, what='repeat')"
    failed = await made.trunk(recsys=name, **QUICK)
    assert (failed.status, failed.turns) == ("failed", 0)
    assert audit(made, failed).unfinished["recsys"] == 3
    calls = len(made.ledger.rows(thread_ids=[failed.thread_id]))
    again = await made.trunk(recsys=name, **QUICK)
    assert (again.status, again.turns, again.retries) == ("done", 3, 1)
    assert len(made.ledger.rows(thread_ids=[again.thread_id])) > calls
    shut(made)
    await made.replayer().verify(again)
    assert audit(made, again).sound


@pytest.mark.slow
async def test_the_recommender_is_swapped_at_a_turn_on_the_same_trunk(made: Staged) -> None:
    trunk = await made.trunk(turns=4)
    before = made.digest(trunk)
    swapped = await made.branch(
        trunk, 3, Agent.RECSYS, Change(plan={"recsys": "random", "recsys_reply": "template"})
    )
    assert swapped.status == "done" and swapped.recommender == "random" and trunk.recommender is None
    back = await made.branch(swapped, 4, Agent.RECSYS, Change(plan={"recsys": "model"}))
    assert back.recommender is None
    records = (await state_of(made, back))["records"]
    chair = [(r["turn"], "recommender" in r) for r in records if r["agent"] == "recsys"]
    assert chair == [(1, False), (2, False), (3, True), (4, False)]
    assert made.digest(trunk) == before
    shut(made)
    for thread in (swapped, back):
        await made.replayer().verify(thread)
        assert audit(made, thread).sound


@pytest.mark.slow
async def test_a_required_track_is_all_that_is_open(made: Staged) -> None:
    trunk = await made.trunk(turns=2, recsys="popularity")
    state = await state_of(made, trunk)
    played_ids = {m["track_id"] for m in state["messages"] if "track_id" in m}
    wanted = next(i for i in state["pool_ids"] if i not in played_ids)
    branch = await made.branch(trunk, 2, Agent.RECSYS, Change(track_id=wanted))
    messages = (await state_of(made, branch))["messages"]
    assert branch.status == "done" and messages[-1]["track_id"] == wanted


async def test_stopping_ends_a_call_in_flight(made: Staged) -> None:
    made.change(signal=replace(made.runtime.signal, grace_s=0.05))
    loop, signal = asyncio.get_running_loop(), made.runtime.signal

    def answer(view: dict[str, Any]) -> Raw:
        loop.call_soon_threadsafe(signal.stop)
        return Raw(b"[]", wait_s=30.0)

    with RecommenderServer(answer) as server:
        begin = loop.time()
        with pytest.raises(Interrupted, match="not answered within"):
            await made.conversations(recsys=server.url, **QUICK).play(session(0))
        assert loop.time() - begin < 20


def test_limits_are_those_of_classes_together_and_of_each_server() -> None:
    given = ("python=1", "127.0.0.1:8000=2")
    limits = provider_limits(ExecutionSettings(concurrency=8, concurrent_requests=given))
    names = ("random", OURS + "First", "http://127.0.0.1:8000/a", "http://127.0.0.1:9000/a")
    assert [limits.of(RecommenderSpec.of(name).limits_name).concurrency for name in names] == [1, 1, 2, 8]
