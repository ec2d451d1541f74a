"""`GeminiServer`: the Gemini API on a loopback address, answered by the offline model, faulty on request."""

from __future__ import annotations

import asyncio
import json
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from segue.core.hashing import digest

from .gemini_faults import Fault, FaultPlan, applicable, refuse, spoil
from .gemini_wire import Ask, Refused, decode, named
from .loopback import HttpRequest, HttpResponse, Loopback

Answerer = Callable[[Ask], str]
"""From a decoded request to the text of the answer."""

MODELS = frozenset({"gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro"})
UNASKED_THINKING = 100
"""Thinking tokens that are billed for a request that sets no budget."""


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

    @property
    def asks(self) -> list[Ask]:
        """Every request that could be decoded, in order of arrival."""
        return [exchange.ask for exchange in self.exchanges if exchange.ask is not None]

    async def _handle(self, request: HttpRequest) -> HttpResponse | None:
        number = len(self.exchanges)
        key = request.headers.get("x-goog-api-key", "")
        exchange = Exchange(number, time.monotonic(), request.path, key, request.body)
        self.exchanges.append(exchange)
        self.arrived.set()
        self._running += 1
        self.peak = max(self.peak, self._running)
        try:
            exchange, response = await self._answer(exchange)
        finally:
            self._running -= 1
        self.exchanges[number] = replace(exchange, status=response.status if response else None)
        return response

    async def _answer(self, exchange: Exchange) -> tuple[Exchange, HttpResponse | None]:
        try:
            self._check_key(exchange.key)
            ask = decode(exchange.path, exchange.raw)
            if ask.model not in MODELS:
                raise Refused(404, "NOT_FOUND", f"models/{ask.model} is not found for API version v1beta.")
        except Refused as refused:
            return exchange, _json(refused.body(), refused.code)
        exchange = replace(exchange, ask=ask)
        if ask.action == "countTokens":
            return exchange, _json(_count(ask))
        fault = applicable(self._faults.draw(exchange.number, digest(exchange.raw)), ask)
        exchange = replace(exchange, fault=fault)
        await asyncio.sleep(self._latency + (self._slow_s if fault is Fault.SLOW else 0.0))
        try:
            refuse(fault, ask.model, self._retry_s)
        except Refused as refused:
            return exchange, _json(refused.body(), refused.code)
        if fault is Fault.DROPPED:
            return exchange, None
        if fault is Fault.GARBLED:
            return exchange, HttpResponse(200, b"<html>temporarily out of order</html>")
        return self._reply(exchange, ask, fault)

    def _reply(self, exchange: Exchange, ask: Ask, fault: Fault | None) -> tuple[Exchange, HttpResponse]:
        text = spoil(fault, self._answerer(ask), ask)
        limit = named(ask.config, "maxOutputTokens")
        cut = fault is Fault.TRUNCATED or (limit is not None and len(text) > 4 * limit)
        text = text[: 4 * limit] if limit is not None else text
        finish = "SAFETY" if fault is Fault.BLOCKED_ANSWER else "MAX_TOKENS" if cut else "STOP"
        silent = fault in {Fault.BLOCKED_PROMPT, Fault.BLOCKED_ANSWER, Fault.NO_CANDIDATES}
        text = "" if silent else text
        usage = _usage(ask, text)
        body: dict[str, Any] = {"usageMetadata": usage, "modelVersion": ask.model, "responseId": "loopback"}
        if fault is Fault.BLOCKED_PROMPT:
            body["promptFeedback"] = {"blockReason": "SAFETY"}
        elif fault is not Fault.NO_CANDIDATES:
            content = {"role": "model", **({"parts": [{"text": text}]} if text else {})}
            body["candidates"] = [{"content": content, "finishReason": finish, "index": 0}]
        exchange = replace(exchange, text=text, usage=usage)
        return exchange, _events(body) if ask.action == "streamGenerateContent" else _json(body)

    def _check_key(self, key: str) -> None:
        if not key:
            raise Refused(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers.")
        if self._api_key is not None and key != self._api_key:
            info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
            # The key is quoted back on purpose: a client must not pass it on.
            raise Refused(
                400, "INVALID_ARGUMENT", f"API key not valid: {key}. Please pass a valid one.", [info]
            )


def offline_answerer(seed: int = 0) -> Answerer:
    """Answers by the offline model, which sees what Gemini would see and nothing else."""
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
    from segue.models.offline import OfflineChatModel

    model = OfflineChatModel(seed=seed)

    def answer(ask: Ask) -> str:
        messages: list[BaseMessage] = [SystemMessage(ask.system)] if ask.system else []
        for role, parts in ask.turns:
            content: list[str | dict[Any, Any]] = [
                {"type": "text", "text": p}
                if isinstance(p, str)
                else {"type": p.kind, "mime_type": p.mime_type, "base64": ""}
                for p in parts
            ]
            messages.append(AIMessage(content) if role == "model" else HumanMessage(content))
        return str(model.invoke(messages, seed=ask.config.get("seed", seed)).text)

    return answer


def _usage(ask: Ask, text: str) -> dict[str, Any]:
    details = ask.prompt_details()
    thinking = UNASKED_THINKING if ask.budget is None else max(0, ask.budget)
    prompt, output = sum(details.values()), math.ceil(len(text) / 4)
    usage: dict[str, Any] = {
        "promptTokenCount": prompt,
        "totalTokenCount": prompt + output + thinking,
        "promptTokensDetails": [{"modality": m, "tokenCount": n} for m, n in details.items()],
    }
    if output:
        usage["candidatesTokenCount"] = output
    if thinking:
        usage["thoughtsTokenCount"] = thinking
    return usage


def _count(ask: Ask) -> dict[str, Any]:
    details = ask.prompt_details()
    listed = [{"modality": m, "tokenCount": n} for m, n in details.items()]
    return {"totalTokens": sum(details.values()), "promptTokensDetails": listed}


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, ensure_ascii=False).encode())


def _events(body: dict[str, Any]) -> HttpResponse:
    """The answer as server-sent events: the text in three pieces, the end with the last."""
    candidates = body.get("candidates", [])
    parts = candidates[0]["content"].get("parts") if candidates else None
    if not parts:
        return HttpResponse(200, _event(body), "text/event-stream")
    text, step = parts[0]["text"], math.ceil(len(parts[0]["text"]) / 3)
    pieces = [text[i : i + step] for i in range(0, len(text), step)]
    first = [{"content": {"role": "model", "parts": [{"text": piece}]}, "index": 0} for piece in pieces]
    first[-1] |= {"finishReason": candidates[0]["finishReason"]}
    chunks = [_event({**body, "candidates": [candidate]}) for candidate in first]
    return HttpResponse(200, b"".join(chunks), "text/event-stream")


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\r\n\r\n"
