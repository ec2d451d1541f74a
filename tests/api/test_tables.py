"""A store's tables as data frames."""

from __future__ import annotations

import polars as pl
import pytest
from segue import OpenStore, Tables, open_store
from support.kept import Kept

NAMES = ("threads", "turns", "calls", "judgements", "usage", "runs")


def test_a_row_a_conversation(store: OpenStore, kept: Kept) -> None:
    threads = store.tables.threads()
    assert threads["thread_id"].to_list() == [found.thread_id for found in store.threads()]
    branch = threads.row(by_predicate=pl.col("thread_id") == kept.branch, named=True)
    assert (branch["parent"], branch["fork_turn"], branch["fork_agent"]) == (kept.thread, 2, "recsys")
    assert threads["turns"].to_list() == [3, 3, 3] and threads["topic"].null_count() == 0


def test_a_row_a_turn(store: OpenStore, kept: Kept) -> None:
    turns = store.tables.turns()
    assert turns.height == 9 and turns["progress"].null_count() == 0
    assert turns["reached"].null_count() == 0, "played under the third rules"
    assert set(turns.filter(pl.col("met").is_null())["reached"]) <= {False}, "what nobody knows is not met"
    own = turns.filter(pl.col("thread_id") == kept.thread)
    assert own["listener"].to_list() == [turn.listener for turn in store.conversation(kept.thread).turns]


def test_a_row_a_call_that_was_made(store: OpenStore, kept: Kept) -> None:
    calls = store.tables.calls()
    assert calls["key"].is_unique().all() and calls.height == 9 + 9 + 4
    assert calls.filter(pl.col("thread_id") == kept.branch)["turn"].to_list() == [2, 3, 3, 4]
    assert calls["text_tokens"].sum() > 0 and calls["cost_usd"].to_list() == [0.0] * calls.height


def test_usage_sums_the_calls(store: OpenStore) -> None:
    usage, calls = store.tables.usage(), store.tables.calls()
    assert usage["calls"].sum() == calls.height
    assert usage["output_tokens"].sum() == calls["output_tokens"].sum()
    assert store.tables.usage("kept").equals(usage)


def test_a_row_a_run(store: OpenStore, kept: Kept) -> None:
    assert store.tables.runs().select("run", "done", "failed").rows() == [(kept.run, 2, 0)]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_store_has_the_same_columns(name: str, store: OpenStore, missing: str) -> None:
    with open_store(missing, create=True) as empty:
        frame = getattr(empty.tables, name)()
    assert frame.height == 0 and frame.schema == getattr(store.tables, name)().schema


def test_a_run_alone(store: OpenStore, kept: Kept) -> None:
    assert store.tables.turns(run=kept.run).height == store.tables.turns(run="kept").height == 9
    assert isinstance(store.tables, Tables)


@pytest.mark.parametrize("name", NAMES)
def test_each_becomes_a_frame_of_pandas(name: str, store: OpenStore) -> None:
    frame = getattr(store.tables, name)()
    theirs = frame.to_pandas()
    assert list(theirs.columns) == frame.columns and len(theirs) == frame.height
