"""The ledger: a call is kept once, whole, before its answer is used, and found by its key alone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from segue.agents.rendering import render_request
from segue.checkpoints import Store
from segue.checkpoints.store.ledger import StoredLedger
from segue.checkpoints.store.listing import count_estimated
from segue.checkpoints.store.schema import LEDGER
from segue.checkpoints.store.upkeep.maintenance import check
from segue.checkpoints.store.usage_queries import Chosen
from segue.core.errors import CorruptionError, Place
from segue.models.ledger import Call
from segue.models.reply import Reply, Usage
from segue.models.request import Request
from segue.state.values import Agent
from support.agents.asking import view_of
from support.checkpoints.calls import FLASH, call_row, fill
from support.state.playing import prompts

USAGE = Usage(text=100, image=20, audio=3, cached=40, thinking=5, output=60)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


@pytest.fixture
async def request_() -> Request:
    return render_request(prompts(), await view_of(Agent.RECSYS, after=1), "json")


def call(request: Request, key: str = "k" * 32, **changes: Any) -> Call:
    reply = Reply(text="an answer Ω", finish="stop", finish_reason="STOP", usage=USAGE, latency=0.25)
    made = Call(
        key, Place("t1", 2, "recsys"), 1, "offline", {"temperature": 0.5, "a": 1}, "stream", request, reply
    )
    return replace(made, **changes)


async def test_a_call_is_read_back_whole(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    assert await ledger.find("k" * 32) is None and ledger.read_request("k" * 32) is None
    made = call(request_)
    assert await ledger.record(made) == made.reply
    assert await ledger.find(made.key) == made.reply == ledger.read_reply(made.key)
    kept = ledger.read_request(made.key)
    assert kept is not None and kept["templates"] == dict(request_.templates)
    assert kept["messages"] == request_.to_json()["messages"]
    assert {k: v for k, v in kept.items() if k != "templates"} == {
        k: v for k, v in request_.to_json().items() if k != "templates"
    }


async def test_a_row_tells_all_but_the_texts(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    await ledger.record(call(request_))
    [row] = ledger.rows(keys=["k" * 32])
    assert (row.thread_id, row.turn, row.agent, row.attempt) == ("t1", 2, "recsys", 1)
    assert (row.model, row.params, row.stream) == ("offline", {"temperature": 0.5, "a": 1}, "stream")
    assert (row.request_digest, row.finish, row.latency) == (request_.digest, "stop", 0.25)
    assert row.usage == USAGE and row.created


async def test_calls_whose_tokens_nobody_counted_are_noted(store: Store, request_: Request) -> None:
    ledger, told = StoredLedger(store), call(request_)
    guessed = call(request_, key="g" * 32, reply=told.reply.model_copy(update={"estimated": True}))
    for made in (told, guessed, guessed):
        await ledger.record(made)
    keys = [told.key, guessed.key]
    assert ledger.estimated(keys) == {guessed.key} and ledger.estimated([told.key]) == set()
    assert count_estimated(store, Chosen(keys=keys)) == count_estimated(store, Chosen(everything=True)) == 1
    assert count_estimated(store, Chosen(runs=["another"])) == 0


async def test_who_comes_second_is_given_the_first_answer(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    first = call(request_)
    second = replace(first, place=Place("t2", 9, "recsys"), reply=replace_text(first.reply, "another"))
    assert await ledger.record(first) == first.reply
    assert await ledger.record(second) == first.reply
    [row] = ledger.rows(keys=[first.key])
    assert row.thread_id == "t1", "the call stays with the conversation that asked first"
    assert ledger.rows(thread_ids=["t2"]) == []


def replace_text(reply: Reply, text: str) -> Reply:
    return Reply.from_json({**reply.to_json(), "text": text})


async def test_of_many_at_once_one_is_kept_and_all_are_given_it(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    made = call(request_)
    asked = [replace(made, reply=replace_text(made.reply, f"answer {n}")) for n in range(8)]
    given = await asyncio.gather(*(ledger.record(one) for one in asked))
    assert len({reply.text for reply in given}) == 1 and given[0] == await ledger.find(made.key)


async def test_rows_are_found_by_key_or_thread_each_once_in_order(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    for number, thread in enumerate(("t1", "t2", "t1")):
        await ledger.record(
            call(request_, key=str(number) * 32, place=Place(thread, 1, "recsys"), attempt=number)
        )
    assert [row.key[0] for row in ledger.rows(thread_ids=["t1"])] == ["0", "2"]
    assert [row.key[0] for row in ledger.rows(keys=["1" * 32, "2" * 32], thread_ids=["t1"])] == [
        "0",
        "1",
        "2",
    ]
    assert ledger.rows() == []


async def test_what_repeats_from_call_to_call_is_kept_once(store: Store) -> None:
    ledger, sizes = StoredLedger(store), []
    for after in (1, 2, 3):
        request = render_request(prompts(), await view_of(Agent.RECSYS, after=after), "json")
        await ledger.record(call(request, key=str(after) * 32))
        with store.read() as connection:
            sizes.append(connection.exec_driver_sql("SELECT count(*) FROM blob").scalar_one())
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1] == 3, (
        "the head with what is open, an answer, a question"
    )


async def test_a_text_that_is_gone_is_no_answer(store: Store, request_: Request) -> None:
    ledger = StoredLedger(store)
    made = call(request_)
    await ledger.record(made)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    with pytest.raises(CorruptionError, match="lacks"):
        await ledger.find(made.key)
    with pytest.raises(CorruptionError, match="lacks"):
        ledger.read_request(made.key)
    with store.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(LEDGER)) == 1


async def test_a_call_whose_texts_are_gone_is_found_with_the_conversation_that_asked(
    store: Store, request_: Request
) -> None:
    await StoredLedger(store).record(call(request_))
    assert check(store).sound
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    report = check(store)
    assert report.threads == ["t1"]
    assert {problem.what[-len(": is missing") :] for problem in report.problems} == {": is missing"}


def test_calls_of_the_same_moment_are_in_the_order_of_their_attempts(store: Store) -> None:
    draw = random.Random(1)
    rows = [
        {**call_row("a", "recsys", 1, model=FLASH, draw=draw), "attempt": attempt, "created": "2026"}
        for attempt in (2, 0, 1)
    ]
    fill(store, calls=rows)
    assert [row.attempt for row in StoredLedger(store).rows(thread_ids=["a"])] == [0, 1, 2]


def test_a_ledger_says_where_it_keeps(store: Store) -> None:
    assert StoredLedger(store).store is store
