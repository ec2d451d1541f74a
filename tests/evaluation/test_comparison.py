"""Comparisons: where threads part, and what is held against what from there on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints.store.threads import Thread
from segue.core.errors import InputError
from segue.evaluation.comparison import Comparison, compare, find_divergence, lineage
from segue.evaluation.measured_part import WHOLE, Since
from segue.models.costs.prices import load_prices
from segue.runs.experiments.fork import Change
from segue.state.values import Agent
from support.runs.staging import Staged, staged


def thread(name: str, parent: str | None = None, turn: int = 0, agent: str = "recsys") -> Thread:
    fork = {"turn": turn, "agent": agent} if parent else None
    return Thread(name, "run", "session", {}, parent=parent, fork=fork)


FAMILY = {
    t.thread_id: t
    for t in (
        thread("trunk"),
        thread("late", "trunk", 6),
        thread("early", "trunk", 3, "listener"),
        thread("again", "early", 5),
        thread("before", "early", 2),
        thread("other"),
    )
}


@pytest.mark.parametrize(
    ("names", "ancestor", "since"),
    [
        (["trunk", "late"], "trunk", Since(6, Agent.RECSYS)),
        (["late", "trunk"], "trunk", Since(6, Agent.RECSYS)),
        (["late", "early"], "trunk", Since(3, Agent.LISTENER)),
        (["early", "again"], "early", Since(5, Agent.RECSYS)),
        (["trunk", "again"], "trunk", Since(3, Agent.LISTENER)),
        (["trunk", "late", "again"], "trunk", Since(3, Agent.LISTENER)),
        (["again", "before"], "early", Since(2, Agent.RECSYS)),
        (["trunk", "before"], "trunk", Since(2, Agent.RECSYS)),
        (["trunk", "other"], None, WHOLE),
        (["trunk", "late", "other"], None, WHOLE),
    ],
)
def test_where_threads_part(names: list[str], ancestor: str | None, since: Since) -> None:
    divergence = find_divergence([lineage(FAMILY[name], FAMILY.__getitem__) for name in names])
    assert (divergence.ancestor, divergence.since) == (ancestor, since)


def test_a_lineage_begins_with_the_trunk() -> None:
    line = lineage(FAMILY["again"], FAMILY.__getitem__)
    assert [t.thread_id for t in line] == ["trunk", "early", "again"]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Staged]:
    with staged(f"sqlite:///{tmp_path}/t.db", tmp_path) as on_store:
        yield on_store


def state(made: Staged, found: Thread) -> Mapping[str, Any]:
    checkpoint = made.runtime.saver.get_tuple({"configurable": {"thread_id": found.thread_id}})
    assert checkpoint is not None
    return dict(checkpoint.checkpoint["channel_values"])


def compared(made: Staged, *threads: Thread) -> Comparison:
    return compare(threads, made.threads.get, lambda t: state(made, t), made.ledger, load_prices())


async def test_a_branch_with_another_track(made: Staged) -> None:
    trunk = await made.trunk(turns=4)
    channels = state(made, trunk)
    used = {m["track_id"] for m in channels["messages"] if "track_id" in m}
    other = next(i for i in channels["pool_ids"] if i not in used)
    branch = await made.branch(trunk, 3, Agent.RECSYS, Change(track_id=other, reason="try it"))
    found = compared(made, trunk, branch)
    assert (found.divergence.ancestor, found.divergence.since) == (trunk.thread_id, Since(3, Agent.RECSYS))
    rows = found.turns()
    assert [row["turn"] for row in rows] == [3, 4]
    mine, theirs = rows[0]["threads"][trunk.thread_id], rows[0]["threads"][branch.thread_id]
    assert mine["listener"] == theirs["listener"], "the branch begins after these words"
    assert theirs["track_id"] == other != mine["track_id"]
    assert "track_id" in rows[0]["differs"] and "listener" not in rows[0]["differs"]
    assert theirs["progress"] == state(made, branch)["listener_notes"][3]["progress"]
    assert rows[1]["threads"][trunk.thread_id]["progress"] == channels["listener_notes"][4]["progress"]
    assert {line.measures["picks"] for line in found.compared} == {2.0}
    assert found.overlaps[0].turns == 2


async def test_own_cost_is_what_a_thread_asked_first(made: Staged) -> None:
    trunk = await made.trunk(turns=4)
    branch = await made.branch(trunk, 3, Agent.RECSYS, Change(seed=5))
    whole, rest = compared(made, trunk, branch).compared
    assert whole.own.calls == 2 + 2 * 4 + 1
    assert rest.own.calls == 4 == rest.measures["model_calls"] == whole.measures["model_calls"]
    assert 0 < rest.own.tokens < whole.own.tokens and rest.own.tokens == rest.measures["tokens"]
    assert rest.own.cost_usd == 0.0


async def test_the_same_once_more_differs_in_nothing(made: Staged) -> None:
    trunk = await made.trunk(turns=3)
    branch = await made.branch(trunk, 2, Agent.LISTENER, Change(reason="nothing changed"))
    found = compared(made, trunk, branch)
    assert found.differing() == [] and [row["differs"] for row in found.turns()] == [[], []]
    [overlap] = found.overlaps
    assert (overlap.jaccard, overlap.equal_turns, overlap.turns) == (1.0, 2, 2)
    assert found.compared[1].own.calls == 0


async def test_unrelated_threads_are_compared_from_the_beginning(made: Staged) -> None:
    found = compared(made, await made.trunk(0, turns=2), await made.trunk(1, turns=3))
    assert found.divergence.ancestor is None and not found.same_session
    rows = found.turns()
    assert [row["turn"] for row in rows] == [1, 2, 3]
    assert rows[2]["threads"][found.compared[0].thread_id] is None
    assert rows[2]["differs"] == ["listener", "track_id", "progress"]
    document = found.to_json()
    assert (document["related"], document["same_session"], document["ancestor"]) == (False, False, None)
    assert document["overlaps"][0]["turns"] == 2


async def test_three_threads_have_three_overlaps(made: Staged) -> None:
    trunk = await made.trunk(turns=3)
    branches = [await made.branch(trunk, 2, Agent.RECSYS, Change(seed=n)) for n in (1, 2)]
    found = compared(made, trunk, *branches)
    pairs = {(overlap.a, overlap.b) for overlap in found.overlaps}
    ids = [t.thread_id for t in (trunk, *branches)]
    assert pairs == {(ids[0], ids[1]), (ids[0], ids[2]), (ids[1], ids[2])}
    assert all(overlap.jaccard is not None and 0 <= overlap.jaccard <= 1 for overlap in found.overlaps)


async def test_one_thread_is_no_comparison(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    for threads in ([trunk], [trunk, trunk]):
        with pytest.raises(InputError, match="two different threads"):
            compared(made, *threads)
