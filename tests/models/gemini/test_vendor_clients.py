"""What segue sends is what the vendors' public clients send, read by the same server; what they read is read alike."""

from __future__ import annotations

import base64
import gc
import re
from collections.abc import Mapping
from typing import Any

import pytest
from google import genai
from google.genai.types import HttpOptions
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from pydantic import SecretStr
from segue.core.errors import TransientModelError
from segue.models.faults.failures import model_error
from segue.models.finish import reply_of
from segue.models.gemini.resources import GeminiResources
from segue.models.spec import ModelSpec
from support.catalog.small_media import clip_bytes, cover_bytes
from support.gemini.client import KEY, MODEL, gemini, pick_last, recsys_request
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.gemini.wire import Ask

NAME = "gemini-2.5-flash"
SCHEMA = dict(recsys_request().schema)
LONG = "You hear what is played, and tell one song from another. " * 100

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.strip)


def inline(kind: str, mime_type: str, data: bytes) -> dict[str, Any]:
    return {"type": kind, "base64": base64.b64encode(data).decode(), "mime_type": mime_type}


MEDIA: list[str | dict[Any, Any]] = [
    "The pool:",
    inline("audio", "audio/mp3", clip_bytes()),
    inline("image", "image/jpeg", cover_bytes()),
    "That is all.",
]
CHATS: dict[str, list[BaseMessage]] = {
    "text": [SystemMessage("You recommend."), HumanMessage("Play something.")],
    "a long chat": [
        SystemMessage("Du empfiehlst – “so”."),
        *(m for i in range(3) for m in (HumanMessage(f"Nr. {i} \u2028 <x>"), AIMessage(f'{{"a": {i}}}'))),
        HumanMessage("And now?"),
    ],
    "media": [SystemMessage("You hear."), HumanMessage(MEDIA)],
}


def langchain_s(server: GeminiServer, **changes: Any) -> ChatGoogleGenerativeAI:
    """LangChain's own chat model, set up as segue sets up its own."""
    settings = {"temperature": 0.4, "max_tokens": 300, "thinking_budget": 0, "max_retries": 1, **changes}
    return ChatGoogleGenerativeAI(
        model=NAME, api_key=SecretStr(KEY), base_url=server.url, vertexai=False, **settings
    )


def google_s(server: GeminiServer, version: str | None = None) -> Any:
    """Google's own client. It closes its connections when nobody holds it any more."""
    options = HttpOptions(base_url=server.url, api_version=version)
    return genai.Client(api_key=KEY, vertexai=False, http_options=options)


def question(ask: Ask) -> tuple[Any, ...]:
    """All that the server reads of a request, with one spelling for each name."""
    config = {_camel(name): value for name, value in ask.config.items()}
    if "thinkingConfig" in config:
        config["thinkingConfig"] = {_camel(name): value for name, value in config["thinkingConfig"].items()}
    return ask.model, ask.action, ask.system, ask.turns, config, dict(ask.cached)


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


async def both(messages: list[BaseMessage]) -> tuple[list[tuple[Any, ...]], list[AIMessage]]:
    """(requests as read, answers) of LangChain's way and of ours."""
    options = {"response_mime_type": "application/json", "response_json_schema": SCHEMA, "seed": 7}
    with GeminiServer(pick_last) as server:
        async with gemini(server, temperature=0.4, max_output_tokens=300) as model:
            theirs = await langchain_s(server).ainvoke(messages, **options)
            ours = await model.ask(messages, SCHEMA, seed=7)
    return [question(ask) for ask in server.asks], [theirs, ours]


@pytest.mark.parametrize("name", CHATS)
async def test_the_same_question_is_sent_and_the_same_answer_read(name: str) -> None:
    asked, answers = await both(CHATS[name])
    assert asked[0] == asked[1]
    theirs, ours = (reply_of(answer, recsys_request(), latency=0.0) for answer in answers)
    assert theirs == ours and ours.text


@settings(max_examples=10, deadline=None)
@given(system=texts, said=st.lists(texts, min_size=1, max_size=5))
async def test_any_words_are_sent_alike(system: str, said: list[str]) -> None:
    turns = [HumanMessage(text) if i % 2 == 0 else AIMessage(text) for i, text in enumerate(said)]
    asked, _ = await both([SystemMessage(system), *turns, HumanMessage("Go on.")])
    assert asked[0] == asked[1]


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore:coroutine 'ClientResponse.json'", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in {Fault.SLOW, Fault.GARBLED}])
async def test_every_fault_is_told_alike(fault: Fault) -> None:
    """LangChain reads a refusal's body again and does not await it. Of a page of HTML only ours says what it is."""
    with GeminiServer(pick_last, faults=FaultPlan([fault, fault])) as server:
        async with gemini(server, temperature=0.4, max_output_tokens=300) as model:
            assert model.chat is not None
            theirs, ours = [await told(chat) for chat in (langchain_s(server), model.chat)]
    gc.collect()  # Python warns of what was not awaited when it is thrown away
    assert theirs == ours


async def told(chat: BaseChatModel) -> tuple[object, ...]:
    """What comes of a question: an end, or our error with its hint and the wait that was asked for.

    Not the tokens: where there is no answer LangChain drops what the provider counted. Nor all words: what is lost
    on the way has none of the provider's, and each client finds its own.
    """
    try:
        answer = await chat.ainvoke(CHATS["text"])
    except Exception as error:  # noqa: BLE001  # whatever it is, it must be known
        known = model_error(error, ModelSpec(name=MODEL))
        assert known is not None
        wait = known.retry_after if isinstance(known, TransientModelError) else None
        return type(known), known.message.split(": ")[1], known.hint, wait
    reply = reply_of(answer, recsys_request(), latency=0.0)
    return reply.text, reply.finish, reply.finish_reason


