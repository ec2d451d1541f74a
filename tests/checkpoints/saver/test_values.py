"""Values as the saver keeps them: of every shape, whatever happens to them before and after, on both databases."""

from __future__ import annotations

import asyncio
import copy
import re
from typing import Any

import pytest
from segue.checkpoints import SQLAlchemySaver
from support.checkpoints.saving import (
    POOL,
    checkpoint_of,
    config_of,
    message,
    put,
)

NUL = "before\x00after"


def test_nul_characters_are_kept_wherever_values_are(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        values = {"short": NUL, "long": NUL * 50, "list": [NUL * 20, NUL], "dict": {NUL: NUL}}
        config = put(saver, config_of("a"), values)
        saver.put_writes(config, [("short", NUL), ("long", NUL * 50)], "task")

        found = saver.get_tuple(config)

        assert found is not None
        assert found.checkpoint["channel_values"] == values
        assert found.pending_writes == [("task", "short", NUL), ("task", "long", NUL * 50)]


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
