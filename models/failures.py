"""The one boundary where vendors' exceptions become our errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage

from ..core.errors import LostAnswerError, ModelError, ModelSetupError, QuotaError, TransientModelError
from .spec import KEY_VARIABLES, ModelSpec

TRANSIENT_STATUS = frozenset({408, 409, 425, 429, 499}) | frozenset(range(500, 600))
_CLIENT_LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "aiohttp"})
_LOST = frozenset(
    {"TransportError", "NetworkError", "ProtocolError", "TimeoutException"}
    | {"ClientConnectionError", "ClientPayloadError"}
)
"""Base classes of the lost connections and time-outs of those libraries."""
_SDK_LOST = frozenset({"APIConnectionError", "ModelConnectionError", "ModelTimeoutError"})
_UNSENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "ClientConnectorError", "ConnectionRefusedError"}
)
"""Losses before a request was sent."""
_TOO_LONG = re.compile(r"exceeds the maximum number of tokens allowed|token limit", re.IGNORECASE)
"""Gemini's words for a prompt that is too long; other clients have a class for it."""
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


def model_error(error: BaseException, spec: ModelSpec, secrets: Iterable[str] = ()) -> ModelError | None:
    """Our error for a vendor's; None for one that is no known failure of a model, such as a bug of ours.

    `secrets` are struck out of the vendor's text.
    """
    if isinstance(error, ModelError):
        return error
    chain = tuple(_chain(error))
    said = _redacted(_said(chain), secrets)
    status = next((s for s in map(_status, chain) if s is not None), None)
    too_long = status == 400 and _TOO_LONG.search(said)
    if too_long or any(isinstance(link, ContextOverflowError) for link in chain):
        return ModelSetupError(
            f"{spec.name}: the prompt is longer than the model takes: {said}",
            hint="use fewer modalities, a smaller pool, or a model with a longer context",
        )
    if status is not None:
        return _by_status(status, said, chain, spec)
    if any(_is_lost_connection(link) for link in chain):
        kind = TransientModelError if _is_unsent(chain) else LostAnswerError
        return kind(f"{spec.name}: {_kind_of_loss(chain)}: {said}")
    if any(_is_unreadable(link) for link in chain):
        return LostAnswerError(f"{spec.name}: the answer was not readable as JSON: {said}")
    return None


def carried_answer(error: BaseException) -> AIMessage | None:
    """The answer inside an exception: OpenAI's client raises where others return what was cut or blocked."""
    name = type(error).__name__
    if name == "ContentFilterFinishReasonError":
        return AIMessage("", response_metadata={"finish_reason": "content_filter"})
    completion = getattr(error, "completion", None)
    if name != "LengthFinishReasonError" or completion is None:
        return None
    usage = completion.usage
    counted = {
        "input_tokens": usage.prompt_tokens if usage else 0,
        "output_tokens": usage.completion_tokens if usage else 0,
        "total_tokens": usage.total_tokens if usage else 0,
    }
    return AIMessage(
        completion.choices[0].message.content or "",
        response_metadata={"finish_reason": "length"},
        usage_metadata=counted if usage else None,
    )


def _by_status(status: int, said: str, chain: tuple[BaseException, ...], spec: ModelSpec) -> ModelError:
    text = f"{spec.name}: {status}: {said}"
    if status in {402, 429} and (status == 402 or _is_used_up(chain)):
        return QuotaError(
            text, hint="the quota is used up for now; raise it, or run the same command later to resume"
        )
    if status in TRANSIENT_STATUS:
        # A 429 always asks for a wait; one that names no time asks for 0 s, and the backoff decides.
        asked = _retry_after(chain)
        return TransientModelError(text, retry_after=0.0 if asked is None and status == 429 else asked)
    return ModelSetupError(text, hint=_setup_hint(status, said, chain, spec))


