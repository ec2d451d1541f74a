"""What a provider refuses a request for, from its own words; and what to do about each kind of refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ...core.errors import RefusedError, SegueError
from ..providers import KEY_VARIABLES
from ..spec import ModelSpec


class Refusal(StrEnum):
    """What is refused; the `kind` of a `RefusedError`."""

    KEY = "key"
    MODEL = "model"
    """No such model there, or no such address."""
    CONTEXT = "context"
    """The prompt, or it and the answer, are longer than the model takes."""
    ENUMERATION = "enumeration"
    """The schema's list of legal values is too long or too large."""
    SCHEMA = "schema"
    """This schema."""
    FORMAT = "format"
    """The way of asking for a form of the answer: a schema at all, or JSON at all."""
    PARAMETER = "parameter"
    THINKING = "thinking"
    CONTENT = "content"
    """What the prompt says."""
    OTHER = "other"

    @property
    def for_all(self) -> bool:
        """Whether every other request to the model would be refused alike."""
        return self in {Refusal.KEY, Refusal.MODEL, Refusal.FORMAT, Refusal.PARAMETER, Refusal.THINKING}


def is_for_all(error: SegueError) -> bool:
    """Whether an error is about more than the one request: false for a refusal that others would not meet alike."""
    return not isinstance(error, RefusedError) or Refusal(error.kind).for_all


LESS_FORM: Final = frozenset({Refusal.SCHEMA, Refusal.FORMAT})
"""Refusals after which a looser form of answer may be taken: JSON without a schema, or a YAML block."""


@dataclass(frozen=True)
class Refused:
    """A refusal as it is read. `parameter`: the name of the one that is refused."""

    kind: Refusal
    parameter: str | None = None


STREAM: Final = "stream"
"""An answer in pieces, which may be cut off where it goes round."""

PARAMETERS: Final = (
    *("temperature", "top_p", "top_k", "min_p", "seed", "max_completion_tokens", "max_tokens"),
    *("repetition_penalty", "repeat_penalty", "frequency_penalty", "presence_penalty"),
)
"""Parameters that a refusal may be about, by the names that they have on the wire."""

_SIZE_STATUS: Final = frozenset({400, 413, 422, 500})
_CONTEXT: Final = re.compile(
    r"context_length_exceeded|exceed_context_size|context (?:length|size|window)|contextwindow"
    r"|maximum (?:model|input|prompt) length|max_model_len|prompt is too long|prompt too long"
    r"|exceeds the maximum number of tokens|exceeds? the (?:model's )?(?:maximum )?token limit|input token"
    r"|longer than the (?:model|maximum|context)|max_new_tokens|reduce the length of the (?:messages|prompt|input)",
    re.IGNORECASE,
)
"""OpenAI's, vLLM's, llama.cpp's, Ollama's, LM Studio's, TGI's, SGLang's, Anthropic's and Gemini's words."""
_ENUMERATION: Final = re.compile(
    r"too many states|\benum\w*\b.{0,80}(?:too (?:long|large|many|big)|at most|exceed|limit|maximum)"
    r"|(?:too many|at most \d+|maximum of \d+)\s+enum",
    re.IGNORECASE | re.DOTALL,
)
_FORMAT_FIELD: Final = re.compile(
    r"response_?(?:format|schema|json_?schema|mime_?type)|json_schema|json_object|json mode|structured output"
    r"|guided_|grammar|required for format",
    re.IGNORECASE,
)
_UNREADABLE_SCHEMA: Final = re.compile(
    r"invalid (?:json )?schema|unsupported schema|schema conversion|json schema|grammar", re.IGNORECASE
)
_UNKNOWN: Final = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|not (?:currently )?support|not permitted|not allowed"
    r"|not available|unavailable|not enabled|not implemented|extra_forbidden|deprecated|must be|invalid",
    re.IGNORECASE,
)
_PIECES: Final = r"\b(?:stream(?:s|ing|ed|_options)?|server-sent events?|sse|event-stream)\b"
_NOT: Final = (
    r"disabled|turned off|switched off|can(?:no|')t|cannot|unable|only|should be|must not|do(?:es)? ?n[o']t"
)
_NO_STREAM: Final = re.compile(
    rf"{_PIECES}[^.]{{0,80}}?(?:{_UNKNOWN.pattern})|(?:{_UNKNOWN.pattern})[^.]{{0,80}}?{_PIECES}"
    rf"|{_PIECES}[^.]{{0,30}}?\b(?:{_NOT})|\b(?:{_NOT})\b[^.]{{0,30}}?{_PIECES}|\bno {_PIECES}",
    re.IGNORECASE | re.DOTALL,
)
_LACKING: Final = re.compile(r"^no\b|support|implement|enabled|disabled|available|off\b", re.IGNORECASE)
"""What tells a server that cannot stream from one whose stream has failed."""
_STREAM_STATUS: Final = frozenset({405, 406, 415, 500, 501})
"""With which servers say, beside 400 and 422, that they send no answers in pieces."""
_KEY: Final = re.compile(
    r"API_KEY_INVALID|invalid_api_key|api key not valid|incorrect api key", re.IGNORECASE
)
_CONTENT: Final = re.compile(
    r"content_filter|content management policy|content policy|moderation|safety (?:system|filter)",
    re.IGNORECASE,
)


