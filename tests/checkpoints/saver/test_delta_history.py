"""The history of delta channels: writes since the nearest stored value, along the parents; and pruning keeps it."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from segue.checkpoints import SQLAlchemySaver
from support.checkpoints.saving import config_of, put, talk

Config = Any


def extend(state: list[Any], writes: list[Any]) -> list[Any]:
    return [*state, *(item for write in writes for item in write)]


class Logged(TypedDict):
    """A state whose log is kept as its writes."""

    log: Annotated[list[str], DeltaChannel(extend, snapshot_frequency=3)]
    total: Annotated[int, operator.add]


def chain(
    saver: SQLAlchemySaver, steps: int, *, seed_at: int | None = None, thread: str = "a"
) -> list[Config]:
    """Checkpoints without a value for `log`, but for one; a write to it and to `other` after each."""
    configs: list[Config] = []
    config = config_of(thread)
    for step in range(steps):
        values = {"plain": step} | ({"log": [f"seed-{step}"]} if step == seed_at else {})
        config = put(saver, config, values, version=step + 1, step=step)
        saver.put_writes(config, [("log", f"b-{step}"), ("other", step)], f"task-b-{step}", "2")
        saver.put_writes(config, [("log", f"a-{step}")], f"task-c-{step}", "1")
        configs.append(config)
    return configs


def history(saver: SQLAlchemySaver, config: Config, *channels: str) -> dict[str, Any]:
    """What ours gives, which must be what LangGraph's own walk over the tuples gives."""
    ours = saver.get_delta_channel_history(config=config, channels=channels)
    assert ours == BaseCheckpointSaver.get_delta_channel_history(saver, config=config, channels=channels)
    return dict(ours)


def test_writes_come_oldest_first_without_those_after_the_target(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 3)
        found = history(saver, configs[2], "log", "other")
    assert [value for _, _, value in found["log"]["writes"]] == ["a-0", "b-0", "a-1", "b-1"]
    assert [value for _, _, value in found["other"]["writes"]] == [0, 1]
    assert "seed" not in found["log"]


@pytest.mark.slow
@pytest.mark.parametrize("seed_at", [0, 5, 40, 68])
def test_the_walk_ends_at_the_nearest_stored_value_and_has_its_writes(store_url: str, seed_at: int) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 70, seed_at=seed_at)
        found = history(saver, configs[-1], "log")["log"]
    assert found["seed"] == [f"seed-{seed_at}"]
    assert [v for _, _, v in found["writes"]] == [f"{x}-{n}" for n in range(seed_at, 69) for x in "ab"]


def test_channels_end_where_each_has_its_value(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 6, seed_at=4)
        found = history(saver, configs[-1], "log", "plain", "other", "unknown")
    assert found["plain"] == {"writes": [], "seed": 4}
    assert len(found["log"]["writes"]) == 2
    assert len(found["other"]["writes"]) == 5
    assert found["unknown"] == {"writes": []}


def test_nothing_asked_or_nothing_there_is_an_empty_history(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 1)
        assert history(saver, configs[0]) == {}
        assert history(saver, configs[0], "log") == {"log": {"writes": []}}
        assert history(saver, config_of("nobody"), "log") == {"log": {"writes": []}}


def test_only_the_ancestors_of_the_target_count(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 3)
        aside = put(saver, configs[0], {"plain": 100}, version=100, step=100)
        saver.fork_thread("a", configs[1]["configurable"]["checkpoint_id"], "fork")
        forked = put(
            saver, config_of("fork", configs[1]["configurable"]["checkpoint_id"]), {"plain": 7}, version=9
        )
        assert [v for _, _, v in history(saver, aside, "log")["log"]["writes"]] == ["a-0", "b-0"]
        # The writes that were pending where the fork left off stayed behind.
        assert [v for _, _, v in history(saver, forked, "log")["log"]["writes"]] == ["a-0", "b-0"]


async def test_the_async_history_is_the_same(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 5, seed_at=1)
        found = await saver.aget_delta_channel_history(config=configs[-1], channels=["log", "other"])
        assert found == history(saver, configs[-1], "log", "other")


def test_pruning_keeps_what_a_delta_channel_rests_on(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        configs = chain(saver, 20, seed_at=12)
        counters = {"log": (7, 7)}
        last = put(
            saver, configs[-1], {"plain": 1}, version=90, step=20, counters_since_delta_snapshot=counters
        )
        before = history(saver, last, "log")

        saver.prune(["a"])

        assert history(saver, last, "log") == before
        assert [found.metadata["step"] for found in saver.list(config_of("a"))] == list(range(20, 11, -1))


async def test_a_graph_with_a_delta_channel_has_its_state(store_url: str) -> None:
    async with SQLAlchemySaver.from_url(store_url) as saver:
        builder = StateGraph(Logged)
        builder.add_node("note", lambda state: {"log": [f"entry {len(state['log'])}"], "total": 1})
        builder.add_edge(START, "note")
        graph = builder.compile(checkpointer=saver)
        for _ in range(10):
            result = await graph.ainvoke({"log": [], "total": 0}, config_of("a"))
        assert result == {"log": [f"entry {n}" for n in range(10)], "total": 10}
        saver.prune(["a"])
        assert (await graph.aget_state(config_of("a"))).values == result


def test_a_graph_without_delta_channels_keeps_one_checkpoint_when_pruned(store_url: str) -> None:
    with SQLAlchemySaver.from_url(store_url) as saver:
        graph = talk(saver)
        whole = graph.invoke({"said": [], "pool": {}, "rounds": 0}, config_of("a"))
        saver.prune(["a"])
        assert len(list(saver.list(config_of("a")))) == 1
        assert graph.get_state(config_of("a")).values == whole
