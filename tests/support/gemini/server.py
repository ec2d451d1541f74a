"""`GeminiServer`: the Gemini API on a loopback address, answered by the offline model, faulty on request."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from segue.core.hashing import digest

from ..models.loopback import HttpRequest, HttpResponse, Loopback
from .answerers import Answerer, offline_answerer
from .answers import event_stream, json_response, token_count, usage_of
from .batches import CREATE, JOB, Batches
from .faults import Fault, FaultPlan, applicable, refuse, spoil
from .meter import Meter, role_of
from .refusals import Refused
from .shelf import LEAST_CACHED, Shelf
from .wire import VERSIONS, Ask, decode, details_of, named, read_ask, read_json

MODELS = frozenset({"gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro"})
VERSION = re.compile(r"(?:/upload)?/(v\d\w*)/(.*)")
RESOURCE = re.compile(r"/upload/|/v\d\w*/(files|cachedContents|batches)\b|/v\d\w*/models/[^/]+:batchGenerate")
STATUS_NAMES = {403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it.

    Attributes:
        number: from 0, in order of arrival.
        arrived: `time.monotonic()` seconds.
        key: the API key that was sent.
        ask: None for a request that could not be decoded.
        fault: the one injected; None where there was none, or where it had no place.
        status: None for a dropped connection.
        text: of the answer as sent.
        usage: Gemini's `usageMetadata` as sent.
    """

    number: int
    arrived: float
    path: str
    key: str
    raw: bytes
    ask: Ask | None = None
    fault: Fault | None = None
    status: int | None = None
    text: str = ""
    usage: dict[str, Any] | None = None


