"""Branches: what may be done differently, what it is called, and that its trunk stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from segue.checkpoints.store.threads import Thread
from segue.core.errors import InputError, NotFoundError
from segue.runs.experiments.branch import begin_branch, plan_branch
from segue.runs.experiments.edits import BY_HAND
from segue.runs.experiments.fork import Change, find_fork
from segue.state.document import conversation
from segue.state.partition import Information, Partition
from segue.state.values import Agent
from support.models.failing import Hitches
from support.runs.staging import Staged


async def shown(made: Staged, thread: Thread) -> dict[str, Any]:
    return conversation(await made.runtime.values(thread.thread_id, made.plan()))


def unplayed(document: dict[str, Any]) -> str:
    used = {turn["recsys"]["track_id"] for turn in document["turns"]}
    return next(i for i in document["pool"] if i not in used)


@pytest.mark.parametrize(("turn", "agent"), [(1, Agent.LISTENER), (2, Agent.RECSYS), (3, Agent.LISTENER)])
async def test_a_fork_is_the_checkpoint_before_the_agent_acts(made: Staged, turn: int, agent: Agent) -> None:
    trunk = await made.trunk(turns=3)
    fork = find_fork(made.runtime.saver, trunk, turn, agent)
    assert fork.step.record is not None and fork.step.record["turn"] == turn
    assert fork.step.agent == agent.value
    [before] = [entry for entry in made.line(trunk) if entry[0] == fork.checkpoint_id]
    assert before[3] == dict(fork.step.before)


async def test_a_turn_that_was_never_played_has_no_fork(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    for turn, agent in ((3, Agent.RECSYS), (9, Agent.LISTENER)):
        with pytest.raises(NotFoundError, match=f"has no turn {turn} of the {agent.value}"):
            find_fork(made.runtime.saver, trunk, turn, agent)


async def test_the_same_change_is_the_same_branch(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    fork = find_fork(made.runtime.saver, trunk, 2, Agent.LISTENER)
    change = Change(say="Louder.")
    one = plan_branch(fork, change)
    assert plan_branch(fork, replace(change, reason="another reason")).thread_id == one.thread_id
    others = [
        plan_branch(fork, Change(say="Softer.")),
        plan_branch(fork, change, draw=1),
        plan_branch(fork, replace(change, seed=1)),
        plan_branch(find_fork(made.runtime.saver, trunk, 1, Agent.LISTENER), change),
        plan_branch(fork, replace(change, plan={"repairs": 0})),
    ]
    assert len({one.thread_id, trunk.thread_id, *(b.thread_id for b in others)}) == 7


async def test_streams_differ_from_draw_to_draw_and_the_first_keeps_the_parent_s(made: Staged) -> None:
    fork = find_fork(made.runtime.saver, await made.trunk(turns=1), 1, Agent.RECSYS)
    streams = [plan_branch(fork, Change(), draw=draw).config["stream"] for draw in range(4)]
    assert streams[0] == fork.parent.config["stream"] and len(set(streams)) == 4
    assert plan_branch(fork, Change(seed=5)).config["stream"] not in streams


@pytest.mark.slow
async def test_the_trunk_is_not_touched(made: Staged) -> None:
    trunk = await made.trunk(turns=3)
    digest, row = made.digest(trunk), made.threads.get(trunk.thread_id)
    document = await shown(made, trunk)
    for agent, change in (
        (Agent.LISTENER, Change(say="Something else.")),
        (Agent.RECSYS, Change(track_id=unplayed(document))),
        (Agent.RECSYS, Change(say="This one.", track_id=unplayed(document))),
        (Agent.RECSYS, Change(seed=3)),
    ):
        branch = await made.branch(trunk, 2, agent, change)
        assert (branch.status, branch.parent, branch.turns) == ("done", trunk.thread_id, 3)
        assert made.digest(trunk) == digest and made.threads.get(trunk.thread_id) == row


async def test_a_branch_of_nothing_changed_is_the_trunk_again_without_a_call(made: Staged) -> None:
    trunk = await made.trunk(turns=3)
    hitches = Hitches(lambda number: AssertionError("nothing new should be asked"))
    made.change(opening=hitches.open)
    branch = await made.branch(trunk, 2, Agent.LISTENER, Change())
    assert branch.thread_id != trunk.thread_id and hitches.asked == []
    assert await shown(made, branch) == await shown(made, trunk)


async def test_words_of_the_recsys_keep_track_and_thought_when_the_track_stays(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    before = (await shown(made, trunk))["turns"][0]["recsys"]
    branch = await made.branch(trunk, 1, Agent.RECSYS, Change(say="This one, then."))
    document = await shown(made, branch)
    assert document["turns"][0]["recsys"] == {**before, "message": "This one, then."}
    [record] = [r for r in document["records"] if r["outcome"] == "by hand"]
    assert (record["edited"], record["calls"], record["agent"]) == (["message"], [], "recsys")


async def test_a_track_set_with_words_has_no_reason_of_the_model_s(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    track = unplayed(await shown(made, trunk))
    branch = await made.branch(trunk, 1, Agent.RECSYS, Change(say="This one.", track_id=track))
    document = await shown(made, branch)
    assert document["turns"][0]["recsys"] == {"track_id": track, "message": "This one.", "thought": BY_HAND}
    assert track not in [turn["recsys"]["track_id"] for turn in document["turns"][1:]]


async def test_a_track_alone_is_played_with_the_model_s_own_words(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    track = unplayed(await shown(made, trunk))
    branch = await made.branch(trunk, 1, Agent.RECSYS, Change(track_id=track))
    reply = (await shown(made, branch))["turns"][0]["recsys"]
    assert reply["track_id"] == track and reply["thought"] != BY_HAND and reply["message"]
    assert branch.fork is not None and branch.fork["edits"]["track_id"] == track


async def test_picks_that_are_not_open_and_a_listener_s_picks_are_refused(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    document = await shown(made, trunk)
    first = document["turns"][0]["recsys"]["track_id"]
    for agent, track, words in (
        (Agent.RECSYS, first, "was already recommended"),
        (Agent.RECSYS, document["profiling_tracks"][0], "is not in the pool"),
        (Agent.LISTENER, unplayed(document), "the listener picks no tracks"),
    ):
        with pytest.raises(InputError, match=words):
            await made.branch(trunk, 2, agent, Change(track_id=track))
    assert made.threads.list(parent=trunk.thread_id) == []


async def test_other_modalities_are_written_into_the_branch_alone(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    narrowed = {agent.value: ["text"] for agent in Agent}
    widened = {**narrowed, "recsys": ["text", "image"]}
    branch = await made.branch(trunk, 2, Agent.RECSYS, Change(plan={"modalities": widened}))
    assert (await shown(made, branch))["modalities"]["recsys"] == ["text", "image"]
    assert (await shown(made, trunk))["modalities"]["recsys"] == ["text"]


async def test_a_branch_under_another_partition_is_marked_and_so_are_its_own(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    grants = Partition(grants=frozenset({(Agent.RECSYS, Information.GOAL)})).to_json()
    branch = await made.branch(trunk, 1, Agent.RECSYS, Change(plan={"partition": grants}))
    assert branch.altered and not trunk.altered
    back = Change(plan={"partition": Partition().to_json()})
    assert (await made.branch(branch, 2, Agent.RECSYS, back)).altered, "its past cannot be unseen"


async def test_a_branch_that_was_cut_off_before_its_row_is_begun_anew(made: Staged) -> None:
    trunk = await made.trunk(turns=2)
    fork = find_fork(made.runtime.saver, trunk, 2, Agent.LISTENER)
    change = Change(say="Louder.")
    planned = plan_branch(fork, change)
    await made.runtime.saver.afork_thread(  # type: ignore[attr-defined]
        trunk.thread_id, fork.checkpoint_id, planned.thread_id
    )
    begun = await begin_branch(made.runtime, fork, change, planned)
    line = made.line(begun)
    assert line[-1][3]["messages"][-1]["text"] == "Louder."
    assert await begin_branch(made.runtime, fork, change, planned) == made.threads.get(planned.thread_id)
    assert made.line(begun) == line
