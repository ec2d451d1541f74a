"""Answers in pieces that a server refuses, breaks off or spoils: asked for whole, or tried again."""

from __future__ import annotations

import json

import pytest
from segue.core.errors import LostAnswerError, TransientModelError
from segue.models.servers.preflight import look_at
from support.gemini.client import PLACE, recsys_request
from support.models.broken_answers import ollama_lines
from support.models.chat_server import event, refusal
from support.models.loopback import HttpRequest, HttpResponse, StreamedResponse
from support.models.openai_server import OpenAIServer
from support.models.streaming import (
    BEGUN,
    END,
    Streaming,
    asking,
    chunk,
    words,
)

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
