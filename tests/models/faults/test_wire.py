"""What comes over the wire of OpenAI's, Ollama's and Gemini's interfaces when it is not what was promised."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from segue.core.errors import (
    LostAnswerError,
    ModelError,
    OversizedAnswerError,
    RefusedError,
    TransientModelError,
)
from segue.core.text import storable
from segue.models.caller import Caller
from segue.models.content import langchain_messages
from segue.models.factory import ChatModel, open_model
from segue.models.faults.failures import model_error
from segue.models.faults.transport import MOST_BYTES, Arrival, Intake
from segue.models.finish import reply_of
from segue.models.ledger import MemoryLedger
from segue.models.limits import Backoff, Limits
from segue.models.spec import ModelSpec
from segue.prompts.parts import message
from segue.state.values import Agent
from support.gemini.client import KEY, PLACE, recsys_request
from support.models.chat_server import Answer, Asked, ChatServer, answered, any_answer, completion, lines
from support.models.loopback import HttpRequest, HttpResponse, Loopback

ANY = st.text(st.characters(codec=None))
SCHEMA = recsys_request().schema
SAID = [HumanMessage("Hi.")]
NAMES = {"openai": "openai:gpt-x", "ollama": "ollama:m", "gemini": "google_genai:gemini-2.5-flash"}


class Same(Loopback):
    """Gives every request the same answer."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(self._handle)
        self._response = response

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        return self._response


@asynccontextmanager
async def opened(kind: str, server: Loopback) -> AsyncIterator[ChatModel]:
    if kind != "gemini":
        pytest.importorskip(f"langchain_{kind}")
    spec = ModelSpec.of(NAMES[kind], base_url=f"{server.url}/v1" if kind == "openai" else server.url)
    model = open_model(spec, environ={"OPENAI_API_KEY": KEY, "GOOGLE_API_KEY": KEY}, timeout_s=20)
    try:
        yield model
    finally:
        await model.aclose()


async def told(kind: str, response: HttpResponse) -> ModelError:
    """The error that a response becomes."""
    with Same(response) as server:
        async with opened(kind, server) as model:
            with pytest.raises(ModelError) as caught:
                await model.ask(SAID, SCHEMA)
    assert caught.value.message.startswith(NAMES[kind])
    return caught.value


def body(value: Any) -> HttpResponse:
    return HttpResponse(200, json.dumps(value).encode())


HALF = {"role": "assistant", "content": "{"}
CUT_OFF = lines({"model": "m", "message": HALF, "done": False}, {"error": "unexpected EOF"})
NOT_UTF_8 = (
    b'{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"\xff"}}]}'
)
OVERLOADED = {**completion(""), "choices": None, "error": {"message": "overloaded", "code": 502}}
DEEP = HttpResponse(200, b"[" * 100_000)
BROKEN: list[tuple[str, HttpResponse, str]] = [
    ("openai", body({**completion(""), "choices": []}), "cannot be read"),
    ("openai", body(OVERLOADED), "overloaded"),
    ("openai", HttpResponse(200, NOT_UTF_8), "UnicodeDecodeError"),
    ("openai", body({**completion("x"), "usage": {"prompt_tokens": "many"}}), "cannot be read"),
    ("openai", body({**completion("x"), "choices": [{"message": "hello"}]}), "cannot be read"),
    ("openai", DEEP, "cannot be read"),
    ("ollama", CUT_OFF, "unexpected EOF"),
    ("ollama", HttpResponse(200, NOT_UTF_8 + b"\n"), "cannot be read"),
    ("ollama", DEEP, "cannot be read"),
    ("ollama", body({"message": {"role": "assistant", "content": ["a"]}, "done": True}), "cannot be read"),
    ("gemini", body({"candidates": "none"}), "candidates: Input should be a valid list"),
    ("gemini", body({"candidates": [{"content": {"parts": [{"text": 5}]}}]}), "candidates.0.content.parts.0"),
    ("gemini", body({"usageMetadata": {"promptTokenCount": -1}}), "usageMetadata.promptTokenCount"),
    ("gemini", HttpResponse(200, b"\xff"), "cannot be read"),
    ("gemini", DEEP, "cannot be read"),
]


