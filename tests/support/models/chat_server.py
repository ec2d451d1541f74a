"""A server that speaks OpenAI's and Ollama's interfaces on the loopback address; a script decides what it says."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .loopback import HttpRequest, HttpResponse, Loopback, StreamedResponse

PIECE = 12
"""Characters of a streamed piece."""


@dataclass(frozen=True)
class Asked:
    """One question, whichever interface it came by.

    Attributes:
        number: from 1, in order of arrival.
        body: the request as JSON.
        schema: of the answer; empty where none was sent.
    """

    number: int
    path: str
    body: Mapping[str, Any]

    @property
    def ollama(self) -> bool:
        return self.path.endswith("/api/chat")

    @property
    def schema(self) -> Mapping[str, Any]:
        if self.ollama:
            found = self.body.get("format")
            return found if isinstance(found, Mapping) else {}
        asked = self.body.get("response_format") or {}
        return dict((asked.get("json_schema") or {}).get("schema") or {})


Answer = str | HttpResponse | None
"""What the model says; or all of what goes over the wire; or a dropped connection."""


class ChatServer(Loopback):
    """Asks `script` for each answer. `asked` holds the questions in order.

    Args:
        streams: whether it sends answers in pieces to those who ask for them; others pass over the wish.
    """

    def __init__(self, script: Callable[[Asked], Answer], *, streams: bool = True) -> None:
        super().__init__(self._handle)
        self.script, self.streams = script, streams
        self.asked: list[Asked] = []

    @property
    def openai(self) -> str:
        """The address to give as base URL of OpenAI's interface."""
        return f"{self.url}/v1"

    async def _handle(self, request: HttpRequest) -> HttpResponse | StreamedResponse | None:
        if request.method != "POST" or not request.path.endswith(("/chat/completions", "/api/chat")):
            return HttpResponse(404, b'{"error": {"message": "Not Found"}}')
        asked = Asked(len(self.asked) + 1, request.path, json.loads(request.body))
        self.asked.append(asked)
        said = self.script(asked)
        whole = answered(asked, said) if isinstance(said, str) else said
        if self.streams and asked.body.get("stream") and not asked.ollama and isinstance(whole, HttpResponse):
            return in_pieces(whole)
        return whole


def in_pieces(whole: HttpResponse) -> HttpResponse | StreamedResponse:
    """A completion as it streams; what is none stays as it is."""
    try:
        found = json.loads(whole.body)
        [choice] = found["choices"]
        text = choice["message"]["content"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return whole
    if whole.status != 200 or not isinstance(text, str):
        return whole
    return StreamedResponse(_pieces(found, choice, text))


async def _pieces(found: dict[str, Any], choice: dict[str, Any], text: str) -> AsyncIterator[bytes]:
    usage = found.pop("usage", None)
    head = {**found, "object": "chat.completion.chunk"}
    said = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    deltas = [{"role": "assistant", "content": ""}, *({"content": each} for each in said), {}]
    for number, delta in enumerate(deltas, start=1):
        finish = choice["finish_reason"] if number == len(deltas) else None
        yield event({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})
    if usage:
        yield event({**head, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def event(body: Mapping[str, Any]) -> bytes:
    """One of a stream of events."""
    return b"data: " + json.dumps(body).encode() + b"\n\n"


def answered(asked: Asked, text: str, finish: str = "stop", **message: Any) -> HttpResponse:
    """`text` as the interface wraps it; `message` adds to it or replaces it."""
    if asked.ollama:
        said = {"role": "assistant", "content": text, **message}
        line = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": said, "done": False}
        end = {**line, "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": finish}
        counts = {"prompt_eval_count": 10, "eval_count": 5}
        return lines({**line}, {**end, **counts})
    return HttpResponse(200, json.dumps(completion(text, finish, **message)).encode())


def completion(text: Any, finish: str | None = "stop", **message: Any) -> dict[str, Any]:
    """A completion of OpenAI's interface."""
    said = {"role": "assistant", "content": text, **message}
    choice = {"index": 0, "finish_reason": finish, "message": said}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    about = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-x"}
    return {**about, "choices": [choice], "usage": usage}


def lines(*objects: Mapping[str, Any]) -> HttpResponse:
    """Ollama's answers: an object a line."""
    body = "".join(json.dumps(found) + "\n" for found in objects)
    return HttpResponse(200, body.encode(), "application/x-ndjson")


def refusal(status: int, message: str, **more: Any) -> HttpResponse:
    """OpenAI's form of a refusal."""
    return HttpResponse(status, json.dumps({"error": {"message": message, "type": "x", **more}}).encode())


def any_answer(asked: Asked) -> str:
    """Words that fit the schema and differ from question to question."""
    return json.dumps(_filled(asked.schema, "", asked.number))


def _filled(schema: Mapping[str, Any], name: str, number: int) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], name, number)
    match schema.get("type"):
        case "object":
            return {key: _filled(field, key, number) for key, field in schema["properties"].items()}
        case "integer":
            return schema.get("minimum", 1)
        case "array":
            return [_filled(schema.get("items", {}), name, number)]
    words = random.Random(f"{number} {name}").sample(_WORDS.split(), 12)
    return f"{' '.join(words).capitalize()}."[: schema.get("maxLength", 400)]


_WORDS = (
    "amber anthem autumn ballad bass bright brush cabin canyon cello chorus cinder cobalt copper coral "
    "dawn delta drift drum dusk ember evening fiddle flame folk forest garden gentle glass golden guitar "
    "harbour harvest hollow indigo island ivory jazz lantern lilac linen marble meadow mellow midnight "
    "mountain northern ocean olive orchard paper pepper piano quiet rain reed ribbon river saffron silver "
    "slow smoke solo southern spring stone summer sunset tango tempo thunder timber trumpet valley velvet "
    "violet waltz warm water willow winter wooden "
)
