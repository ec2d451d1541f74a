"""A recommender behind an address: what is sent, what may come back, and what everything else costs."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest
from segue.agents.chair.caller import RecommenderCalls
from segue.agents.chair.chair import recommender_request
from segue.core.errors import RecommenderError
from support.agents.chairs import PLACE, asking, body, calls_to, seconds_since, told
from support.agents.recommender_server import PAGE, Raw, RecommenderServer, first


async def ask(calls: RecommenderCalls, turn: int = 1) -> Any:
    return await calls.call(recommender_request(told(turn), calls.spec.model), place=PLACE, attempt=0)


async def test_the_view_is_sent_as_it_is_over_connections_that_are_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEGUE_RECSYS_KEY", "key-of-the-server")
    with RecommenderServer() as server:
        async with asking(server.url + "#v2") as calls:
            for turn in (1, 2, 3):
                answered = await ask(calls, turn)
                assert json.loads(answered.reply.text) == list(told(turn).open_ids[:1])
    assert [sent.decode() for sent in server.bodies] == [body(turn) for turn in (1, 2, 3)]
    assert server.connections == 1
    assert {headers["Authorization"] for headers in server.headers} == {"Bearer key-of-the-server"}
    assert {headers["Content-Type"] for headers in server.headers} == {"application/json"}


@pytest.mark.parametrize(
    ("raw", "finish", "words"),
    [
        (Raw(PAGE, Content_Type="text/html"), "stop", ""),
        (Raw(b"{garbage"), "stop", ""),
        (Raw(b'["\xff"]'), "other", "its answer is not UTF-8 at byte 2"),
        (Raw(b"[", length=1 << 30), "length", "its answer is longer than 4 MiB; the rest was not read"),
    ],
)
async def test_what_is_no_answer_is_kept_as_it_came_within_bounds(raw: Raw, finish: str, words: str) -> None:
    with RecommenderServer(lambda view: raw) as server:
        begin = time.perf_counter()
        async with asking(server.url) as calls:
            answered = await ask(calls)
    assert (answered.reply.finish, answered.reply.finish_reason) == (finish, words)
    assert len(answered.reply.text) <= 4096 and seconds_since(begin) < 5


@pytest.mark.parametrize(
    ("raw", "words", "tries"),
    [
        (Raw(b"oops", status=500), "answers with status 500: oops (tried 3 times)", 3),
        (Raw(b"", status=429, Retry_After="0"), "answers with status 429 (tried 3 times)", 3),
        (Raw(b"", status=429, Retry_After="9999"), "answers with status 429 (tried once)", 1),
        (Raw(b"no such field", status=422), "answers with status 422: no such field", 1),
        (Raw(b"", status=401), "answers with status 401", 1),
        (Raw(b"", status=307, Location="http://elsewhere/"), "answers with status 307", 1),
        (Raw(b"", status=204), "answers with status 204", 1),
        (Raw(b"[]", length=30), "bytes of the answer are missing", 3),
        (Raw(b"[]", wait_s=0.5), "no answer within 0.2 s (tried 3 times)", 3),
    ],
)
async def test_what_fails_is_a_typed_error_with_a_hint(raw: Raw, words: str, tries: int) -> None:
    with RecommenderServer(lambda view: raw) as server:
        async with asking(server.url, timeout_s=0.2) as calls:
            with pytest.raises(RecommenderError) as raised:
                await ask(calls)
        assert len(server.asked) == tries
    assert words in raised.value.message and raised.value.hint
    assert "conversation chaired, turn 1, agent recsys" in raised.value.message


async def test_nothing_there_and_no_tls_are_told() -> None:
    with RecommenderServer() as server:
        secure = server.url.replace("http:", "https:")
        with pytest.raises(RecommenderError, match="does not speak TLS"):
            await ask(calls_to(secure))
    with pytest.raises(RecommenderError, match="nothing listens at") as raised:
        await ask(calls_to(server.url))
    assert "start the server" in str(raised.value.hint)


async def test_a_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    with RecommenderServer(lambda view: Raw(b'["x"]', hangs_up=True)) as server:
        async with asking(server.url) as calls:
            for turn in (1, 2, 3):
                assert (await ask(calls, turn)).reply.text == '["x"]'
        assert server.connections == len(server.asked) == 3


async def test_a_trickle_ends_with_the_time() -> None:
    with RecommenderServer(lambda view: Raw(*[b" "] * 200, length=400, pause_s=0.05)) as server:
        begin = time.perf_counter()
        with pytest.raises(RecommenderError, match="no answer within"):
            await ask(calls_to(server.url, timeout_s=0.3))
        assert seconds_since(begin) < 5


async def test_many_are_in_flight_at_once() -> None:
    """Each is answered once all have come."""
    together = threading.Barrier(64, timeout=60)

    def answer(view: dict[str, Any]) -> list[str]:
        together.wait()
        return first(view)

    with RecommenderServer(answer) as server:
        views = [told(turn, attempt=attempt) for turn in range(1, 9) for attempt in range(8)]
        async with asking(server.url, timeout_s=120.0) as calls:
            requests = [recommender_request(view, calls.spec.model) for view in views]
            await asyncio.gather(*(calls.call(each, place=PLACE, attempt=0) for each in requests))
        assert len(server.asked) == 64
