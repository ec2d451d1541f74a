"""Sums over the ledger: the database adds up what the rows say, each row once."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.listing import count_conversations
from segue.checkpoints.store.usage_queries import (
    Chosen,
    plain_calls,
    sample_keys,
    sum_caches,
    sum_calls,
)
from support.checkpoints.calls import FLASH, PRO, call_row, call_rows, fill, thread_row

PARTS = ("text", "image", "audio")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/segue.db") as store:
        yield store


def expected(rows: list[dict[str, Any]], limit: int) -> dict[tuple[Any, ...], dict[str, float]]:
    """(agent, turn, model, passed) -> what the sums should be, in Python."""
    sums: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        size = sum(row[f"{part}_tokens"] for part in PARTS)
        group = sums[row["agent"], row["turn"], row["model"], int(size > limit)]
        group["calls"] += 1
        for kind in (*PARTS, "thinking", "output"):
            group[kind] += row[f"{kind}_tokens"]
        for part in PARTS:
            group[f"cached_{part}"] += row["cached_tokens"] * row[f"{part}_tokens"] / size
    return sums


def test_the_database_sums_as_python_does(store: Store) -> None:
    rows = [*call_rows("abcdef", seed=1), *call_rows("gh", model=PRO, seed=2)]
    fill(store, calls=rows)
    limit = 12_000
    found = sum_calls(store, Chosen(everything=True), [limit])
    wanted = expected(rows, limit)
    assert {(s.agent, s.turn, s.model, s.passed) for s in found} == set(wanted)
    for each in found:
        group = wanted[each.agent, each.turn, each.model, each.passed]
        assert (each.calls, each.latency_s) == (group["calls"], group["calls"] * 0.5)
        assert each.tokens == pytest.approx({name: group[name] for name in each.tokens})


def test_runs_threads_and_keys_add_up_without_counting_a_call_twice(store: Store) -> None:
    rows = list(call_rows("abcd", turns=2))
    threads = [thread_row("a", "run-1"), thread_row("b", "run-1", parent="a", status="failed")]
    fill(store, calls=rows, threads=[*threads, thread_row("c", "run-2"), thread_row("d", "run-2")])

    def calls(**chosen: Any) -> int:
        return sum(each.calls for each in sum_calls(store, Chosen(**chosen)))

    assert (calls(everything=True), calls(), calls(runs=["run-1"]), calls(thread_ids=["c"])) == (28, 0, 14, 7)
    keys = [row["key"] for row in rows if row["thread_id"] in "ac"]
    assert calls(runs=["run-1"], thread_ids=["b"], keys=keys) == 21
    assert calls(everything=True, agents=["recsys"]) == 8
    assert count_conversations(store, Chosen(runs=["run-1"])) == {("done", False): 1, ("failed", True): 1}
    assert len(sample_keys(store, FLASH, "recsys", 5)) == 5


def test_an_explicit_cache_is_known_by_kind_and_a_batch_apart(store: Store) -> None:
    draw = random.Random(3)
    tokens = {"text_tokens": 2000, "image_tokens": 2580, "audio_tokens": 960, "cached_tokens": 5000}
    cached, batched, plain = (call_row("a", "recsys", 1, model=FLASH, draw=draw, **tokens) for _ in range(3))
    note = {"thread_id": "a", "cached_text": 0.0, "cached_image": 0.0, "cached_audio": 0.0}
    held = {**note, "key": cached["key"], "cache": "c", "batch": False, "cached_text": 1400.0}
    notes = [
        {**held, "cached_image": 2580.0, "cached_audio": 960.0},
        {**note, "key": batched["key"], "cache": None, "batch": True},
    ]
    fill(store, calls=[cached, batched, plain], notes=notes)
    one, two = sum_calls(store, Chosen(everything=True))
    assert {one.batch, two.batch} == {False, True}
    direct = one if not one.batch else two
    share = 5000 / 5540
    assert direct.calls == 2
    assert direct.tokens["cached_audio"] == pytest.approx(960 + 960 * share)
    assert direct.tokens["cached_text"] == pytest.approx(5000 - 2580 - 960 + 2000 * share)


def test_caches_are_kept_until_they_end_expire_or_now(store: Store) -> None:
    cache = {"account": "x", "thread_id": "a", "agent": "recsys", "model": "gemini-2.5-flash", "digests": []}
    sizes = {"text_tokens": 1000.0, "image_tokens": 500.0, "audio_tokens": 500.0, "created": 0.0}
    lives = [{"expires": 900.0, "ended": 360.0}, {"expires": 900.0, "ended": None}]
    rows = [{**cache, **sizes, **life, "name": f"c{number}"} for number, life in enumerate(lives)]
    fill(store, caches=rows)
    [kept] = sum_caches(store, Chosen(thread_ids=["a"]), now=720.0)
    assert (kept.caches, kept.tokens["text"]) == (2, 2000)
    assert kept.token_hours == pytest.approx(2000 * (360 + 720) / 3600)
    [later] = sum_caches(store, Chosen(everything=True), now=10_000.0)
    assert later.token_hours == pytest.approx(2000 * (360 + 900) / 3600)


def test_the_whole_tells_neither_agents_nor_turns_apart(store: Store) -> None:
    fill(store, calls=[*call_rows("ab", seed=1), *call_rows("c", model=PRO, seed=2)])
    found = sum_calls(store, Chosen(everything=True), by=("model",))
    assert [(each.agent, each.turn, each.model, each.calls) for each in found] == [
        ("", 0, FLASH, 38),
        ("", 0, PRO, 19),
    ]
    parts = sum_calls(store, Chosen(everything=True))
    for each in found:
        of_model = [part for part in parts if part.model == each.model]
        assert each.latency_s == sum(part.latency_s for part in of_model)
        assert each.tokens == pytest.approx(
            {name: sum(part.tokens[name] for part in of_model) for name in each.tokens}
        )


def test_sampled_keys_are_calls_of_the_models(store: Store) -> None:
    rows = [*call_rows("a", seed=1), *call_rows("b", model=PRO, seed=2)]
    fill(store, calls=rows)
    wanted = sorted(
        (row["key"], row["text_tokens"]) for row in rows if (row["model"], row["agent"]) == (PRO, "recsys")
    )
    assert (
        sample_keys(store, PRO, "recsys", 100) == wanted
        and sample_keys(store, PRO, "recsys", 3) == wanted[:3]
    )


def test_plain_calls_are_those_whose_beginning_was_sent_before_and_that_went_out_whole(store: Store) -> None:
    draw, now = random.Random(1), datetime.now(UTC).isoformat(timespec="milliseconds")
    tokens = {"text_tokens": 2000, "image_tokens": 0, "audio_tokens": 0, "cached_tokens": 1500}
    rows = [call_row("a", "recsys", turn, model=FLASH, draw=draw, **tokens) for turn in (2, 3, 4, 5)]
    rows = [{**row, "created": now, "attempt": 0} for row in rows]
    rows[3]["created"] = "2020-01-01T00:00:00.000+00:00"
    note = {"key": rows[2]["key"], "thread_id": "a", "cache": "c", "batch": False}
    fill(store, calls=rows, notes=[{**note, "cached_text": 1.0, "cached_image": 0.0, "cached_audio": 0.0}])
    assert plain_calls(store, FLASH) == [(2000.0, 1500.0)], (
        "not the first turns, those from caches, and the old"
    )
    assert plain_calls(store, PRO) == []


def test_caches_are_summed_by_agent_and_model_over_the_time_that_each_was_kept(store: Store) -> None:
    cache = {"account": "x", "thread_id": "a", "digests": [], "created": 3600.0, "expires": 9e9}
    sizes = {"text_tokens": 10.0, "image_tokens": 20.0, "audio_tokens": 30.0}
    kinds = [("recsys", "m2"), ("recsys", "m1"), ("goal", "m2"), ("recsys", "m1")]
    rows = [
        {**cache, **sizes, "agent": agent, "model": model, "name": f"c{n}", "ended": 7200.0}
        for n, (agent, model) in enumerate(kinds)
    ]
    fill(store, caches=rows)
    found = sum_caches(store, Chosen(everything=True), [59, 60], now=0.0)
    assert [(each.agent, each.model, each.caches, each.passed) for each in found] == [
        ("goal", "m2", 1, 1),
        ("recsys", "m1", 2, 1),
        ("recsys", "m2", 1, 1),
    ]
    assert [each.token_hours for each in found] == pytest.approx([60.0, 120.0, 60.0])
    assert found[1].tokens == {"text": 20.0, "image": 40.0, "audio": 60.0}
