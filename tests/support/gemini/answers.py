"""The bodies of the loopback server's answers: usage by modality, JSON, and server-sent events."""

from __future__ import annotations

import json
import math
from typing import Any

from ..models.loopback import HttpResponse
from .wire import Ask

UNASKED_THINKING = 100
"""Thinking tokens that are billed for a request that sets no budget."""


def usage_of(ask: Ask, text: str) -> dict[str, Any]:
    details = ask.prompt_details()
    thinking = UNASKED_THINKING if ask.budget is None else max(0, ask.budget)
    prompt, output = sum(details.values()), math.ceil(len(text) / ask.answer_ratio)
    usage: dict[str, Any] = {
        "promptTokenCount": prompt,
        "totalTokenCount": prompt + output + thinking,
        "promptTokensDetails": [{"modality": m, "tokenCount": n} for m, n in details.items()],
    }
    if ask.cached:
        usage["cachedContentTokenCount"] = sum(ask.cached.values())
        usage["cacheTokensDetails"] = [{"modality": m, "tokenCount": n} for m, n in ask.cached.items()]
    if output:
        usage["candidatesTokenCount"] = output
    if thinking:
        usage["thoughtsTokenCount"] = thinking
    return usage


def token_count(ask: Ask) -> dict[str, Any]:
    details = ask.prompt_details()
    listed = [{"modality": m, "tokenCount": n} for m, n in details.items()]
    return {"totalTokens": sum(details.values()), "promptTokensDetails": listed}


def json_response(body: dict[str, Any], status: int = 200) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, ensure_ascii=False).encode())


def event_stream(body: dict[str, Any]) -> HttpResponse:
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
