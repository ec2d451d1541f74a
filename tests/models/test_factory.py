"""Opening models: keys, packages, and what other providers are sent."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from segue.core.errors import ModelError, ModelSetupError, QuotaError, RefusedError, TransientModelError
from segue.models.factory import ChatModel, closed_model, open_model
from segue.models.finish import reply_of
from segue.models.servers.addresses import NO_KEY
from segue.models.spec import ModelSpec
from support.gemini.client import KEY, recsys_request
from support.models.loopback import HttpRequest, HttpResponse, Loopback

SCHEMA = recsys_request().schema


class Scripted(Loopback):
    """Gives every request the same response, and keeps the requests."""

    def __init__(self, response: HttpResponse | None) -> None:
        super().__init__(self._handle)
        self.response = response
        self.requests: list[HttpRequest] = []

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        self.requests.append(request)
        return self.response


def openai_answer(text: str, finish: str) -> HttpResponse:
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "gpt-x", "choices": [choice]}
    return HttpResponse(200, json.dumps({**body, "usage": usage}).encode(), "application/json")


@asynccontextmanager
async def openai(server: Loopback) -> AsyncIterator[ChatModel]:
    pytest.importorskip("langchain_openai")
    spec = ModelSpec.of("openai:gpt-x", base_url=f"{server.url}/v1", temperature=0.5)
    model = open_model(spec, environ={"OPENAI_API_KEY": KEY}, timeout_s=5)
    try:
        yield model
    finally:
        await model.aclose()


def test_a_missing_key_names_its_variables() -> None:
    with pytest.raises(ModelSetupError, match="GOOGLE_API_KEY or GEMINI_API_KEY is not set") as caught:
        open_model(ModelSpec.of("google_genai:gemini-2.5-flash"), environ={"GOOGLE_API_KEY": " "})
    assert "offline" in (caught.value.hint or "")


def test_an_unknown_provider_and_a_missing_package_say_so() -> None:
    with pytest.raises(ModelSetupError, match="Unsupported provider"):
        open_model(ModelSpec.of("nobody:model-1"), environ={})
    with pytest.raises(ModelSetupError, match="package that is not installed") as caught:
        open_model(ModelSpec.of("upstage:solar"), environ={})
    assert "pip install" in (caught.value.hint or "")


def test_a_missing_package_of_ours_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(ModelSetupError, match="package that is not installed") as caught:
        open_model(ModelSpec.of("google_genai:gemini-2.5-flash"), environ={"GOOGLE_API_KEY": KEY})
    assert caught.value.hint == "pip install 'segue[gemini]'"


async def test_openai_is_sent_a_strict_schema_and_the_seed() -> None:
    with Scripted(openai_answer('{"a": 1}', "stop")) as server:
        async with openai(server) as model:
            message = await model.ask([HumanMessage("Hi.")], SCHEMA, seed=9)
    sent = json.loads(server.requests[0].body)
    asked = sent["response_format"]
    assert asked["type"] == "json_schema" and asked["json_schema"]["strict"] is True
    assert asked["json_schema"]["schema"]["properties"]["track_id"]["enum"] == ["t-one", "t-two", "t-three"]
    assert "propertyOrdering" not in asked["json_schema"]["schema"]
    assert (sent["seed"], sent["temperature"], sent["max_completion_tokens"]) == (9, 0.5, 2048)
    reply = reply_of(message, recsys_request(), latency=0.0)
    assert (reply.text, reply.finish, reply.usage.text, reply.usage.output) == ('{"a": 1}', "stop", 11, 3)


async def test_what_openai_s_client_raises_for_a_cut_answer_is_an_answer() -> None:
    with Scripted(openai_answer('{"a": ', "length")) as server:
        async with openai(server) as model:
            cut = await model.ask([HumanMessage("Hi.")], SCHEMA)
            server.response = openai_answer("", "content_filter")
            blocked = await model.ask([HumanMessage("Hi.")], SCHEMA)
    reply = reply_of(cut, recsys_request(), latency=0.0)
    assert (reply.text, reply.finish, reply.usage.output) == ('{"a": ', "length", 3)
    assert reply_of(blocked, recsys_request(), latency=0.0).finish == "blocked"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "rate_limit_exceeded", "message": "slow down"}, TransientModelError),
        (429, {"code": "insufficient_quota", "message": "empty account"}, QuotaError),
        (500, {"code": None, "message": "oops"}, TransientModelError),
        (401, {"code": "invalid_api_key", "message": f"wrong key {KEY}"}, ModelSetupError),
        (400, {"code": "bad", "message": "Invalid schema for response_format"}, ModelSetupError),
    ],
)
async def test_openai_s_failures(status: int, error: dict[str, Any], kind: type[ModelError]) -> None:
    response = HttpResponse(status, json.dumps({"error": error}).encode(), headers={"retry-after": "7"})
    with Scripted(response) as server:
        async with openai(server) as model:
            with pytest.raises(kind) as caught:
                await model.ask([HumanMessage("Hi.")], SCHEMA)
    assert len(server.requests) == 1 and KEY not in str(caught.value)
    if isinstance(caught.value, TransientModelError):
        assert caught.value.retry_after == 7


async def test_ollama_is_sent_the_schema_as_format_and_all_options() -> None:
    pytest.importorskip("langchain_ollama")
    line = {"model": "m", "message": {"role": "assistant", "content": '{"a": 1}'}, "done": True}
    ends = {"done_reason": "stop", "prompt_eval_count": 5, "eval_count": 4}
    answer = HttpResponse(200, json.dumps({**line, **ends}).encode() + b"\n", "application/x-ndjson")
    with Scripted(answer) as server:
        spec = ModelSpec.of("ollama:m", base_url=server.url, temperature=0.1)
        model = open_model(spec, environ={})
        message = await model.ask([HumanMessage("Hi.")], SCHEMA, seed=4)
        await model.aclose()
    reply = reply_of(message, recsys_request(), latency=0.0)
    sent = json.loads(server.requests[0].body)
    assert sent["format"]["properties"]["track_id"]["enum"] == ["t-one", "t-two", "t-three"]
    assert sent["options"] == {"temperature": 0.1, "num_predict": 2048, "seed": 4}
    assert sent["think"] is False and not model.hears
    assert (reply.text, reply.finish, reply.usage.text, reply.usage.output) == ('{"a": 1}', "stop", 5, 4)


async def test_openai_s_interface_elsewhere_needs_no_key_and_takes_what_open_models_take() -> None:
    pytest.importorskip("langchain_openai")
    with Scripted(openai_answer('{"a": 1}', "stop")) as server:
        named = {
            "top_p": 0.9,
            "repetition_penalty": 1.1,
            "extra_body": '{"top_k": 40}',
            "max_output_tokens": 64,
        }
        model = open_model(ModelSpec.of("openai:smollm2", base_url=f"{server.url}/v1", **named), environ={})
        await model.ask([HumanMessage("Hi.")], SCHEMA)
        await model.aclose()
    sent, [request] = json.loads(server.requests[0].body), server.requests
    assert request.headers["authorization"] == f"Bearer {NO_KEY}"
    assert (sent["top_p"], sent["top_k"], sent["max_completion_tokens"]) == (0.9, 40, 64)
    assert sent["repetition_penalty"] == sent["repeat_penalty"] == 1.1


@pytest.mark.parametrize("given", [{}, {"base_url": "https://api.openai.com/v1"}])
def test_openai_s_own_service_needs_a_key(given: dict[str, str]) -> None:
    with pytest.raises(ModelSetupError, match="OPENAI_API_KEY is not set"):
        open_model(ModelSpec.of("openai:gpt-x", **given), environ={})


def test_a_server_that_the_environment_names_is_elsewhere_too() -> None:
    pytest.importorskip("langchain_openai")
    assert open_model(ModelSpec.of("openai:m"), environ={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}).chat


async def test_ollama_s_options_hold_what_open_models_take() -> None:
    pytest.importorskip("langchain_ollama")
    line = {
        "model": "m",
        "message": {"role": "assistant", "content": "x"},
        "done": True,
        "done_reason": "stop",
    }
    answer = HttpResponse(200, json.dumps(line).encode() + b"\n", "application/x-ndjson")
    with Scripted(answer) as server:
        named = {
            "top_p": 0.9,
            "repetition_penalty": 1.1,
            "extra_body": '{"num_ctx": 8192}',
            "thinking_budget": 100,
        }
        model = open_model(ModelSpec.of("ollama:m", base_url=server.url, **named), environ={})
        await model.ask([HumanMessage("Hi.")], SCHEMA)
        await model.aclose()
    options = json.loads(server.requests[0].body)["options"]
    assert options == {"top_p": 0.9, "repeat_penalty": 1.1, "num_ctx": 8192, "num_predict": 2148}


async def test_tls_to_a_plain_port_is_final() -> None:
    pytest.importorskip("langchain_openai")
    with Scripted(openai_answer("{}", "stop")) as server:
        spec = ModelSpec.of("openai:m", base_url=f"https://127.0.0.1:{server.port}/v1")
        model = open_model(spec, environ={}, timeout_s=5)
        with pytest.raises(RefusedError, match="cannot be spoken to by TLS"):
            await model.ask([HumanMessage("Hi.")], SCHEMA)
        await model.aclose()
    assert not server.requests


async def test_a_closed_model_is_known_without_a_key_and_is_never_asked() -> None:
    spec = ModelSpec.of("google_genai:gemini-2.5-flash")
    model = closed_model(spec)
    assert (model.spec, model.hears) == (spec, True)
    with pytest.raises(ModelSetupError, match="is closed here"):
        await model.ask([HumanMessage("Hi.")], SCHEMA)
    await model.aclose()