@pytest.mark.parametrize(("kind", "response", "said"), BROKEN)
async def test_an_answer_that_a_client_cannot_read_is_the_provider_s_fault(
    kind: str, response: HttpResponse, said: str
) -> None:
    error = await told(kind, response)
    assert isinstance(error, LostAnswerError) and said in error.message


@pytest.mark.parametrize(("kind", "response", "said"), [each for each in BROKEN if each[0] != "gemini"])
async def test_it_is_waited_out(kind: str, response: HttpResponse, said: str) -> None:
    ledger = MemoryLedger()
    with ChatServer(lambda asked: response if asked.number < 3 else any_answer(asked)) as server:
        async with opened(kind, server) as model:
            models, quick = {Agent.RECSYS: model}, Backoff(tries=4, base_s=0.001)
            asking = Caller(models, ledger, None, Limits(4), "stream-1", backoff=quick)
            answered = await asking.call(recsys_request(), place=PLACE, attempt=0)
    assert len(server.asked) == 3 and json.loads(answered.reply.text)["track_id"] == "t-one"
    assert list(ledger.calls) == [answered.key], "what cannot be read is no answer, and is not kept"


PAGE = HttpResponse(200, b"\n <!doctype html>\n<html>login</html>")


@pytest.mark.parametrize("kind", NAMES)
async def test_a_page_of_html_is_named_by_its_first_line(kind: str) -> None:
    error = await told(kind, PAGE)
    assert isinstance(error, TransientModelError)
    assert "answered HTML, no JSON: <!doctype html>" in error.message and "--base-url" in (error.hint or "")


class Endless(Loopback):
    """Answers one request, and goes on answering until nobody reads. `sent` counts bytes."""

    def __init__(self) -> None:
        super().__init__(lambda request: None)  # type: ignore[arg-type, return-value]
        self.sent = 0

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"x" * (1 << 16))
                await writer.drain()
                self.sent += 1 << 16
        writer.transport.abort()


@pytest.mark.parametrize("kind", NAMES)
async def test_an_answer_without_end_is_not_read_on(kind: str) -> None:
    with Endless() as server:
        async with opened(kind, server) as model:
            with pytest.raises(OversizedAnswerError, match="16 MiB") as caught:
                await model.ask(SAID, SCHEMA)
    assert not isinstance(caught.value, TransientModelError), "asking again would bring the same"
    assert MOST_BYTES < server.sent < 2 * MOST_BYTES, "no more than the buffers of the sockets hold"


@pytest.mark.parametrize("kind", NAMES)
async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read_on(kind: str) -> None:
    packed = gzip.compress(b"x" * (2 * MOST_BYTES), 1)
    error = await told(kind, HttpResponse(200, packed, headers={"content-encoding": "gzip"}))
    assert len(packed) < MOST_BYTES / 20 and isinstance(error, OversizedAnswerError)


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_a_packed_answer_is_read(kind: str) -> None:
    def pack(asked: Asked) -> Answer:
        plain = answered(asked, '{"a": 1}')
        return HttpResponse(200, gzip.compress(plain.body), plain.content_type, {"content-encoding": "gzip"})

    with ChatServer(pack) as server:
        async with opened(kind, server) as model:
            assert (await model.ask(SAID, SCHEMA)).text == '{"a": 1}'


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_text_that_utf_8_lacks_is_replaced_and_counted(kind: str) -> None:
    with ChatServer(lambda asked: '{"thought": "x \ud83d\x00", "message": "\ud83d\ude00"}') as server:
        async with opened(kind, server) as model:
            answer = await model.ask(SAID, SCHEMA)
    reply = reply_of(answer, recsys_request(), latency=0.0)
    assert reply.text == '{"thought": "x \ufffd\ufffd", "message": "\U0001f600"}'
    assert reply.replaced == 2 and reply.to_json()["replaced"] == 2


@pytest.mark.parametrize("kind", ["openai", "ollama"])
async def test_what_an_earlier_version_recorded_is_sent_without_what_utf_8_lacks(kind: str) -> None:
    recorded = [message("human", "Hi."), message("ai", "x \ud83d"), message("human", "once more")]
    with ChatServer(lambda asked: "{}") as server:
        async with opened(kind, server) as model:
            await model.ask(langchain_messages(recorded, None), SCHEMA)
    [asked] = server.asked
    assert asked.body["messages"][1]["content"] == "x \ufffd"