async def test_uploads_caches_and_what_refers_to_them_are_the_same() -> None:
    said = [HumanMessage(["The pool:", {"type": "media", "mime_type": "image/jpeg", "file_uri": ""}])]
    with GeminiServer(pick_last) as server:
        async with gemini(server, temperature=0.4, max_output_tokens=300) as model:
            resources, client = GeminiResources(model), google_s(server)
            theirs = client.aio
            file = await resources.upload(cover_bytes(), "image/jpeg", "a cover")
            found = await theirs.files.get(name=file.name)
            assert (found.uri, found.mime_type, found.display_name) == (file.uri, "image/jpeg", "a cover")
            assert found.expiration_time.timestamp() == pytest.approx(file.expires)
            said[0].content[1]["file_uri"] = file.uri  # type: ignore[index, call-overload]
            beginning: list[BaseMessage] = [SystemMessage(LONG), *said, AIMessage("Heard.")]
            cache = await resources.create_cache(beginning, "a cache", 60.0)
            parts = [{"text": "The pool:"}, {"file_data": {"file_uri": file.uri, "mime_type": "image/jpeg"}}]
            contents = [{"role": "user", "parts": parts}, {"role": "model", "parts": [{"text": "Heard."}]}]
            config = {
                "system_instruction": LONG,
                "contents": contents,
                "display_name": "a cache",
                "ttl": "60s",
            }
            made = await theirs.caches.create(model=NAME, config=config)
            assert await resources.extend_cache(cache.name, 90.0) > cache.expires
            reads = {"cached_content": cache.name, "seed": 7}
            await langchain_s(server).ainvoke([HumanMessage("Go on.")], **reads)
            assert model.chat is not None
            await model.chat.ainvoke([HumanMessage("Go on.")], **reads)
            await resources.delete_cache(cache.name)
            assert server.shelf.live_caches() == [made.name]
    assert made.usage_metadata.total_token_count == cache.tokens
    one, other = server.shelf.caches.values()
    assert (one.model, one.prefix, one.label) == (other.model, other.prefix, other.label)
    assert question(server.asks[0]) == question(server.asks[1]) and server.asks[0].cached


async def test_batch_jobs_are_the_same() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            resources, client = GeminiResources(model), google_s(server)
            theirs = client.aio
            item = resources.batch_item("a key", CHATS["text"], model.options(SCHEMA, 7))
            ours = await resources.create_batch([item], "a job")
            config = {
                "system_instruction": "You recommend.",
                "temperature": None,
                "candidate_count": 1,
                "max_output_tokens": 2048,
                "seed": 7,
                "response_mime_type": "application/json",
                "response_json_schema": SCHEMA,
                "thinking_config": {"thinking_budget": 0},
            }
            request = {"contents": "Play something.", "config": config, "metadata": {"key": "a key"}}
            made = await theirs.batches.create(model=NAME, src=[request], config={"display_name": "a job"})
            job, looked = await resources.batch(ours, ["a key"]), await theirs.batches.get(name=ours)
            await theirs.batches.get(name=made.name)
    assert question(server.asks[0]) == question(server.asks[1])
    assert (job.name, job.state) == (looked.name, looked.state.value)
    answered = job.items["a key"].message
    assert answered is not None and answered.text == looked.dest.inlined_responses[0].response.text


async def test_the_server_serves_their_other_ways_too() -> None:
    with GeminiServer(pick_last) as server:
        chat = langchain_s(server, temperature=None, max_tokens=None)
        whole = str(chat.invoke("Hello.").text)
        pieces = [str(chunk.text) for chunk in chat.stream("Hello.")]
        client = google_s(server)
        counted = await client.aio.models.count_tokens(model=NAME, contents="Twelve chars")
        answer = await chat.ainvoke("Twelve chars")
    assert "".join(pieces) == whole and len([p for p in pieces if p]) == 3
    actions = [a.action for a in server.asks]
    assert actions == ["generateContent", "streamGenerateContent", "countTokens", "generateContent"]
    assert counted.total_tokens == (answer.usage_metadata or {})["input_tokens"] == 3


@pytest.mark.parametrize("version", ["v1", "v1alpha", "v1beta"])
async def test_every_version_of_the_interface_is_answered(version: str) -> None:
    with GeminiServer(pick_last) as server:
        client = google_s(server, version)
        theirs = client.aio
        await theirs.models.generate_content(model=NAME, contents="Hello.")
        await theirs.caches.create(model=NAME, config={"system_instruction": LONG, "contents": "Hello."})
        jobs: Mapping[str, Any] = {"contents": "Hello.", "metadata": {"key": "k"}}
        await theirs.batches.create(model=NAME, src=[jobs])
    assert server.versions == {version: 3}


@pytest.mark.slow
async def test_a_version_that_is_new_fails_by_name() -> None:
    with (
        pytest.raises(RuntimeError, match="asks for version 'v7' of the API"),
        GeminiServer(pick_last) as server,
    ):
        client = google_s(server, "v7")
        with pytest.raises(Exception):  # noqa: B017  # whatever a lost connection is to this client
            await client.aio.models.generate_content(model=NAME, contents="Hello.")
