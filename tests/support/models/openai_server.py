"""A server that speaks OpenAI's chat interface as llama.cpp and vLLM do, on the loopback address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .chat_server import PIECE, event
from .loopback import HttpRequest, HttpResponse, Loopback, StreamedResponse

Messages = Sequence[Mapping[str, Any]]
Answering = Callable[[Messages, int], str]


@dataclass(frozen=True)
class Served:
    """What the server is.

    Attributes:
        name: the model that answers, whatever is asked for.
        knows: whether another name is refused with 404, as vLLM does; llama.cpp answers to every name.
        takes: answer formats: `json_schema`, `json_object`; others are refused with 422 as FastAPI words it.
        context: tokens of the context, told under /v1/models as vLLM does and under /props as llama.cpp does.
        key: the only one that is taken; every one and none by default.
        obeys: whether a schema that is taken is heeded.
        counts: whether usage is told at the end of a stream.
        owner: who it says it is.
    """

    name: str = "smollm2"
    knows: bool = False
    takes: frozenset[str] = frozenset({"json_schema", "json_object"})
    context: int | None = 32_768
    key: str | None = None
    obeys: bool = True
    counts: bool = True
    owner: str = "vllm"


class OpenAIServer(Loopback):
    """`asked`: bodies of the requests for a chat answer, in order, without those of preflight, which are in `probed`;
    `paths`: of all requests.

    Args:
        answering: (messages, seed) -> text; the offline model by default.
        pause_s: between two pieces of a stream.
    """

    def __init__(
        self, served: Served | None = None, answering: Answering | None = None, *, pause_s: float = 0.0
    ) -> None:
        super().__init__(self._handle)
        self.served = served or Served()
        self.asked: list[dict[str, Any]] = []
        self.probed: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.streams: list[StreamedResponse] = []
        self._answering, self._pause_s = answering or offline_words(), pause_s

    @property
    def address(self) -> str:
        return f"{self.url}/v1"

    async def _handle(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
        self.paths.append(request.path)
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.served.key is not None and key != self.served.key:
            return _error(401, "Incorrect API key provided", "invalid_api_key")
        if request.path == "/v1/models":
            known: dict[str, Any] = {"id": self.served.name, "object": "model", "owned_by": self.served.owner}
            known |= {} if self.served.owner == "llamacpp" else {"max_model_len": self.served.context}
            return _json({"object": "list", "data": [known]})
        if request.path == "/props":
            return _json({"default_generation_settings": {"n_ctx": self.served.context}, "total_slots": 1})
        if request.path != "/v1/chat/completions":
            return _error(404, f"no such path: {request.path}", "not_found")
        return self._chat(json.loads(request.body))

    def _chat(self, body: dict[str, Any]) -> HttpResponse | StreamedResponse:
        probing = "colour" in str(body["messages"][-1]["content"])
        (self.probed if probing else self.asked).append(body)
        if self.served.knows and body["model"] != self.served.name:
            return _error(404, f"The model `{body['model']}` does not exist.", "model_not_found")
        wanted = (body.get("response_format") or {}).get("type")
        if wanted and wanted not in self.served.takes:
            words = f"response_format: {wanted} is not supported"
            return _json({"detail": [{"loc": ["body", "response_format"], "msg": words}]}, 422)
        held = self.served.obeys and wanted == "json_schema"
        told = '{"colour": "zomp"}' if held else "A nice colour is red."
        text = told if probing else self._answering(body["messages"], body.get("seed") or 0)
        most = 4 * (body.get("max_completion_tokens") or body.get("max_tokens") or 1 << 20)
        finish, text = ("length" if len(text) > most else "stop"), text[:most]
        usage = {"prompt_tokens": len(str(body["messages"])) // 4, "completion_tokens": -(-len(text) // 4)}
        usage["total_tokens"] = sum(usage.values())
        if not body.get("stream"):
            choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
            return _json({**self._head("chat.completion"), "choices": [choice], "usage": usage})
        counted = (
            usage if self.served.counts and (body.get("stream_options") or {}).get("include_usage") else None
        )
        streamed = StreamedResponse(self._pieces(text, finish, counted))
        self.streams.append(streamed)
        return streamed

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": "x", "object": kind, "created": 1, "model": self.served.name}

    async def _pieces(self, text: str, finish: str, usage: dict[str, int] | None) -> AsyncIterator[bytes]:
        head = self._head("chat.completion.chunk")
        for choice in _choices(text, finish):
            if self._pause_s:
                await asyncio.sleep(self._pause_s)
            yield event({**head, "choices": [choice]})
        if usage:
            yield event({**head, "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"


def _choices(text: str, finish: str) -> Iterator[dict[str, Any]]:
    yield {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
    for at in range(0, len(text), PIECE):
        yield {"index": 0, "delta": {"content": text[at : at + PIECE]}, "finish_reason": None}
    yield {"index": 0, "delta": {}, "finish_reason": finish}


def offline_words() -> Answering:
    """Answers by the offline model, from nothing but the messages."""
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
    from segue.models.offline import OfflineChatModel

    model = OfflineChatModel()
    kinds: dict[str, type[BaseMessage]] = {
        "system": SystemMessage,
        "assistant": AIMessage,
        "user": HumanMessage,
    }

    def answer(messages: Messages, seed: int) -> str:
        said = [kinds[message["role"]](content=message["content"]) for message in messages]
        return str(model.invoke(said, seed=seed).text)

    return answer


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body).encode(), "application/json")


def _error(status: int, words: str, code: str) -> HttpResponse:
    return _json({"error": {"message": words, "code": code, "type": "invalid_request_error"}}, status)
