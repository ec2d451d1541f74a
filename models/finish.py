"""`reply_of`: a LangChain message as our `Reply`, with vendors' words for an end mapped to ours."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from langchain_core.messages import AIMessage

from .reply import Finish, Reply
from .request import Request
from .usage import usage_of

_ENDS: Final[dict[str, Finish]] = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "model_context_window_exceeded"), "length"),
    **dict.fromkeys(
        (
            *("safety", "recitation", "blocklist", "prohibited_content", "spii"),  # Gemini
            *("content_filter", "refusal", "content_filtered", "guardrail_intervened"),  # others
        ),
        "blocked",
    ),
}
"""Provider's word in lower case -> ours. A word that is not here is `other`, and no good end."""


def reply_of(message: AIMessage, request: Request, *, latency: float) -> Reply:
    """What came back, as a value. `latency` in seconds."""
    metadata = message.response_metadata
    text = str(message.text)
    finish, reason = _finish(metadata, text)
    usage = usage_of(message, request)
    return Reply(text=text, finish=finish, finish_reason=reason, usage=usage, latency=latency)


def _finish(metadata: Mapping[str, Any], text: str) -> tuple[Finish, str]:
    blocked = _word((metadata.get("prompt_feedback") or {}).get("block_reason"))
    if blocked and blocked != "BLOCKED_REASON_UNSPECIFIED":
        return "blocked", blocked
    names = ("finish_reason", "stop_reason", "done_reason")
    reason = next((_word(metadata[name]) for name in names if metadata.get(name)), "")
    finish = _ENDS.get(reason.lower(), "other")
    if not text.strip() and (finish == "stop" or not reason):
        return "empty", reason
    return finish, reason


def _word(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)
