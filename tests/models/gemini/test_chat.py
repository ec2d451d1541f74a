"""The chat model by itself: what it sends once, and how it reads what answers may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from segue.core.errors import ModelSetupError, TransientModelError
from segue.models.factory import open_model
from segue.models.gemini.chat import answer_message, prompt_body
from segue.models.gemini.resources import GeminiResources
from segue.models.spec import ModelSpec
from support.gemini.client import KEY, MODEL, gemini, pick_last, recsys_request
from support.gemini.server import GeminiServer
from support.models.loopback import HttpRequest, HttpResponse, Loopback

SAID = [SystemMessage("You recommend."), HumanMessage("Play something.")]


class Same(Loopback):
    """Gives every request the same response."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(self._handle)
        self._response = HttpResponse(status, body)

    async def _handle(self, request: HttpRequest) -> HttpResponse:
        return self._response


async def test_what_is_lost_on_the_way_is_sent_once() -> None:
    """Sent again by itself, a cache or a job would be paid for twice."""
    paths: list[str] = []

    async def drop(request: HttpRequest) -> None:
        paths.append(request.path.partition("?")[0].rpartition("/")[2])

    with Loopback(drop) as server:
        async with gemini(server) as model:
            resources = GeminiResources(model)
            item = resources.batch_item("key", SAID, {})
            for doing in (
                resources.create_cache(SAID, "a cache", 60.0),
                resources.create_batch([item], "a job"),
                model.ask(SAID, recsys_request().schema),
            ):
                with pytest.raises(TransientModelError, match="connection was lost"):
                    await doing
    actions = ("cachedContents", "batchGenerateContent", "generateContent")
    assert [path.rpartition(":")[2] for path in paths] == list(actions)


async def test_the_version_is_stated_outright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1")
    with GeminiServer(pick_last) as server:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
        model = open_model(ModelSpec(name=MODEL), environ={"GOOGLE_API_KEY": KEY})
        await model.ask(SAID, recsys_request().schema)
        await model.aclose()
    assert server.versions == {"v1beta": 1}, "and another address is taken from the environment"


def test_without_an_event_loop_it_answers_too() -> None:
    with GeminiServer(pick_last) as server:
        model = open_model(ModelSpec(name=MODEL, base_url=server.url), environ={"GOOGLE_API_KEY": KEY})
        assert model.chat is not None
        assert str(model.chat.invoke("Hello.", stop=["."]).text) == server.exchanges[0].text
    assert server.asks[0].config["stopSequences"] == ["."]


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (502, b"<html>Bad Gateway</html>", TransientModelError, "502: <html>Bad Gateway</html>"),
        (503, b"", TransientModelError, "503: Service Unavailable"),
        (200, b"[1, 2]", TransientModelError, "cannot be read"),
        (
            400,
            b'{"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}}',
            ModelSetupError,
            "longer than the model takes",
        ),
    ],
)
async def test_odd_answers_are_named(status: int, body: bytes, kind: type[Exception], said: str) -> None:
    with Same(status, body) as server:
        async with gemini(server) as model:
            with pytest.raises(kind) as caught:
                await model.ask(SAID, recsys_request().schema)
    assert said in str(caught.value)


def test_thoughts_are_no_part_of_the_text_and_its_parts_are_joined() -> None:
    parts = [{"text": "Hm.", "thought": True}, {"text": '{"a":'}, {"text": " 1}\n"}]
    found: dict[str, Any] = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    message = answer_message({**found, "usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 2}})
    assert message.text == '{"a": 1}\n' and message.response_metadata["finish_reason"] == "STOP"
    assert message.usage_metadata is not None
    assert (message.usage_metadata["input_tokens"], message.usage_metadata["output_tokens"]) == (3, 2)
    assert answer_message(found).usage_metadata is None
    assert answer_message({}).text == ""


def test_a_block_that_segue_does_not_make_is_refused() -> None:
    with pytest.raises(ValueError, match="type 'video'"):
        prompt_body([HumanMessage([{"type": "video", "url": "https://example.org/a"}])])


def test_the_body_is_json_with_each_thing_in_its_place() -> None:
    body = prompt_body([*SAID, AIMessage("Yes."), HumanMessage(["And?"])])
    assert json.loads(json.dumps(body)) == {
        "contents": [
            {"role": "user", "parts": [{"text": "Play something."}]},
            {"role": "model", "parts": [{"text": "Yes."}]},
            {"role": "user", "parts": [{"text": "And?"}]},
        ],
        "systemInstruction": {"parts": [{"text": "You recommend."}]},
    }
