"""The saver beyond the official suite: what LangGraph programs do to it, on both databases."""

from __future__ import annotations

import asyncio
import copy
import re
from typing import Any

import pytest
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

NUL = "before\x00after"


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


def test_nul_characters_are_kept_wherever_values_are(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        values = {"short": NUL, "long": NUL * 50, "list": [NUL * 20, NUL], "dict": {NUL: NUL}}
        config = put(saver, config_of("a"), values)
        saver.put_writes(config, [("short", NUL), ("long", NUL * 50)], "task")

        found = saver.get_tuple(config)

        assert found is not None
        assert found.checkpoint["channel_values"] == values
        assert found.pending_writes == [("task", "short", NUL), ("task", "long", NUL * 50)]


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


async def test_values_changed_after_they_were_handed_over_do_not_change_the_store(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        checkpoint = checkpoint_of({"list": [message("a", 0)], "dict": copy.deepcopy(POOL)})
        expected = copy.deepcopy(checkpoint["channel_values"])
        metadata: Any = {"source": "loop", "step": 0, "parents": {"": "p"}}
        pending = asyncio.ensure_future(
            saver.aput(config_of("a"), checkpoint, metadata, {"list": 1, "dict": 1})
        )
        await asyncio.sleep(0)
        checkpoint["channel_values"]["list"].append("later")
        checkpoint["channel_values"]["dict"]["track-0"]["title"] = "later"
        checkpoint["channel_versions"]["list"] = 77
        metadata["parents"][""] = "later"
        config = await pending

        found = await saver.aget_tuple(config)
        assert found is not None
        assert found.checkpoint["channel_values"] == expected
        assert found.checkpoint["channel_versions"] == {"list": 1, "dict": 1}
        assert found.metadata["parents"] == {"": "p"}

        found.checkpoint["channel_values"]["list"].clear()
        found.checkpoint["channel_versions"].clear()
        fresh = await saver.aget_tuple(config)
        assert fresh is not None
        assert fresh.checkpoint["channel_values"] == expected


def test_a_list_that_is_changed_in_place_between_two_checkpoints_is_stored_as_it_is(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        items = [message("a", n) for n in range(4)]
        first = put(saver, config_of("a"), {"list": items})
        items[1]["text"] = "changed in place"
        items.append(message("a", 4))
        second = put(saver, first, {"list": items}, version=2)
        del items[2:]
        third = put(saver, second, {"list": items}, version=3)

        stored = [saver.get_tuple(config) for config in (first, second, third)]
        lists = [found.checkpoint["channel_values"]["list"] for found in stored if found]
        assert lists[0] == [message("a", n) for n in range(4)]
        assert lists[1][1]["text"] == "changed in place"
        assert [len(found) for found in lists] == [4, 5, 2]
        assert lists[2] == lists[1][:2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**63,
        1.5,
        "",
        "x" * 100_000,
        b"",
        b"\x00" * 100,
        [],
        {},
        [None] * 20,
        [[]] * 70_000,
        {str(n): n for n in range(70_000)},
        {1: "integer key", None: "none", False: "bool"},
        {"deep": {"deeper": {"deepest": ["x" * 3000, {"y": "z" * 3000}]}}},
        [{"text": "x" * 3000, "more": ["y" * 3000] * 3}, "short", ["z" * 3000]],
        [list(range(30)), "x" * 49, "x" * 48, "x" * 47],
    ],
    ids=lambda value: f"{type(value).__name__} {re.sub(r'[^A-Za-z0-9.]+', '-', repr(value)[:12])}",
)
def test_values_of_every_shape_come_back_as_they_were(sqlite_url: str, value: Any) -> None:
    with SQLAlchemySaver.from_url(sqlite_url) as saver:
        config = put(saver, config_of("a"), {"value": value})
        saver.put_writes(config, [("value", value)], "task")
        found = saver.get_tuple(config)
    assert found is not None
    stored = found.checkpoint["channel_values"]["value"]
    assert stored == value
    assert type(stored) is type(value)
    assert found.pending_writes == [("task", "value", value)]


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


def test_unchanged_values_come_from_the_parent_and_changed_ones_do_not(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        first = checkpoint_of({"kept": POOL, "changed": [1]})
        config = saver.put(config_of("a"), first, {}, {"kept": 1, "changed": 1})
        second = checkpoint_of({"kept": POOL, "changed": [1, 2]})
        second["channel_versions"]["changed"] = 2
        saver.put(config, second, {}, {"changed": 2})
        # As `update_state` does when it copies a state: full values, nothing announced as new.
        third = checkpoint_of({"kept": {"other": 1}, "changed": [9]}, version=5)
        saver.put(config, third, {}, {})

        newest, middle, _ = list(saver.list(config_of("a")))
        assert middle.checkpoint["channel_values"] == {"kept": POOL, "changed": [1, 2]}
        assert newest.checkpoint["channel_values"] == {"kept": {"other": 1}, "changed": [9]}


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