def test_a_reply_that_was_whole_is_recorded_as_ever() -> None:
    answer = AIMessage("all well \ufffd", response_metadata={"finish_reason": "stop"})
    assert "replaced" not in reply_of(answer, recsys_request(), latency=0.0).to_json()


@given(ANY, st.lists(st.integers(1, 9), min_size=1))
def test_escapes_are_mended_wherever_the_bytes_are_cut(text: str, cuts: list[int]) -> None:
    whole = json.dumps({text: [text, "\\\\" + text]}).encode()
    intake, said, at = Intake(ok=True), b"", 0
    for size in itertools.cycle(cuts):
        if at >= len(whole):
            break
        said += intake.take(whole[at : at + size])
        at += size
    assert json.loads(said + intake.end()) == {storable(text): [storable(text), storable("\\\\" + text)]}


def test_a_mistake_of_ours_is_no_provider_s_fault() -> None:
    spec, came = ModelSpec.of("openai:gpt-x"), Arrival(answered=True, head=b"{}")
    with pytest.raises(TypeError) as ours:
        spec.seed("a")  # type: ignore[arg-type]
    assert model_error(ours.value, spec, came=came) is None
    with pytest.raises(TypeError) as theirs:
        json.loads(b"[]")["choices"]
    assert isinstance(model_error(theirs.value, spec, came=came), LostAnswerError)
    with pytest.raises(UnicodeEncodeError) as unsent:
        "\ud83d".encode()
    assert model_error(unsent.value, spec, came=Arrival()) is None, (
        "no answer had come that could be at fault"
    )


REFUSED: list[tuple[str, int, dict[str, Any], str, str]] = [
    (
        "openai",
        422,
        {"detail": [{"loc": ["body"], "msg": "bad", "type": "v"}]},
        "422: body: bad (v)",
        "as it is",
    ),
    ("openai", 404, {"detail": "Not Found"}, "404: Not Found", "/v1"),
    ("openai", 401, {"error": {"message": f"wrong key {KEY}"}}, "wrong key [key]", "OPENAI_API_KEY"),
    ("openai", 400, {"error": {"message": "maximum context length is 8192"}}, "longer than", "--pool-size"),
    ("openai", 500, {"error": {"message": "the available context size"}}, "longer than", "--pool-size"),
    ("openai", 400, {"error": {"message": "a\x1b[2J\nb\x00c"}}, "400: a [2J b\ufffdc", "as it is"),
    ("openai", 400, {"error": {"message": "Failed to parse grammar"}}, "grammar", "--answer-format"),
    ("ollama", 404, {"error": 'model "m" not found, try pulling it first'}, "try pulling", "`ollama pull m`"),
    (
        "ollama",
        500,
        {"error": "failed to load model vocabulary required for format"},
        "vocab",
        "--answer-format",
    ),
]


@pytest.mark.parametrize(("kind", "status", "found", "said", "hint"), REFUSED)
async def test_a_refusal_in_the_server_s_own_words_with_the_hint_that_fits(
    kind: str, status: int, found: dict[str, Any], said: str, hint: str
) -> None:
    error = await told(kind, HttpResponse(status, json.dumps(found).encode()))
    assert isinstance(error, RefusedError)
    assert said in error.message and hint in (error.hint or "") and KEY not in str(error)


async def test_a_server_s_own_failure_in_its_own_words() -> None:
    error = await told("openai", HttpResponse(500, b'{"error": "plain string"}'))
    assert type(error) is TransientModelError and "500: plain string" in error.message
    page = await told("openai", HttpResponse(502, b"<html>\n<p>Bad gateway"))
    assert type(page) is TransientModelError and page.message.endswith("502: <html>")


async def test_a_short_key_is_no_secret_in_others_words() -> None:
    words = HttpResponse(404, b'{"error": {"message": "the model does not exist, key"}}')
    with Same(words) as server:
        spec = ModelSpec.of("openai:gpt-x", base_url=f"{server.url}/v1")
        model = open_model(spec, environ={"OPENAI_API_KEY": "key"})
        with pytest.raises(RefusedError, match="does not exist, key"):
            await model.ask(SAID, SCHEMA)
        await model.aclose()
