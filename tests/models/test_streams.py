"""Answers in pieces: read as whole ones, and cut off where they go round; over a loopback server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import LostAnswerError, TransientModelError
from segue.core.text import storable
from segue.models.caller import Caller
from segue.models.factory import ChatModel, open_model
from segue.models.faults.transport import Arrival
from segue.models.ledger import MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.reply import Reply, Usage
from segue.models.servers.preflight import look_at
from segue.models.servers.streams import GOES_ROUND, EventStream
from segue.models.spec import ModelSpec
from segue.state.values import Agent
from support.gemini.client import PLACE, recsys_request
from support.models.broken_answers import ollama_lines
from support.models.chat_server import event, refusal
from support.models.loopback import HttpRequest, HttpResponse, Loopback, StreamedResponse
from support.models.openai_server import Messages, OpenAIServer, Served


def words(messages: Messages, seed: int) -> str:
    return '{"thought": "Näh dran, \\"fast\\".", "track_id": "t-one", "message": "Hear this one next."}'


LOOP = "and it is the music of the music, "
KINDS = ["openai", "ollama"]


class Streaming(Loopback):
    """Answers every request with the same pieces; `streams` are the answers given."""

    def __init__(self, pieces: Callable[[], Iterable[bytes]], kind: str, content_type: str = "") -> None:
        super().__init__(self._handle)
        self._pieces, self.kind = pieces, kind
        usual = {"openai": "text/event-stream; charset=utf-8", "ollama": "application/x-ndjson"}
        self._content_type = content_type or usual[kind]
        self.streams: list[StreamedResponse] = []
        self.asked: list[Mapping[str, Any]] = []

    async def _handle(self, request: HttpRequest) -> StreamedResponse:
        self.asked.append(json.loads(request.body))
        self.streams.append(StreamedResponse(self._sent(), self._content_type))
        return self.streams[-1]

    async def _sent(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            await asyncio.sleep(0)
            yield piece


@asynccontextmanager
async def asking(
    server: Loopback, kind: str = "openai"
) -> AsyncIterator[tuple[Caller, ChatModel, list[str]]]:
    """A caller of the server, its model, and what people are told."""
    pytest.importorskip(f"langchain_{kind}")
    said: list[str] = []
    spec = ModelSpec.of(f"{kind}:smollm2", base_url=f"{server.url}/v1" if kind == "openai" else server.url)
    model = open_model(spec, environ={}, timeout_s=20, stream=True)
    model.concessions.say = said.append
    try:
        quick, models = Backoff(tries=2, base_s=0.001), {Agent.RECSYS: model}
        yield Caller(models, MemoryLedger(), None, Limits(4), "s", backoff=quick), model, said
    finally:
        await model.aclose()


async def reply_from(server: Loopback, kind: str = "openai") -> Reply:
    async with asking(server, kind) as (caller, _, _):
        return (await caller.call(recsys_request(), place=PLACE, attempt=0)).reply


def chunk(content: Any, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None, **more}
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "smollm2",
        "choices": [choice],
    }


DONE = b"data: [DONE]\n\n"
COUNT = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
COUNTED = event({**chunk(""), "choices": [], "usage": COUNT})
END = event(chunk("", finish_reason="stop")) + COUNTED + DONE


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


REFUSALS = [
    (400, "stream_options is not supported"),
    (422, "Unrecognized request argument supplied: stream_options"),
    (400, "Streaming is not supported with response_format json_schema"),
    (400, "stream must be false"),
    (400, "This server does not support streaming."),
    (400, "Only stream=false is served here"),
    (400, "Streaming responses are disabled"),
    (400, "cannot stream with a grammar"),
    (405, "Server-sent events are not supported"),
    (406, "text/event-stream is not available here"),
    (422, "body.stream: Input should be False (literal_error)"),
    (422, "body.stream_options: Extra inputs are not permitted (extra_forbidden)"),
    (500, "NotImplementedError: streaming is not implemented"),
    (501, "Streaming not supported"),
    (501, "Not Implemented: streaming"),
    (501, "No streaming is available"),
]


@pytest.mark.parametrize(("status", "told"), REFUSALS)
async def test_a_server_that_refuses_pieces_is_asked_for_whole_answers(status: int, told: str) -> None:
    class Refusing(OpenAIServer):
        async def _handle(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
            refused = json.loads(request.body).get("stream")
            return refusal(status, told) if refused else await super()._handle(request)

    with Refusing(answering=words) as server:
        async with asking(server) as (caller, _, said):
            reply = (await caller.call(recsys_request(), place=PLACE, attempt=0)).reply
    assert reply.finish == "stop" and reply.not_sent == ("stream",)
    assert len(said) == 1 and told in said[0] and len(server.asked) == 1
    assert server.asked[0]["response_format"]["type"] == "json_schema", "the form is none of what was refused"


async def test_a_stream_that_fails_is_no_refusal() -> None:
    class Failing(OpenAIServer):
        async def _handle(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
            self.asked.append(json.loads(request.body))
            return refusal(500, "stream closed: invalid state")

    with Failing() as server:
        async with asking(server) as (caller, _, said):
            with pytest.raises(TransientModelError, match="tried 2 times"):
                await caller.call(recsys_request(), place=PLACE, attempt=0)
    assert not said and all(asked["stream"] for asked in server.asked)


class Half(OpenAIServer):
    """Gives whole answers, and breaks each in pieces off from number `good` on."""

    def __init__(self, good: int) -> None:
        super().__init__(answering=words)
        self.good, self.streamed = good, 0

    async def _handle(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
        asked = json.loads(request.body) if request.body else {}
        self.streamed += bool(asked.get("stream"))
        if not asked.get("stream") or self.streamed <= self.good:
            return await super()._handle(request)
        return HttpResponse(200, BEGUN, "text/event-stream")


async def test_a_server_of_whom_no_stream_can_be_read_is_asked_for_whole_answers() -> None:
    with Half(good=0) as server:
        async with asking(server) as (caller, _, said):
            reply = (await caller.call(recsys_request(), place=PLACE, attempt=0)).reply
    assert reply.finish == "stop" and reply.not_sent == ("stream",) and server.streamed == 1
    [line] = said
    assert "it breaks off" in line and "whole answers from here on" in line


async def test_one_whose_streams_were_read_is_asked_for_more_of_them() -> None:
    with Half(good=1) as server:
        async with asking(server) as (caller, _, said):
            await caller.call(recsys_request(), place=PLACE, attempt=0)
            with pytest.raises(TransientModelError, match="it breaks off"):
                await caller.call(recsys_request(), place=PLACE, attempt=1)
    assert server.streamed == 3 and not said


async def test_preflight_asks_such_a_server_again() -> None:
    with Half(good=0) as server:
        async with asking(server) as (_, model, said):
            finding = await look_at(model, environ={})
    assert (finding.form, finding.unsure) == ("schema", "") and server.streamed == 1 and len(said) == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "application/json"])
async def test_a_stream_that_is_called_something_else_is_read(kind: str) -> None:
    pieces = [b" ", b"da", event(chunk("Hi"))[2:], END]
    with Streaming(lambda: pieces, "openai", kind) as server:
        reply = await reply_from(server)
    assert reply.text == "Hi" and reply.usage == Usage(text=10, output=5)


BEGUN = event(chunk("{"))
BROKEN = {
    "breaks off": ([BEGUN], "it breaks off"),
    "breaks off in a piece": ([BEGUN, BEGUN[:-9]], "no JSON"),
    "nothing": ([b": ping\n\n"], "holds no answer"),
    "an error in it": ([BEGUN, event({"error": {"message": "slot lost"}})], "slot lost"),
    "garbage": ([BEGUN, b"data: \xff\xfe{\n\n", END], "a piece of it is no JSON"),
    "deep": ([b"data: " + b"[" * 100_000 + b"\n\n", END], "a piece of it is no JSON"),
    "a list": ([event([1]), END], "no JSON object"),
    "no choice": ([event({**chunk(""), "choices": ["x"]}), END], "none of a completion"),
    "no text": ([event(chunk(["x"])), END], "no text"),
    "HTML": ([b"<!doctype html>\n<p>login"], "answered HTML, no JSON: <!doctype html>"),
}


@pytest.mark.parametrize(("pieces", "told"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_stream_is_the_server_s_fault_and_tried_again(pieces: list[bytes], told: str) -> None:
    with Streaming(lambda: pieces, "openai") as server:
        async with asking(server) as (caller, _, _):
            with pytest.raises(TransientModelError, match="tried 2 times") as caught:
                await caller.call(recsys_request(), place=PLACE, attempt=0)
    assert told in caught.value.message and len(server.asked) == 2


async def test_ollama_s_stream_that_breaks_off_is_tried_again() -> None:
    begun = json.dumps(ollama_lines("{")[0]).encode() + b"\n"
    with Streaming(lambda: [begun], "ollama") as server:
        async with asking(server, "ollama") as (_, model, _):
            with pytest.raises(LostAnswerError, match="it breaks off"):
                await model.ask([], recsys_request().schema)


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
