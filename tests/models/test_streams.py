"""Answers in pieces: read as whole ones, and cut off where they go round; over a loopback server."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.text import storable
from segue.models.caller import Caller
from segue.models.faults.transport import Arrival
from segue.models.reply import Reply, Usage
from segue.models.servers.streams import GOES_ROUND, EventStream
from segue.state.values import Agent
from support.gemini.client import PLACE, recsys_request
from support.models.broken_answers import ollama_lines
from support.models.chat_server import event
from support.models.openai_server import Messages, OpenAIServer, Served
from support.models.streaming import (
    COUNT,
    END,
    KINDS,
    LOOP,
    Streaming,
    asking,
    chunk,
    reply_from,
    words,
)


def without_end(kind: str, usage: bool) -> Iterable[bytes]:
    """A loop a word at a time, for 100,000 tokens."""
    words = [f"{word} " for word in LOOP.split()]
    for number in range(100_000):
        word = words[number % len(words)]
        counted = {"prompt_tokens": 900, "completion_tokens": number + 1, "total_tokens": number + 901}
        if kind == "openai":
            yield event({**chunk(word), **({"usage": counted} if usage else {})})
        else:
            yield json.dumps(ollama_lines(word)[0]).encode() + b"\n"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_that_goes_round_is_cut_off_and_its_connection_closed(kind: str) -> None:
    with Streaming(lambda: without_end(kind, False), kind) as server:
        reply = await reply_from(server, kind)
    [stream] = server.streams
    assert (reply.finish, reply.finish_reason) == ("length", GOES_ROUND)
    assert 800 <= len(reply.text) < 1200 and LOOP in reply.text
    assert stream.sent < 20_000, "no more than the sockets' buffers hold went out after it"
    assert reply.estimated and reply.to_json()["estimated"] and reply.usage.output > 100
    assert Reply.from_json(reply.to_json()) == reply
    assert reply.model == ("smollm2" if kind == "openai" else "m")


async def test_what_was_counted_when_it_was_cut_off_is_kept() -> None:
    with Streaming(lambda: without_end("openai", True), "openai") as server:
        reply = await reply_from(server)
    assert not reply.estimated and "estimated" not in reply.to_json()
    assert reply.usage.input == 900 and 100 < reply.usage.output < 400


@pytest.mark.parametrize("format", ["json_schema", "none"])
async def test_an_answer_in_pieces_equals_the_whole_one(format: str) -> None:
    served = Served(takes=frozenset({format}))
    replies = []
    with OpenAIServer(served, words) as server:
        for given in (frozenset[str](), frozenset({"stream"})):
            async with asking(server) as (caller, model, _):
                model.concessions.names = given
                asked = [Agent.RECSYS] if format == "none" else []
                caller = Caller(**{**vars(caller), "forms": {agent: [(0, "yaml")] for agent in asked}})
                replies.append((await caller.call(recsys_request(), place=PLACE, attempt=0)).reply)
    pieces, whole = replies
    assert server.asked[0]["stream_options"] == {"include_usage": True} and len(server.streams) == 1
    assert not server.asked[1].get("stream") and "stream_options" not in server.asked[1]
    assert pieces.finish == "stop" and pieces.usage.output and not pieces.estimated
    assert whole.not_sent == ("stream",)
    assert pieces == whole.model_copy(update={"latency": pieces.latency, "not_sent": ()})


async def test_one_that_meets_the_limit_is_told_from_one_that_was_cut_off() -> None:
    def numbers(messages: Messages, seed: int) -> str:
        return " ".join(map(str, range(10_000)))

    with OpenAIServer(answering=numbers) as server:
        reply = await reply_from(server)
    assert (reply.finish, reply.finish_reason) == ("length", "length")
    assert reply.usage.output == 2048 and not reply.estimated and reply.model == "smollm2"


async def test_a_server_that_counts_no_tokens_of_pieces_is_asked_for_whole_answers() -> None:
    with OpenAIServer(Served(counts=False), words) as server:
        async with asking(server) as (caller, _, said):
            first, second = [
                (await caller.call(recsys_request(), place=PLACE, attempt=n)).reply for n in range(2)
            ]
    assert first.estimated and first.usage.output and not second.estimated
    assert second.not_sent == ("stream",) and len(server.streams) == 1
    [line] = said
    assert "not counted" in line and "whole answers" in line


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "application/json"])
async def test_a_stream_that_is_called_something_else_is_read(kind: str) -> None:
    pieces = [b" ", b"da", event(chunk("Hi"))[2:], END]
    with Streaming(lambda: pieces, "openai", kind) as server:
        reply = await reply_from(server)
    assert reply.text == "Hi" and reply.usage == Usage(text=10, output=5)


async def test_what_no_text_holds_is_replaced_in_pieces_too() -> None:
    pieces = [event(chunk("x \ud83d")), event(chunk("\x00 y")), event(chunk("\ud83d\ude00")), END]
    with Streaming(lambda: pieces, "openai") as server:
        reply = await reply_from(server)
    assert reply.text == "x \ufffd\ufffd y\U0001f600" and reply.replaced == 2
    assert reply.usage == Usage(text=10, output=5)


@given(st.text(max_size=200), st.lists(st.integers(1, 30), min_size=1, max_size=20), st.booleans())
def test_an_answer_is_the_same_wherever_it_is_cut(text: str, cuts: list[int], crlf: bool) -> None:
    text = storable(text)
    said = b": ping\n\n" + b"".join(event(chunk(one)) for one in text) + END
    said = said.replace(b"\n", b"\r\n") if crlf else said
    reader, at = EventStream({}, Arrival()), 0
    for size in cuts:
        assert reader.take(said[at : at + size]) == b""
        at += size
    assert reader.take(said[at:]) == b""
    whole = json.loads(reader.end())
    assert whole["choices"] == [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    ]
    assert whole["usage"] == COUNT and reader.ended