def _setup_hint(status: int, said: str, chain: tuple[BaseException, ...], spec: ModelSpec) -> str:
    variables = " or ".join(KEY_VARIABLES.get(spec.provider, ())) or "the provider's key"
    reasons = {detail.get("reason") for detail in _details(chain)}
    if status in {401, 403} or "API_KEY_INVALID" in reasons:
        return f"check {variables}, and that the key may use this model"
    if status == 404:
        return "check the model's name after the colon, and --base-url if it is set"
    if "budget" in said.lower() or "thinking" in said.lower():
        return "set another thinking budget: some models cannot stop thinking, some cannot think"
    if "schema" in said.lower():
        return "this model does not take the answer's schema; choose one with structured output"
    return "the provider refuses the request as it is; trying again cannot help"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int | None:
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def _body(error: BaseException) -> Mapping[str, Any]:
    """The provider's error object, wherever its client keeps it."""
    for name in ("details", "body"):
        value = getattr(error, name, None)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, Mapping):
            inner = value.get("error")
            return inner if isinstance(inner, Mapping) else value
    return {}


def _details(chain: tuple[BaseException, ...]) -> list[Mapping[str, Any]]:
    found = (_body(error).get("details") for error in chain)
    return [d for details in found if isinstance(details, list) for d in details if isinstance(d, Mapping)]


def _said(chain: tuple[BaseException, ...]) -> str:
    """The provider's own sentence, without the repetition that clients add around it."""
    for error in chain:
        said = _body(error).get("message")
        if isinstance(said, str) and said.strip():
            return said.strip()
    first = str(chain[-1]).strip() or str(chain[0]).strip()
    return first.partition("\n")[0] or type(chain[0]).__name__


def _redacted(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "[key]")
    return text if len(text) <= 600 else f"{text[:600]}…"


def _is_used_up(chain: tuple[BaseException, ...]) -> bool:
    """Whether minutes do not bring the quota back: Gemini's per-day ones, OpenAI's empty account."""
    if any(_body(error).get("code") == "insufficient_quota" for error in chain):
        return True
    violations = [v for d in _details(chain) for v in d.get("violations", ()) if isinstance(v, Mapping)]
    return any("perday" in str(v.get("quotaId", "")).lower() for v in violations)


def _retry_after(chain: tuple[BaseException, ...]) -> float | None:
    """Seconds that the provider asks for, from RetryInfo or the Retry-After header."""
    for detail in _details(chain):
        match = _DELAY.fullmatch(str(detail.get("retryDelay", "")))
        if match:
            return float(match[1])
    headers = (getattr(getattr(error, "response", error), "headers", None) for error in chain)
    for found in headers:
        if found is None:
            continue
        if (ms := found.get("retry-after-ms")) and re.fullmatch(r"\d+(\.\d+)?", ms):
            return float(ms) / 1000
        if value := found.get("retry-after"):
            return _seconds(value)
    return None


def _seconds(value: str) -> float | None:
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:  # neither seconds nor a date: as good as not sent
        return None


def _is_lost_connection(error: BaseException) -> bool:
    if isinstance(error, (TimeoutError, ConnectionError)):
        return True
    kinds = type(error).__mro__
    if _SDK_LOST & {kind.__name__ for kind in kinds}:
        return True
    return any(k.__name__ in _LOST and k.__module__.partition(".")[0] in _CLIENT_LIBRARIES for k in kinds)


def _is_unsent(chain: tuple[BaseException, ...]) -> bool:
    return any(_UNSENT & {kind.__name__ for kind in type(error).__mro__} for error in chain)


def _kind_of_loss(chain: tuple[BaseException, ...]) -> str:
    timed_out = any("timeout" in kind.__name__.lower() for e in chain for kind in type(e).__mro__)
    return "no answer in time" if timed_out else "the connection was lost"


def _is_unreadable(error: BaseException) -> bool:
    return type(error).__name__ in {
        "UnknownApiResponseError",
        "JSONDecodeError",
        "APIResponseValidationError",
    }
