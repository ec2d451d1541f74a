"""Tokens of one call by kind, where the provider reports a bare sum and where it reports the parts."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from langchain_core.messages import AIMessage

from .reply import Usage
from .request import Request
from .spec import ModelSpec

IMAGE_TOKENS: Final = 258
"""Tokens of a picture of up to 384 pixels a side (Gemini API, "Understand and count tokens")."""

AUDIO_TOKENS_A_SECOND: Final = 32
"""Tokens of a second of audio (the same page)."""

CHARACTERS_A_TOKEN: Final = 4
"""For text whose tokens nobody reported, of whom nothing better is known."""

PROMPT_CHARACTERS: Final[Mapping[str, float]] = {
    "profile": 2.95,
    "goal": 3.13,
    "recsys": 3.20,
    "listener": 4.36,
}
"""Characters of a token in prompts by agent, as Gemini 2.5 counted seven logged conversations of this kind: track data
is numbers, names and marks, of which a token holds fewer than of prose."""

ANSWER_CHARACTERS: Final[Mapping[str, float]] = {"listener": 4.35, "recsys": 3.89}
"""The same of answers."""

BYTES_A_TOKEN: Final = 2
"""Fewer UTF-8 bytes than a token of text stands for: 2.79 was the least of 77 logged calls, and scripts of three bytes
a character come to about a token for each. What is counted by it is more than will be billed."""

MOST_OUTPUT: Final = 65_536
"""Tokens that a model may write where nothing limits it (Gemini 2.5)."""


MOST_COUNTED: Final = 1 << 40
"""Tokens that no provider counts in one call; more is a mistake of the server's, and no store could hold it."""


def usage_of(message: AIMessage, request: Request) -> Usage:
    """Tokens of the call that `request` made and `message` answered.

    The sum of the parts is the provider's sum. Where the provider reports none at all (a prompt that Gemini
    blocked, an answer that was cut off), both are reckoned from lengths, so that a budget errs on the safe side.
    """
    reported: Mapping[str, Any] = message.usage_metadata or {}
    total, output = _counted(reported.get("input_tokens")), _counted(reported.get("output_tokens"))
    if not reported:
        total = media_tokens(request, "image") + media_tokens(request, "audio") + text_tokens(request)
        characters = ANSWER_CHARACTERS.get(request.agent.value, CHARACTERS_A_TOKEN)
        output = math.ceil(len(str(message.text)) / characters)
    image, audio = _media_share(message, request, total)
    thinking = _counted((reported.get("output_token_details") or {}).get("reasoning"))
    return Usage(
        text=total - image - audio,
        image=image,
        audio=audio,
        cached=min(total, _counted((reported.get("input_token_details") or {}).get("cache_read"))),
        thinking=thinking,
        output=max(0, output - thinking),
    )


def expected_input(request: Request) -> Usage:
    """Tokens that the input of `request` will probably count, by kind."""
    image, audio = media_tokens(request, "image"), media_tokens(request, "audio")
    return Usage(text=text_tokens(request), image=image, audio=audio)


def most_usage(request: Request, spec: ModelSpec) -> Usage:
    """More tokens than a call of `request` can use: for money that is put aside before the call."""
    text = sum(len(m.text.encode("utf-8")) for m in request.messages)
    schema = len(json.dumps(request.schema, ensure_ascii=False).encode("utf-8"))
    output = MOST_OUTPUT if spec.max_output_tokens is None else spec.max_output_tokens
    return Usage(
        text=math.ceil((text + schema) / BYTES_A_TOKEN),
        image=media_tokens(request, "image"),
        audio=media_tokens(request, "audio"),
        thinking=spec.thinking_room,
        output=output,
    )


def media_tokens(request: Request, kind: str) -> int:
    """Tokens of all the request's clips (`audio`) or covers (`image`), repeats counted."""
    media = [medium for medium in request.media if medium.kind == kind]
    if kind == "image":
        return IMAGE_TOKENS * len(media)
    return sum(clip_tokens(medium.seconds or 0) for medium in media)


def text_tokens(request: Request) -> int:
    """Tokens of the request's text, estimated from its length."""
    return math.ceil(sum(len(m.text) for m in request.messages) / prompt_characters(request.agent.value))


def prompt_characters(agent: str) -> float:
    """Characters of a token in the agent's prompts, where nobody counted."""
    return PROMPT_CHARACTERS.get(agent, CHARACTERS_A_TOKEN)


def clip_tokens(seconds: float) -> int:
    """Tokens of one clip: 97 for three seconds, as logged."""
    return math.ceil(AUDIO_TOKENS_A_SECOND * seconds) + 1


def _media_share(message: AIMessage, request: Request, total: int) -> tuple[int, int]:
    """(image, audio) tokens among `total`: as reported, else counted from the request's media."""
    parts = _reported_parts(message)
    image = parts.get("IMAGE", media_tokens(request, "image"))
    audio = parts.get("AUDIO", media_tokens(request, "audio"))
    image = min(image, total)
    return image, min(audio, total - image)


def _reported_parts(message: AIMessage) -> dict[str, int]:
    """Modality -> tokens, from the provider's own split where its metadata carries one."""
    raw = message.response_metadata
    inner = raw.get("usage_metadata") or raw.get("usageMetadata") or {}
    for place in (raw, inner if isinstance(inner, Mapping) else {}):
        details = place.get("prompt_tokens_details") or place.get("promptTokensDetails")
        if isinstance(details, list):
            return dict(_part(detail) for detail in details if isinstance(detail, Mapping))
    reported: Mapping[str, Any] = message.usage_metadata or {}
    audio = (reported.get("input_token_details") or {}).get("audio")
    return {"AUDIO": _counted(audio)} if audio else {}


def _part(detail: Mapping[str, Any]) -> tuple[str, int]:
    modality = detail.get("modality", "")
    count = detail.get("token_count", detail.get("tokenCount", 0))
    return str(getattr(modality, "value", modality)).upper(), _counted(count)


def _counted(count: Any) -> int:
    """What a provider says it counted; nothing where it says what cannot be."""
    return count if isinstance(count, int) and 0 <= count < MOST_COUNTED else 0
