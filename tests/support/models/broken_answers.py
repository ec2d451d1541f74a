"""Answers of every kind that no provider should give, as strategies: of OpenAI's interface, and of Ollama's."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from .chat_server import completion
from .loopback import HttpResponse

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
"""Lone surrogates and NUL, too."""
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
STATUSES = st.sampled_from([200, 200, 200, 200, 400, 404, 422, 429, 500, 503])
TYPES = st.sampled_from(
    ["application/json", "text/html", "application/x-ndjson", "text/plain; charset=utf-16"]
)


def ollama_lines(text: Any, **end: Any) -> list[dict[str, Any]]:
    """Ollama's answer, an object a line."""
    begun = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False}
    closing = {"done": True, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5, **end}
    return [
        {**begun, "message": {"role": "assistant", "content": text}},
        {**begun, "message": {"role": "assistant", "content": ""}, **closing},
    ]


def _written(objects: list[Any]) -> bytes:
    return b"\n".join(json.dumps(found).encode() for found in objects)


@st.composite
def misfits(draw: st.DrawFn, ollama: bool) -> list[Any]:
    """The interface's objects, with one value anywhere in them replaced by anything or left out."""
    objects: list[Any] = ollama_lines("{}") if ollama else [completion("{}")]
    at: Any = objects
    while isinstance(at, (dict, list)) and at:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if draw(st.integers(0, 2)) and isinstance(at[key], (dict, list)) and at[key]:
            at = at[key]
            continue
        if draw(st.booleans()):
            at[key] = draw(ANY_JSON)
        else:
            del at[key]
        break
    return objects


@st.composite
def broken_answers(draw: st.DrawFn, ollama: bool) -> HttpResponse:
    """Any bytes, any text in place of an answer, values of other types, and what breaks off."""
    if draw(st.booleans()):
        data = draw(st.binary(max_size=80))
    elif draw(st.booleans()):
        text = draw(ANY_TEXT | ANY_JSON.map(json.dumps))
        data = _written(ollama_lines(text) if ollama else [completion(text)])
    else:
        data = _written(draw(misfits(ollama)))
        data = data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data
    return HttpResponse(draw(STATUSES), data, draw(TYPES))
