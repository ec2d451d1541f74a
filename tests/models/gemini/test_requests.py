"""What goes over the wire to Gemini, and what each of its failures becomes."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import traceback
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage
from segue.catalog.media import MediaLibrary
from segue.core.errors import ModelError, ModelSetupError, QuotaError, TransientModelError
from segue.core.hashing import digest
from segue.models.content import langchain_messages
from segue.models.factory import ChatModel, open_model
from segue.models.finish import reply_of
from segue.models.reply import Reply
from segue.models.request import Request
from segue.models.spec import ModelSpec
from segue.state.values import Medium
from support.catalog.small_media import clip_bytes, cover_bytes
from support.gemini.client import KEY, MODEL, TRACKS, gemini, pick_last, recsys_request
from support.gemini.faults import Fault, FaultPlan
from support.gemini.server import GeminiServer
from support.models.loopback import HttpRequest, HttpResponse


async def ask(model: ChatModel, request: Request, media: MediaLibrary | None = None) -> Reply:
    messages = langchain_messages(request.messages, media.read if media else None)
    return reply_of(await model.ask(messages, request.schema, seed=7), request, latency=0.0)


async def test_schema_with_enumeration_seed_and_thinking_budget_arrive() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server, temperature=0.5, max_output_tokens=300) as model:
            reply = await ask(model, recsys_request())
    sent = server.asks[0]
    config = sent.body["generationConfig"]
    assert sent.action == "generateContent"
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["properties"]["track_id"]["enum"] == list(TRACKS)
    assert config["responseJsonSchema"]["required"] == ["thought", "track_id", "message"]
    assert sent.budget == 0 and "thinkingConfig" in config
    assert (config["seed"], config["temperature"], config["maxOutputTokens"]) == (7, 0.5, 300)
    assert json.loads(reply.text)["track_id"] == TRACKS[-1]
    assert (reply.finish, reply.finish_reason) == ("stop", "STOP")


async def test_unset_parameters_are_not_sent() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server, thinking_budget=None, max_output_tokens=None) as model:
            await ask(model, recsys_request())
    config = server.asks[0].body["generationConfig"]
    assert not {"temperature", "thinkingConfig", "maxOutputTokens"} & set(config)


async def test_system_text_and_turns_arrive_in_their_places() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            await ask(model, recsys_request(picked="t-one"))
    sent = server.asks[0]
    assert sent.body["systemInstruction"]["parts"] == [{"text": "You recommend music."}]
    assert [role for role, _ in sent.turns] == ["user", "user", "model", "user"]
    assert sent.turns[-1][1] == ("Something slow, please.",)
    assert "You recommend music." not in json.dumps(sent.body["contents"])


async def test_media_arrive_inline_in_order_with_their_bytes(tmp_path: Path) -> None:
    clip, cover = clip_bytes(), cover_bytes()
    library = MediaLibrary(tmp_path)
    for data in (clip, cover):
        path = tmp_path / "blobs" / digest(data)[:2] / digest(data)
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    audio = Medium(kind="audio", digest=digest(clip), mime_type="audio/mp3", seconds=3.0)
    image = Medium(kind="image", digest=digest(cover), mime_type="image/jpeg")
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            reply = await ask(model, recsys_request(audio, image), library)
    sent = server.asks[0]
    assert [(b.mime_type, b.digest) for b in sent.media] == [
        ("audio/mp3", audio.digest),
        ("image/jpeg", image.digest),
    ]
    kinds = [part if isinstance(part, str) else part.kind for part in sent.turns[0][1]]
    assert kinds == ["The pool:", "audio", "image", "That is all."]
    assert b"http" not in server.exchanges[0].raw and b"fileUri" not in server.exchanges[0].raw
    details = sent.prompt_details()
    assert (reply.usage.image, reply.usage.audio) == (258, 97)
    assert abs(details["AUDIO"] - 96) <= 4, "an MP3 may be a frame longer than its source"
    assert reply.usage.input == sum(details.values())


async def test_usage_keeps_thinking_apart_from_output() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server, thinking_budget=64) as model:
            reply = await ask(model, recsys_request())
    assert reply.usage.thinking == 64
    assert reply.usage.output == math.ceil(len(reply.text) / 4)
    assert reply.usage.total == (server.exchanges[0].usage or {})["totalTokenCount"]


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (Fault.RATE_LIMIT, TransientModelError, "429"),
        (Fault.DAILY_QUOTA, QuotaError, "quota"),
        (Fault.INTERNAL, TransientModelError, "500"),
        (Fault.UNAVAILABLE, TransientModelError, "503"),
        (Fault.DROPPED, TransientModelError, "connection was lost"),
        (Fault.GARBLED, TransientModelError, "answered HTML"),
    ],
)
async def test_each_failure_becomes_the_right_error(fault: Fault, kind: type[ModelError], said: str) -> None:
    with GeminiServer(pick_last, faults=FaultPlan([fault]), retry_s=12.5) as server:
        async with gemini(server) as model:
            with pytest.raises(kind, match=said) as caught:
                await ask(model, recsys_request())
    assert len(server.exchanges) == 1, "the client's own retries are off"
    assert MODEL in str(caught.value)
    if fault is Fault.RATE_LIMIT:
        assert isinstance(caught.value, TransientModelError) and caught.value.retry_after == 12.5


@pytest.mark.parametrize(
    ("fault", "finish", "reason"),
    [
        (Fault.TRUNCATED, "length", "MAX_TOKENS"),
        (Fault.BLOCKED_PROMPT, "blocked", "SAFETY"),
        (Fault.BLOCKED_ANSWER, "blocked", "SAFETY"),
        (Fault.EMPTY_TEXT, "empty", "STOP"),
        (Fault.NO_CANDIDATES, "empty", ""),
        (Fault.MALFORMED, "stop", "STOP"),
    ],
)
async def test_each_bad_end_is_named(fault: Fault, finish: str, reason: str) -> None:
    with GeminiServer(pick_last, faults=FaultPlan([fault])) as server:
        async with gemini(server) as model:
            reply = await ask(model, recsys_request())
    assert (reply.finish, reply.finish_reason) == (finish, reason)
    assert reply.text == server.exchanges[0].text
    assert reply.usage.input > 0, "a blocked prompt is counted too"


async def test_a_server_that_ignores_the_enumeration_is_passed_on_as_received() -> None:
    faults = FaultPlan([Fault.UNKNOWN_ID, Fault.REPEATED_ID, Fault.EMPTY_FIELD])
    with GeminiServer(pick_last, faults=faults) as server:
        async with gemini(server) as model:
            answers = [json.loads((await ask(model, recsys_request(picked="t-one"))).text) for _ in range(3)]
    assert [a["track_id"] for a in answers] == ["no-such-track", "t-one", TRACKS[-1]]
    assert answers[2]["message"] == ""


async def test_late_answers_are_time_outs() -> None:
    spec = ModelSpec(name=MODEL)
    with GeminiServer(pick_last, faults=FaultPlan([Fault.SLOW]), slow_s=5) as server:
        spec = spec.model_copy(update={"base_url": server.url})
        model = open_model(spec, environ={"GEMINI_API_KEY": KEY}, timeout_s=0.2)
        with pytest.raises(TransientModelError, match="no answer in time"):
            await ask(model, recsys_request())
        await model.aclose()


async def test_the_key_is_sent_and_appears_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with GeminiServer(pick_last, api_key="another") as server:
        async with gemini(server) as model:
            with pytest.raises(ModelSetupError, match="API key not valid") as caught:
                await ask(model, recsys_request())
            shown = [repr(model), str(model), repr(model.spec), json.dumps(model.spec.params())]
    assert server.exchanges[0].key == KEY
    assert KEY.encode() not in server.exchanges[0].raw
    shown += [str(caught.value), repr(caught.value), caplog.text]
    shown += traceback.format_exception(caught.value)
    assert not [text for text in shown if KEY in text]
    assert "GOOGLE_API_KEY" in (caught.value.hint or "")


async def test_refusals_name_what_to_change() -> None:
    with GeminiServer(pick_last) as server:
        spec = ModelSpec(name="google_genai:gemini-0.1-nothing", base_url=server.url)
        model = open_model(spec, environ={"GOOGLE_API_KEY": KEY})
        with pytest.raises(ModelSetupError, match=r"404.*not found") as caught:
            await ask(model, recsys_request())
        await model.aclose()
    assert "model's name" in (caught.value.hint or "")


async def test_a_schema_that_the_service_refuses_is_a_setup_error() -> None:
    with GeminiServer(pick_last) as server:
        async with gemini(server) as model:
            with pytest.raises(ModelSetupError, match=r"400.*schema") as caught:
                await model.ask([HumanMessage("Hello.")], {"type": "object", "properties": {}, "not": {}})
    assert "--answer-format json" in (caught.value.hint or "")


class Gathering(GeminiServer):
    """Answers nobody before `size` requests are there at once."""

    def __init__(self, size: int) -> None:
        super().__init__(pick_last)
        self._missing = size
        self._all_there = asyncio.Event()

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        self._missing -= 1
        if not self._missing:
            self._all_there.set()
        await self._all_there.wait()
        return await super()._handle(request)


async def test_no_cap_of_the_client_s_own_holds_requests_back() -> None:
    with Gathering(120) as server:
        async with gemini(server) as model:
            await asyncio.gather(*(ask(model, recsys_request(ask=f"Song {i}.")) for i in range(120)))
    assert len(server.exchanges) == 120
