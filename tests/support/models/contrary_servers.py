"""Servers that answer as small models and odd servers do: stubborn, echoing, looping, without schemas, and so on.

What they say beside that, the offline model says, which sees the prompt and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from segue.core.errors import PromptError
from segue.models.offline import OfflineChatModel

from .chat_server import Answer, Asked, ChatServer, answered, any_answer, completion, refusal
from .loopback import HttpResponse

_MESSAGES: dict[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}


class Brain:
    """What a sensible model would say to a question."""

    def __init__(self) -> None:
        self._model = OfflineChatModel()

    def text(self, asked: Asked) -> str:
        messages = [_MESSAGES[said["role"]](said["content"]) for said in asked.body["messages"]]
        try:
            return str(self._model.invoke(messages, seed=asked.body.get("seed", asked.number)).text)
        except PromptError:  # no prompt of a conversation's: the server is being tried out
            return any_answer(asked)

    def fields(self, asked: Asked) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(asked))
        return found


def stubborn(number: int) -> Callable[[Brain, Asked], Answer]:
    """Always the same number, within no bounds, and the first of all legal words; but the track that it speaks of."""

    def answer(brain: Brain, asked: Asked) -> Answer:
        return json.dumps(_stubborn(brain.fields(asked), asked.schema, number))

    return answer


def _stubborn(value: Any, schema: Mapping[str, Any], number: int) -> Any:
    if "anyOf" in schema:
        return _stubborn(value, schema["anyOf"][0], number)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "integer":
        return number
    if schema.get("type") == "object":
        held = value if isinstance(value, dict) else {}
        return {
            name: held[name] if name == "track_id" else _stubborn(held.get(name), field, number)
            for name, field in schema["properties"].items()
        }
    return value


def echoing(brain: Brain, asked: Asked) -> Answer:
    """What each field is for, as if it were what belongs there."""
    fields = asked.schema.get("properties", {})
    echo = {name: field.get("description") for name, field in fields.items() if field.get("description")}
    return json.dumps({**brain.fields(asked), **echo})


def looping(brain: Brain, asked: Asked) -> Answer:
    """One answer of four goes in circles, until it is cut off."""
    if asked.body.get("seed", asked.number) % 4 == 0:
        times = 20_000 if asked.body.get("stream") else 200  # without end, as far as anybody reads
        return answered(asked, '{"thought": "' + "and it is the music of the music, " * times, "length")
    return brain.text(asked)


def schemaless(brain: Brain, asked: Asked) -> Answer:
    """Refuses every form of answer but words."""
    if "response_format" in asked.body:
        return refusal(400, "'response_format' of type 'json_schema' is not supported with this model.")
    return brain.text(asked)


def thinking(brain: Brain, asked: Asked) -> Answer:
    """Thinks aloud, and puts its answer into a fence with words around it."""
    return f"<think>Hm, {{not}} this one.</think>\nHere you are:\n```json\n{brain.text(asked)}\n```\nEnjoy!"


def mislabelled(brain: Brain, asked: Asked) -> Answer:
    """Another model answers than the one that was asked, and says so."""
    found = {**completion(brain.text(asked)), "model": "smollm2-135m"}
    return HttpResponse(200, json.dumps(found).encode())


def streamless(status: int, words: str) -> Callable[[Brain, Asked], Answer]:
    """Refuses answers in pieces."""

    def answer(brain: Brain, asked: Asked) -> Answer:
        return refusal(status, words) if asked.body.get("stream") else brain.text(asked)

    return answer


def uncounted(brain: Brain, asked: Asked) -> Answer:
    """Counts the tokens of whole answers alone."""
    found = completion(brain.text(asked))
    counted = {} if asked.body.get("stream") else {"usage": found["usage"]}
    del found["usage"]
    return HttpResponse(200, json.dumps({**found, **counted}).encode())


CONTRARY: dict[str, Callable[[Brain, Asked], Answer]] = {
    "stubborn, 8": stubborn(8),
    "stubborn, 1": stubborn(1),
    "echoing": echoing,
    "looping": looping,
    "schema-less": schemaless,
    "thinking aloud": thinking,
    "mislabelled": mislabelled,
    "streamless": streamless(501, "Streaming is not supported yet"),
    "uncounted": uncounted,
}


def contrary(name: str) -> ChatServer:
    """The server of that name."""
    brain, answer = Brain(), CONTRARY[name]
    return ChatServer(lambda asked: answer(brain, asked))
