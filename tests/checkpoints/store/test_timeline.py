"""The timeline: each checkpoint with who acted on which turn and what it wrote."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from segue.checkpoints import SQLAlchemySaver, Store
from segue.checkpoints.store.timeline import find_state, steps
from segue.core.errors import NotFoundError
from segue.graph.builder import build_graph
from support.agents.scripted import ScriptedCalls, plain_answers
from support.checkpoints.saving import config_of, put
from support.state.playing import play
from support.state.states import first_state


async def played(saver: Any) -> None:
    await play(first_state(turns=2), ScriptedCalls(plain_answers), saver=saver)


async def test_a_conversation_s_steps_tell_who_acted_when(store_url: str) -> None:
    with Store.open(store_url) as store:
        saver = SQLAlchemySaver(store)
        await played(saver)
        found = list(steps(saver, "thread"))
    assert [(s.number, s.agent, s.turn) for s in found] == [
        (-1, None, 0), (0, None, 0), (1, "profile", 0), (2, "goal", 0), (3, "listener", 0),
        (4, "recsys", 1), (5, "listener", 1), (6, "recsys", 2), (7, "listener", 2),
    ]  # fmt: skip
    assert [s.created for s in found] == sorted(s.created for s in found)
    assert len({s.checkpoint_id for s in found}) == len(found)
    assert not any(s.edited for s in found)
    assert all(earlier.after == later.before for earlier, later in pairwise(found))


async def test_a_step_s_writing_is_what_is_new() -> None:
    saver = InMemorySaver()
    await played(saver)
    found = list(steps(saver, "thread"))
    assert dict(found[0].before) == {} and found[0].written == dict(found[0].after)
    recsys = found[5]
    assert set(recsys.written) == {"messages", "recsys_notes", "records"}
    assert recsys.written["messages"] == [
        {"turn": 1, "author": "recsys", "text": "recsys message 1", "track_id": "pool-track-00"}
    ]
    assert recsys.record is not None and recsys.record == recsys.written["records"][0]
    assert found[2].written["profile"]["top_1_artist"] == "profiling artist 1"
    assert found[1].record is None and "setup" in found[1].written
    assert not any(name.startswith(("__", "branch:")) for step in found for name in step.after)


async def test_an_edit_from_outside_is_told_as_one() -> None:
    saver = InMemorySaver()
    await played(saver)
    said = {"turn": 3, "author": "listener", "text": "one more"}
    await build_graph(saver).aupdate_state(config_of("thread"), {"messages": [said]}, as_node="listener")
    last = list(steps(saver, "thread"))[-1]
    assert (last.edited, last.agent, last.record) == (True, None, None)
    assert last.written == {"messages": [said]} and last.turn == 2


async def test_a_thread_s_steps_are_its_own() -> None:
    saver = InMemorySaver()
    await played(saver)
    put(saver, config_of("another"), {"messages": []})
    assert len(list(steps(saver, "thread"))) == 9 and len(list(steps(saver, "another"))) == 1


def test_a_thread_that_is_not_there_has_no_steps() -> None:
    assert list(steps(InMemorySaver(), "nobody")) == []


async def test_a_state_is_found_by_its_checkpoint() -> None:
    saver = InMemorySaver()
    await played(saver)
    step = list(steps(saver, "thread"))[4]
    state = find_state(saver, "thread", step.checkpoint_id)
    assert {name: state[name] for name in step.after} == dict(step.after)
    with pytest.raises(NotFoundError, match="conversation thread has no checkpoint 'gone'") as caught:
        find_state(saver, "thread", "gone")
    assert "segue history thread" in (caught.value.hint or "")
