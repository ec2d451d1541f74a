"""What a server refuses and can be asked without: left out, said once, recorded, and no part of the call's key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from segue.core.errors import Place, RefusedError
from segue.models.caller import Caller
from segue.models.factory import ChatModel, open_model
from segue.models.faults.concessions import without_lists
from segue.models.ledger import MemoryLedger
from segue.models.limits import Limits
from segue.models.request import Request
from segue.models.spec import ModelSpec
from segue.state.values import Agent
from support.gemini.client import KEY, recsys_request
from support.models.chat_server import Answer, Asked, ChatServer, any_answer, refusal

PLACE = Place("thread-1", 2, "recsys")
IDS = [f"t-{number}" for number in range(20)]
pytest.importorskip("langchain_openai")


def request() -> Request:
    schema = json.loads(json.dumps(recsys_request().schema))
    schema["properties"]["track_id"]["enum"] = IDS
    return Request(Agent.RECSYS, recsys_request().messages, schema)


@asynccontextmanager
async def asking(
    server: ChatServer, name: str = "openai:gpt-x", **params: Any
) -> AsyncIterator[tuple[Caller, ChatModel, list[str]]]:
    address = server.openai if name.startswith("openai") else server.url
    spec = ModelSpec.of(name, base_url=address, temperature=0.5, top_p=0.9, **params)
    model = open_model(spec, environ={"OPENAI_API_KEY": KEY}, timeout_s=5)
    said: list[str] = []
    model.concessions.say = said.append
    try:
        yield Caller({Agent.RECSYS: model}, MemoryLedger(), None, Limits(4), "stream-1"), model, said
    finally:
        await model.aclose()


REFUSED: dict[str, tuple[str, str]] = {
    "temperature": ("Unsupported value: 'temperature' does not support 0.5 with this model.", "temperature"),
    "seed": ("Unknown parameter: 'seed'.", "seed"),
    "top_p": ("Unsupported parameter: 'top_p'", "top_p"),
    "enumeration": ("The specified schema produces a constraint that has too many states.", "enumeration"),
    "enumeration, OpenAI": (
        "Invalid schema for response_format 'RecsysAnswer': In context=('properties', 'track_id'), "
        "enum value too long",
        "enumeration",
    ),
    "cap": ("Unrecognized request argument supplied: max_completion_tokens", "max_completion_tokens"),
    "cap, old name": (
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "max_completion_tokens",
    ),
}


@pytest.mark.parametrize(("words", "name"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_is_left_out_said_once_and_recorded(words: str, name: str) -> None:
    def script(asked: Asked) -> Answer:
        return refusal(400, words) if asked.number == 1 else any_answer(asked)

    with ChatServer(script) as server:
        async with asking(server) as (caller, _, said):
            first = await caller.call(request(), place=PLACE, attempt=0)
            again = await caller.call(request(), place=PLACE, attempt=1)
            known = await caller.call(request(), place=PLACE, attempt=0)
    bodies = [asked.body for asked in server.asked]
    assert len(bodies) == 3, "refused once, and never sent again"
    if name == "enumeration":
        listed = [asked.schema["properties"]["track_id"].get("enum") for asked in server.asked]
        assert listed == [IDS, None, None]
    else:
        assert [name in body for body in bodies] == [True, False, False]
    if name == "max_completion_tokens":
        assert bodies[1]["max_tokens"] == bodies[0]["max_completion_tokens"] == 2048
    assert first.reply.not_sent == again.reply.not_sent == (name,)
    assert known.recorded and known.key == first.key
    assert len(said) == 1 and words in said[0] and "from here on" in said[0]


async def test_the_key_is_of_what_was_asked() -> None:
    keys = []
    for words in ("Unknown parameter: 'seed'.", None):

        def script(asked: Asked, words: str | None = words) -> Answer:
            return refusal(400, words) if words and asked.number == 1 else any_answer(asked)

        with ChatServer(script) as server:
            async with asking(server) as (caller, _, _):
                answered = await caller.call(request(), place=PLACE, attempt=0)
        keys.append(answered.key)
        assert answered.reply.to_json().get("not_sent") == (["seed"] if words else None)
    assert keys[0] == keys[1], "a resumed run and a replay find it"


async def test_one_thing_after_another_is_left_out() -> None:
    def script(asked: Asked) -> Answer:
        found = [name for name in ("temperature", "top_p", "seed") if name in asked.body]
        return refusal(400, f"Unknown parameter: '{found[0]}'.") if found else any_answer(asked)

    with ChatServer(script) as server:
        async with asking(server) as (caller, model, said):
            answered = await caller.call(request(), place=PLACE, attempt=0)
    assert answered.reply.not_sent == ("seed", "temperature", "top_p")
    assert len(server.asked) == 4 and len(said) == 3 and len(model.concessions.names) == 3


@pytest.mark.parametrize("words", [words for words, _ in REFUSED.values()])
async def test_a_server_that_goes_on_refusing_is_believed(words: str) -> None:
    with ChatServer(lambda asked: refusal(400, words)) as server:
        async with asking(server) as (caller, _, _):
            with pytest.raises(RefusedError, match="turn 2, agent recsys") as caught:
                await caller.call(request(), place=PLACE, attempt=0)
    assert len(server.asked) == 2 and caught.value.hint


async def test_what_changes_the_answer_is_not_left_out() -> None:
    refused = refusal(400, "Unsupported parameter: 'frequency_penalty'")
    with ChatServer(lambda asked: refused) as server:
        async with asking(server) as (caller, _, _):
            with pytest.raises(RefusedError, match="frequency_penalty"):
                await caller.call(request(), place=PLACE, attempt=0)
    assert len(server.asked) == 1


async def test_ollama_s_options() -> None:
    pytest.importorskip("langchain_ollama")

    def script(asked: Asked) -> Answer:
        return (
            refusal(400, "unknown parameter: seed") if "seed" in asked.body["options"] else any_answer(asked)
        )

    with ChatServer(script) as server:
        async with asking(server, "ollama:m") as (caller, _, _):
            answered = await caller.call(request(), place=PLACE, attempt=0)
    assert answered.reply.not_sent == ("seed",) and server.asked[1].body["options"]["top_p"] == 0.9


def test_short_lists_stay() -> None:
    schema = {"a": {"enum": ["x", "y"]}, "anyOf": [{"properties": {"b": {"enum": IDS, "type": "string"}}}]}
    lesser = {"a": {"enum": ["x", "y"]}, "anyOf": [{"properties": {"b": {"type": "string"}}}]}
    assert without_lists(schema) == lesser
