"""The saver beyond the official suite: what LangGraph programs do to it, on both databases."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from langgraph.checkpoint.base import ERROR, INTERRUPT, empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt
from segue.checkpoints import SQLAlchemySaver, Store
from support.checkpoints.saving import (
    POOL,
    checkpoint_of,
    config_of,
    everything,
    message,
    put,
    put_chain,
    talk,
)


async def test_the_saver_can_be_used_while_it_lists(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        put_chain(saver, "a", 3)
        seen = 0
        async for found in saver.alist(config_of("a")):
            again = await asyncio.wait_for(saver.aget_tuple(found.config), 10)
            assert again == found
            await asyncio.wait_for(saver.aput_writes(found.config, [("x", seen)], f"inside-{seen}"), 10)
            put(saver, config_of("b"), {"x": seen}, version=seen + 1)
            seen += 1
        assert seen == 3


async def test_a_listing_may_be_left_in_the_middle(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        put_chain(saver, "a", 3)
        listing = saver.alist(config_of("a"))
        assert (await anext(listing)).metadata["step"] == 2
        await asyncio.wait_for(saver.adelete_thread("a"), 10)
        assert await saver.aget_tuple(config_of("a")) is None


def test_every_question_to_a_new_store_has_an_answer(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        saver.delete_thread("nobody")
        saver.delete_for_runs(["none"])
        saver.prune(["nobody"])
        saver.copy_thread("nobody", "anybody")
        assert saver.get_tuple(config_of("nobody")) is None
        assert list(saver.list(None)) == []


def test_writes_may_come_before_their_checkpoint(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        checkpoint = checkpoint_of({"x": 1})
        saver.put_writes(config_of("a", checkpoint["id"]), [("x", 2)], "early")
        assert saver.get_tuple(config_of("a")) is None

        saver.put(config_of("a"), checkpoint, {"source": "input", "step": -1}, {"x": 1})

        found = saver.get_tuple(config_of("a"))
        assert found is not None
        assert found.pending_writes == [("early", "x", 2)]


def test_the_same_id_again_replaces_and_children_keep_their_values(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = put_chain(saver, "a", 5)
        middle = saver.get_tuple(configs[2])
        assert middle is not None
        later = everything(saver, "a")[:2]

        again = copy.deepcopy(middle.checkpoint)
        again["channel_values"]["messages"] = ["replaced"]
        saver.put(configs[1], again, {"source": "update", "step": 99}, dict(again["channel_versions"]))

        replaced = saver.get_tuple(configs[2])
        assert replaced is not None
        assert replaced.checkpoint["channel_values"]["messages"] == ["replaced"]
        assert replaced.metadata["step"] == 99
        assert replaced.parent_config == configs[1]
        assert everything(saver, "a")[:2] == later
        assert len(everything(saver, "a")) == 5


def test_special_writes_are_replaced_and_regular_ones_stay(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        config = put(saver, config_of("a"), {"x": 1})
        saver.put_writes(config, [("x", "first"), (ERROR, "old error")], "task", "p")
        saver.put_writes(config, [("x", "second"), (ERROR, "new error")], "task", "p")
        saver.put_writes(config, [(INTERRUPT, "question")], "task", "p")

        found = saver.get_tuple(config)

        assert found is not None
        assert found.pending_writes == [
            ("task", INTERRUPT, "question"),
            ("task", ERROR, "new error"),
            ("task", "x", "first"),
        ]


def test_pending_writes_are_ordered_as_a_run_applies_them(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        config = put(saver, config_of("a"), {"x": 1})
        saver.put_writes(config, [("x", 3)], "task-1", "path-b")
        saver.put_writes(config, [("x", 1), ("x", 2)], "task-2", "path-a")
        saver.put_writes(config, [("x", 0)], "task-3")
        found = saver.get_tuple(config)
    assert found is not None
    assert [value for _, _, value in found.pending_writes or ()] == [0, 1, 2, 3]


def test_ids_that_are_no_uuids_and_numbers_for_threads_are_kept(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        for name in ("short", "exactly-fifteen", "Ω" * 20, "ffffffff-ffff-ffff-ffff-ffffffffffffX"):
            checkpoint = empty_checkpoint() | {"id": name}
            config = saver.put(config_of("odd"), checkpoint, {}, {})  # type: ignore[arg-type]
            found = saver.get_tuple(config)
            assert found is not None
            assert found.checkpoint["id"] == name
        numbered: Any = {"configurable": {"thread_id": 7}}
        put(saver, numbered, {"x": 1})
        found = saver.get_tuple(config_of("7"))
        assert found is not None
        assert found.checkpoint["channel_values"] == {"x": 1}


async def test_a_graph_runs_as_it_does_in_memory(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        memory = InMemorySaver()
        start = {"said": [], "pool": POOL, "rounds": 0}
        for durability in ("sync", "async", "exit"):
            config = config_of(durability)
            ours = await talk(saver).ainvoke(start, config, durability=durability)
            theirs = await talk(memory).ainvoke(start, config, durability=durability)
            assert ours == theirs
            seen = [s.values async for s in talk(saver).aget_state_history(config)]
            assert seen == [s.values async for s in talk(memory).aget_state_history(config)]
        synchronous = talk(saver).invoke(start, config_of("plain"))
        assert synchronous == ours
        assert next(s.values for s in talk(saver).get_state_history(config_of("plain"))) == ours


async def test_time_travel_leaves_the_line_it_left_alone(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        graph = talk(saver)
        await graph.ainvoke({"said": [], "pool": POOL, "rounds": 0}, config_of("a"))
        before = everything(saver, "a")
        old = [s async for s in graph.aget_state_history(config_of("a"))][4]
        changed = await graph.aupdate_state(old.config, {"said": ["something else"]}, as_node="first")
        await graph.ainvoke(None, changed)

        after = everything(saver, "a")
        assert after[-len(before) :] == before
        assert len(after) > len(before)


async def test_an_interrupted_graph_goes_on_with_its_answer(store_url: str) -> None:
    from langgraph.graph import END, START, StateGraph

    def ask(state: dict[str, Any]) -> dict[str, Any]:
        return {"answer": interrupt("which track?")}

    builder = StateGraph(dict)
    builder.add_node("ask", ask)
    builder.add_edge(START, "ask")
    builder.add_edge("ask", END)
    async with SQLAlchemySaver.from_url(store_url) as saver:
        await builder.compile(checkpointer=saver).ainvoke({"answer": None}, config_of("a"))
    async with SQLAlchemySaver.from_url(store_url) as saver:
        graph = builder.compile(checkpointer=saver)
        assert (await graph.aget_state(config_of("a"))).interrupts[0].value == "which track?"
        assert await graph.ainvoke(Command(resume="this one"), config_of("a")) == {"answer": "this one"}


def test_a_saver_narrowed_to_an_allow_list_works_on_the_same_store(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        saver = SQLAlchemySaver(store)
        config = put(saver, config_of("a"), {"x": [message("a", 0)]})
        narrowed = saver.with_allowlist([("some.module", "Some")])
        assert narrowed is not saver
        put(narrowed, config, {"x": [message("a", 0), message("a", 1)]}, version=2)
        found = saver.get_tuple(config_of("a"))
        assert found is not None
        assert found.checkpoint["channel_values"]["x"] == [message("a", 0), message("a", 1)]


def test_a_thread_goes_on_in_another_process_as_in_the_same(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        last = put_chain(saver, "a", 20)[-1]
    with SQLAlchemySaver.from_url(store_url) as saver:
        values = {"pool": POOL, "messages": [message("a", n) for n in range(21)]}
        put(saver, last, values, version=21, step=20)
        seen = [t.checkpoint["channel_values"]["messages"] for t in saver.list(config_of("a"))]
    assert seen == [[message("a", n) for n in range(count)] for count in range(21, 0, -1)]
