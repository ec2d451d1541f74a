"""`reply_of`: a LangChain message as our `Reply`, with vendors' words for an end mapped to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from langchain_core.messages import AIMessage

from ..core.text import one_line, received
from .reply import Finish, Reply
from .request import Request
from .servers.streams import GOES_ROUND
from .usage import usage_of

_ENDS: Final[dict[str, Finish]] = {
    **dict.fromkeys(("stop", "end_turn", "stop_sequence"), "stop"),
    **dict.fromkeys(("length", "max_tokens", "model_context_window_exceeded", GOES_ROUND), "length"),
    **dict.fromkeys(
        (
            *("safety", "recitation", "blocklist", "prohibited_content", "spii"),  # Gemini
            *("content_filter", "refusal", "content_filtered", "guardrail_intervened"),  # others
        ),
        "blocked",
    ),
}
"""Provider's word in lower case -> ours. A word that is not here is `other`, and no good end."""


REPLACED: Final = "segue_replaced"
"""In a message's metadata: characters that were replaced before its client read it."""
NOT_SENT: Final = "segue_not_sent"
"""In a message's metadata: what it was asked without."""


def reply_of(message: AIMessage, request: Request, *, latency: float, served: str | None = None) -> Reply:
    """What came back, as a value.

    Args:
        latency: in seconds.
        served: the one model that the server has, where that is known: some repeat the name that was asked for.
    """
    metadata = message.response_metadata
    text, replaced = received(str(message.text))
    finish, reason = _finish(metadata, text)
    return Reply(
        text=text,
        finish=finish,
        finish_reason=one_line(reason, 80),
        usage=usage_of(message, request),
        latency=latency,
        not_sent=tuple(metadata.get(NOT_SENT, ())),
        replaced=metadata.get(REPLACED, 0) + replaced,
        model=served or said_model(metadata),
        estimated=not message.usage_metadata,
    )


def said_model(metadata: Mapping[str, Any]) -> str:
    """The model that the provider says has answered; of a file on its disk, the file's name."""
    named = next((metadata[name] for name in ("model_name", "model") if metadata.get(name)), "")
    return model_label(str(named))


def model_label(name: str) -> str:
    """A model's name as a server gives it; of a file on its disk, the file's name."""
    is_file = name.endswith(".gguf") or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:\\", name)
    return one_line(re.split(r"[/\\]", name)[-1] if is_file else name, 200)


def _finish(metadata: Mapping[str, Any], text: str) -> tuple[Finish, str]:
    feedback = metadata.get("prompt_feedback")
    blocked = _word(feedback.get("block_reason")) if isinstance(feedback, Mapping) else ""
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
