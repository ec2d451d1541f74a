"""What segue writes out by itself is what the vendor's client sends, and what comes back is read alike."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import GooglePermissionDeniedError
from segue.core.errors import TransientModelError
from segue.models.gemini.chat import GeminiChat, body_of
from segue.models.gemini.resources import GeminiResources
from support.gemini_client import gemini, pick_last, recsys_request
from support.gemini_faults import Fault, FaultPlan
from support.gemini_server import GeminiServer
from support.loopback import HttpRequest, HttpResponse, Loopback
from support.small_media import clip_bytes, cover_bytes

OPTIONS: dict[str, Any] = {
    "response_mime_type": "application/json",
    "response_json_schema": dict(recsys_request().schema),
    "seed": 7,
}

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.strip)


def inline(kind: str, mime_type: str, data: bytes) -> dict[str, Any]:
    return {"type": kind, "base64": base64.b64encode(data).decode(), "mime_type": mime_type}


CHATS: dict[str, list[BaseMessage]] = {
    "text": [SystemMessage("You recommend."), HumanMessage("Play something.")],
    "a long chat": [
        SystemMessage("Du empfiehlst – “so”."),
        *(m for i in range(3) for m in (HumanMessage(f"Nr. {i} \u2028 <x>"), AIMessage(f'{{"a": {i}}}'))),
        HumanMessage("And now?"),
    ],
    "media": [
        SystemMessage("You hear."),
        HumanMessage(
            [
                "The pool:",
                inline("audio", "audio/mp3", clip_bytes()),
                inline("image", "image/jpeg", cover_bytes()),
                "That is all.",
            ]
        ),
    ],
}


async def both(messages: list[BaseMessage], **options: Any) -> tuple[list[Any], list[Any]]:
    """(bodies as sent, messages as read) of the vendor's way and of ours."""
    with GeminiServer(pick_last) as server:
        async with gemini(server, temperature=0.4, max_output_tokens=300) as model:
            chat = model.chat
            assert isinstance(chat, GeminiChat)
            prepared = ChatGoogleGenerativeAI._prepare_request(chat, messages, **options)
            assert (body_of(prepared) is None) is ("safety_settings" in options)
            theirs = await ChatGoogleGenerativeAI._agenerate(chat, messages, **options)
            ours = await chat._agenerate(messages, **options)
    bodies = [json.loads(exchange.raw) for exchange in server.exchanges]
    return bodies, [result.generations[0].message for result in (theirs, ours)]


@pytest.mark.parametrize("name", CHATS)
async def test_the_same_body_is_sent_and_the_same_message_read(name: str) -> None:
    bodies, messages = await both(CHATS[name], **OPTIONS)
    assert bodies[0] == bodies[1]
    theirs, ours = (m.model_dump(exclude={"id"}) for m in messages)
    assert theirs == ours


async def test_what_was_uploaded_is_referred_to_alike() -> None:
    uploaded = {"type": "media", "mime_type": "audio/mp3", "file_uri": "https://example.org/v1beta/files/a"}
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            assert isinstance(model.chat, GeminiChat)
            for ask in (ChatGoogleGenerativeAI._agenerate, GeminiChat._agenerate):
                with pytest.raises(GooglePermissionDeniedError, match="the File a"):
                    await ask(model.chat, [HumanMessage([uploaded, "This."])], **OPTIONS)
    bodies = [json.loads(exchange.raw) for exchange in server.exchanges]
    assert bodies[0] == bodies[1]
    assert uploaded["file_uri"] in json.dumps(bodies[1])


async def test_a_request_with_what_segue_does_not_use_goes_the_vendor_s_way() -> None:
    safety = {"HARM_CATEGORY_HARASSMENT": "BLOCK_NONE"}
    bodies, _ = await both(CHATS["text"], **OPTIONS, safety_settings=safety)
    assert bodies[0] == bodies[1]
    assert bodies[1]["safetySettings"][0]["threshold"] == "BLOCK_NONE"


@settings(max_examples=15, deadline=None)
@given(system=texts, said=st.lists(texts, min_size=1, max_size=5))
async def test_any_words_are_sent_alike(system: str, said: list[str]) -> None:
    turns = [HumanMessage(text) if i % 2 == 0 else AIMessage(text) for i, text in enumerate(said)]
    bodies, _ = await both([SystemMessage(system), *turns, HumanMessage("Go on.")], **OPTIONS)
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.INTERNAL, Fault.UNAVAILABLE, Fault.DAILY_QUOTA])
async def test_failures_are_told_alike(fault: Fault) -> None:
    told = []
    with GeminiServer(pick_last, faults=FaultPlan([fault, fault])) as server:
        async with gemini(server) as model:
            chat = model.chat
            assert isinstance(chat, GeminiChat)
            for ask in (ChatGoogleGenerativeAI._agenerate, GeminiChat._agenerate):
                with pytest.raises(Exception, match=r"\d{3}") as caught:
                    await ask(chat, CHATS["text"], **OPTIONS)
                told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


async def test_what_is_lost_on_the_way_is_sent_once() -> None:
    """google-genai by itself would make a second cache or job after some seconds."""
    paths: list[str] = []

    async def drop(request: HttpRequest) -> None:
        paths.append(request.path.partition("?")[0].rpartition("/")[2])

    with Loopback(drop) as server:
        async with gemini(server) as model:
            resources = GeminiResources(model)
            item = resources.batch_item("key", CHATS["text"], OPTIONS)
            for doing in (
                resources.create_cache(CHATS["text"], "a cache", 60.0),
                resources.create_batch([item], "a job"),
                model.ask(CHATS["text"], recsys_request().schema),
            ):
                with pytest.raises(TransientModelError, match="connection was lost"):
                    await doing
    actions = ("cachedContents", "batchGenerateContent", "generateContent")
    assert [path.rpartition(":")[2] for path in paths] == list(actions)


async def test_a_cache_is_asked_for_as_the_vendor_s_client_does() -> None:
    bodies: list[Any] = []
    made = {"name": "cachedContents/one", "usageMetadata": {"totalTokenCount": 5}, "newer": "than the client"}

    async def make(request: HttpRequest) -> HttpResponse:
        bodies.append(json.loads(request.body))
        return HttpResponse(200, json.dumps(made).encode())

    with Loopback(make) as server:
        async with gemini(server) as model:
            chat = model.chat
            assert isinstance(chat, GeminiChat)
            prepared = ChatGoogleGenerativeAI._prepare_request(chat, CHATS["media"])
            config = {
                "system_instruction": prepared["config"].system_instruction,
                "contents": prepared["contents"],
                "display_name": "a cache",
                "ttl": "60s",
            }
            theirs = await chat.async_client.caches.create(model=model.spec.model, config=config)
            ours = await chat.keep(CHATS["media"], "a cache", 60.0)
    assert bodies[0] == bodies[1]
    assert ours.model_dump(exclude={"sdk_http_response"}) == theirs.model_dump(exclude={"sdk_http_response"})