class GeminiServer(Loopback):
    """Use as `with GeminiServer() as server: ChatGoogleGenerativeAI(base_url=server.url, api_key="test", …)`.

    `arrived` is set with the first request.

    Args:
        answerer: the offline model by default.
        latency: seconds before each answer; requests wait side by side.
        slow_s: further seconds of `Fault.SLOW`.
        retry_s: what a 429 asks the client to wait.
        api_key: refuse any other key; None takes every key.
        clock: seconds since 1970, for what expires and for storage.
        batch_s: how long a batch job takes, by the clock.
        keep: whether requests are kept for later inspection; a load test needs the memory.
        resource_faults: status of the n-th request for a file, cache or batch, in place of its answer.
        implicit: read repeated beginnings from caches of the server's own accord, and say so.
        ratios: role -> characters of a token in prompts, and role -> the same in answers; 4 elsewhere.
    """

    def __init__(
        self,
        answerer: Answerer | None = None,
        *,
        faults: FaultPlan | None = None,
        latency: float = 0.0,
        slow_s: float = 1.0,
        retry_s: float = 0.1,
        api_key: str | None = None,
        clock: Callable[[], float] = time.time,
        batch_s: float = 0.0,
        keep: bool = True,
        resource_faults: Iterable[int | None] = (),
        implicit: bool = False,
        ratios: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {}),
    ) -> None:
        super().__init__(self._handle)
        self._answerer = answerer or offline_answerer()
        self._faults = faults or FaultPlan()
        self._latency, self._slow_s, self._retry_s = latency, slow_s, retry_s
        self._api_key = api_key
        self._running = 0
        self.peak = 0
        self.arrived = threading.Event()
        self.exchanges: list[Exchange] = []
        self.resources: list[tuple[str, str, int]] = []
        """(method, path, status) of every request for a file, a cache or a batch."""
        self.versions: Counter[str] = Counter()
        """Requests by the version of the API that they ask for."""
        self.meter = Meter()
        self.shelf = Shelf(clock, self.meter, ratios[0])
        self._ratios = ratios
        self.implicit = implicit
        self._prefixes: set[str] = set()
        self.batches = Batches(clock, self._batched, batch_s)
        self._keep, self._resource_faults = keep, list(resource_faults)
        self._count = 0

    def usd(self) -> float:
        """What all of it would cost at Gemini 2.5 Flash's prices until now."""
        return self.meter.usd(self.shelf.storage())

    @property
    def asks(self) -> list[Ask]:
        """Every request that could be decoded, in order of arrival."""
        return [exchange.ask for exchange in self.exchanges if exchange.ask is not None]

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        self.meter.received_bytes += len(request.body)
        self._check_version(request.path)
        if RESOURCE.match(request.path):
            return self._resource(request)
        number, self._count = self._count, self._count + 1
        key = request.headers.get("x-goog-api-key", "")
        exchange = Exchange(number, time.monotonic(), request.path, key, request.body)
        if self._keep:
            self.exchanges.append(exchange)
        self.arrived.set()
        self._running += 1
        self.peak = max(self.peak, self._running)
        try:
            exchange, response = await self._answer(exchange)
        finally:
            self._running -= 1
        if self._keep:
            self.exchanges[number] = replace(exchange, status=response.status if response else None)
        return response

    def _resource(self, request: HttpRequest) -> HttpResponse:
        try:
            if "upload_id=" not in request.path:  # the address itself is the permission
                self._check_key(request.headers.get("x-goog-api-key", ""))
            number = len(self.resources)
            fault = self._resource_faults[number] if number < len(self._resource_faults) else None
            if fault is not None:
                raise Refused(fault, STATUS_NAMES.get(fault, "UNKNOWN"), "injected")
            response = self._route(request)
        except Refused as refused:
            response = json_response(refused.body(), refused.code)
        self.resources.append((request.method, request.path.partition("?")[0], response.status))
        return response

    def _route(self, request: HttpRequest) -> HttpResponse:
        path = request.path.partition("?")[0]
        if path.startswith("/upload/"):
            return self.shelf.upload(request)
        if match := CREATE.fullmatch(path):
            return self.batches.create(match[1], read_json(request.body), len(request.body))
        if match := JOB.fullmatch(path):
            return self.batches.look(request.method, match[1], match[2])
        name = path.split("/", 2)[2]
        if name == "batches":
            return self.batches.listed(request.path)
        if name == "cachedContents":
            return self.shelf.create_cache(read_json(request.body))
        if name.startswith("cachedContents/"):
            return self.shelf.cache(request.method, name, read_json(request.body))
        return self.shelf.file(request.method, name.removeprefix("files/"))

    def _batched(self, model: str, body: dict[str, Any], size: int) -> dict[str, Any]:
        """One request of a batch job. A cache is refused, as the real service was seen to do."""
        if named(body, "cachedContent"):
            raise Refused(
                400, "INVALID_ARGUMENT", f"Model {model} does not support cached content in batches."
            )
        ask = self._counted(read_ask(model, "generateContent", body, self.shelf, size))
        number, self._count = self._count, self._count + 1
        raw = json.dumps(body, sort_keys=True).encode()
        exchange = Exchange(number, time.monotonic(), "batch", "", raw if self._keep else b"", ask)
        fault = applicable(self._faults.draw(number, digest(raw)), ask)
        if self._keep:
            self.exchanges.append(replace(exchange, fault=fault))
        refuse(fault, model, self._retry_s)
        if fault in {Fault.DROPPED, Fault.GARBLED}:
            raise Refused(500, "INTERNAL", "An internal error has occurred.")
        text, usage, answer = self._body(ask, fault)
        self._meter(ask, usage, batch=True)
        if self._keep:
            self.exchanges[number] = replace(exchange, fault=fault, text=text, usage=usage, status=200)
        return answer

    def _meter(self, ask: Ask, usage: dict[str, Any], *, batch: bool = False) -> None:
        output = usage.get("candidatesTokenCount", 0) + usage.get("thoughtsTokenCount", 0)
        self.meter.asked(ask, output, batch=batch)

    async def _answer(self, exchange: Exchange) -> tuple[Exchange, HttpResponse | None]:
        try:
            self._check_key(exchange.key)
            ask = decode(exchange.path, exchange.raw, self.shelf)
            if ask.model not in MODELS:
                raise Refused(404, "NOT_FOUND", f"models/{ask.model} is not found for API version v1beta.")
        except Refused as refused:
            return exchange, json_response(refused.body(), refused.code)
        ask = self._counted(ask)
        exchange = replace(exchange, ask=ask)
        if ask.action == "countTokens":
            return exchange, json_response(token_count(ask))
        fault = applicable(self._faults.draw(exchange.number, digest(exchange.raw)), ask)
        exchange = replace(exchange, fault=fault)
        await asyncio.sleep(self._latency + (self._slow_s if fault is Fault.SLOW else 0.0))
        try:
            refuse(fault, ask.model, self._retry_s)
        except Refused as refused:
            return exchange, json_response(refused.body(), refused.code)
        if fault is Fault.DROPPED:
            return exchange, None
        if fault is Fault.GARBLED:
            return exchange, HttpResponse(200, b"<html>temporarily out of order</html>")
        return self._reply(exchange, ask, fault)

    def _counted(self, ask: Ask) -> Ask:
        """The request with its tokens counted, and with what this server has in a cache of its own."""
        role = role_of(ask)
        asked, said = self._ratios
        ask = replace(ask, ratio=asked.get(role, 4.0), answer_ratio=said.get(role, 4.0))
        if not self.implicit:
            return ask
        known = [n for n in range(1, len(ask.turns)) if _beginning(ask, n) in self._prefixes]
        self._prefixes |= {_beginning(ask, n) for n in range(1, len(ask.turns) + 1)}
        if not known or ask.cached:
            return ask
        held = details_of(ask.system, ask.turns[: known[-1]], ask.ratio)
        return replace(ask, cached=held) if sum(held.values()) >= LEAST_CACHED.get(ask.model, 4096) else ask

    def _reply(self, exchange: Exchange, ask: Ask, fault: Fault | None) -> tuple[Exchange, HttpResponse]:
        text, usage, body = self._body(ask, fault)
        self._meter(ask, usage)
        exchange = replace(exchange, text=text, usage=usage)
        return exchange, event_stream(body) if ask.action == "streamGenerateContent" else json_response(body)

    def _body(self, ask: Ask, fault: Fault | None) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """(text, usage, the answer's body)."""
        text = spoil(fault, self._answerer(ask), ask)
        limit = named(ask.config, "maxOutputTokens")
        cut = fault is Fault.TRUNCATED or (limit is not None and len(text) > 4 * limit)
        text = text[: 4 * limit] if limit is not None else text
        finish = "SAFETY" if fault is Fault.BLOCKED_ANSWER else "MAX_TOKENS" if cut else "STOP"
        silent = fault in {Fault.BLOCKED_PROMPT, Fault.BLOCKED_ANSWER, Fault.NO_CANDIDATES}
        text = "" if silent else text
        usage = usage_of(ask, text)
        body: dict[str, Any] = {"usageMetadata": usage, "modelVersion": ask.model, "responseId": "loopback"}
        if fault is Fault.BLOCKED_PROMPT:
            body["promptFeedback"] = {"blockReason": "SAFETY"}
        elif fault is not Fault.NO_CANDIDATES:
            content = {"role": "model", **({"parts": [{"text": text}]} if text else {})}
            body["candidates"] = [{"content": content, "finishReason": finish, "index": 0}]
        return text, usage, body

    def _check_version(self, path: str) -> None:
        """A version that is new to this server is no silent 404: the `with` block fails and names it."""
        match = VERSION.fullmatch(path.partition("?")[0])
        if match is None:
            return
        self.versions[match[1]] += 1
        if match[1] not in VERSIONS:
            raise RuntimeError(
                f"a client asks for version {match[1]!r} of the API ({path}), which this server does not know: "
                "read what is new in it, then add it to VERSIONS in tests/support/gemini/wire.py"
            )

    def _check_key(self, key: str) -> None:
        if not key:
            raise Refused(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
        if self._api_key is not None and key != self._api_key:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            # The key is quoted back on purpose: a client must not pass it on.
            raise Refused(
                400, "INVALID_ARGUMENT", f"API key not valid: {key}. Please pass a valid one.", [info]
            )


def _beginning(ask: Ask, turns: int) -> str:
    parts = [
        (role, [p if isinstance(p, str) else p.digest for p in said]) for role, said in ask.turns[:turns]
    ]
    return digest(repr((ask.model, ask.system, parts)))