def refused_for(status: int, said: str, body: Mapping[str, Any]) -> Refused:
    """What a refusal is about.

    Args:
        said: the provider's words.
        body: the error object that they stood in; its codes and field names count as words too.
    """
    words = " ".join([said, *(str(body[name]) for name in ("code", "type", "status") if body.get(name))])
    if status in {401, 403} or _KEY.search(words):
        return Refused(Refusal.KEY)
    if status == 404:
        return Refused(Refusal.MODEL)
    if status == 413 or is_too_long(status, words):
        return Refused(Refusal.CONTEXT)
    if _ENUMERATION.search(words):
        return Refused(Refusal.ENUMERATION)
    if _NO_STREAM.search(words):
        return Refused(Refusal.PARAMETER, STREAM)
    if _FORMAT_FIELD.search(words) or "schema" in words.lower():
        broken = _UNREADABLE_SCHEMA.search(words) and not re.search(r"not support", words, re.IGNORECASE)
        return Refused(Refusal.SCHEMA if broken else Refusal.FORMAT)
    name = _parameter(words, body)
    if name is not None:
        return Refused(Refusal.PARAMETER, name)
    if "budget" in words.lower() or "thinking" in words.lower():
        return Refused(Refusal.THINKING)
    return Refused(Refusal.CONTENT if _CONTENT.search(words) else Refusal.OTHER)


def is_too_long(status: int | None, words: str) -> bool:
    """Whether a provider says that prompt and answer do not fit its context, whatever its status calls it."""
    return status in _SIZE_STATUS and _CONTEXT.search(words) is not None


def is_no_grammar(status: int, words: str) -> bool:
    """Whether a server's own failure (500) is that it cannot enforce the answer's form."""
    return (
        status == 500
        and re.search(r"grammar|required for format|json schema", words, re.IGNORECASE) is not None
    )


def is_no_stream(status: int, words: str) -> bool:
    """Whether a status that is about no parameter says that a server sends no answers in pieces."""
    found = _NO_STREAM.search(words) if status in _STREAM_STATUS else None
    return found is not None and (status < 500 or _LACKING.search(found[0]) is not None)


def _parameter(words: str, body: Mapping[str, Any]) -> str | None:
    """The parameter that is refused; one that is named as the better choice is not."""
    if not _UNKNOWN.search(words):
        return None
    if body.get("param") in PARAMETERS:
        return str(body["param"])
    found = [(at.start(), name) for name in PARAMETERS if (at := re.search(rf"\b{name}\b", words))]
    return min(found)[1] if found else None


def refusal_hint(refused: Refused, spec: ModelSpec, said: str) -> str:
    """What to type or change next."""
    if refused.kind is Refusal.KEY:
        variables = " or ".join(KEY_VARIABLES.get(spec.provider, ())) or "the provider's key"
        return f"check {variables}, and that the key may use this model"
    if refused.kind is Refusal.MODEL:
        return _model_hint(spec, said)
    if refused.kind is Refusal.PARAMETER:
        return f"leave {refused.parameter} to the provider, or choose a model that takes it"
    return _HINTS[refused.kind]


def _model_hint(spec: ModelSpec, said: str) -> str:
    if spec.provider == "ollama" and "pull" in said:
        return f"`ollama pull {spec.model}` fetches it; or check the model's name after the colon"
    ending = {"openai": "; it mostly ends in /v1", "ollama": "; it has no /v1"}.get(spec.provider, "")
    return f"check the model's name after the colon, and --base-url if it is set{ending}"


_LESS: Final = (
    "--answer-format json asks for JSON without a schema, --answer-format yaml for a block of text, "
    "which every model can give"
)
_HINTS: Final = {
    Refusal.CONTEXT: "shorten the prompts (a smaller --pool-size, --lyrics-chars 0, --modalities text, fewer --turns), "
    "or choose a model or start the server with a longer context",
    Refusal.ENUMERATION: "--answer-format json asks without the list of track ids; a smaller --pool-size shortens it",
    Refusal.SCHEMA: _LESS,
    Refusal.FORMAT: _LESS,
    Refusal.THINKING: "set another --thinking-budget: some models cannot stop thinking, some cannot think",
    Refusal.CONTENT: "the provider refuses what this prompt says; other conversations may go on",
    Refusal.OTHER: "the provider refuses the request as it is; trying again cannot help",
}
