"""Servers that answer in pieces, and a caller that asks them to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from segue.models.caller import Caller
from segue.models.factory import ChatModel, open_model
from segue.models.ledger import MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.reply import Reply
from segue.models.spec import ModelSpec
from segue.state.values import Agent

from ..gemini.client import PLACE, recsys_request
from .chat_server import event
from .loopback import HttpRequest, Loopback, StreamedResponse
from .openai_server import Messages


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

BEGUN = event(chunk("{"))
