"""The one boundary where vendors' exceptions become our errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata

from ...core.errors import (
    HtmlBody,
    LostAnswerError,
    ModelError,
    OversizedAnswerError,
    OversizedBody,
    QuotaError,
    RefusedError,
    TransientModelError,
    UnfitBody,
)
from ...core.text import one_line
from ..spec import ModelSpec
from .refusals import (
    STREAM,
    Refusal,
    Refused,
    is_no_grammar,
    is_no_stream,
    is_too_long,
    refusal_hint,
    refused_for,
)
from .transport import Arrival
from .vendor_errors import (
    body_of,
    causes,
    error_within,
    is_used_up,
    reasons_of,
    retry_after,
    status_of,
    words_of,
)

_PACKAGE = f"{__name__.partition('.')[0]}."
LEAST_SECRET = 8
"""Characters that a key must have to be struck out of texts: a dummy such as `key` or `x` is part of words."""
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
_NO_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "CERTIFICATE_VERIFY_FAILED"}
)
"""OpenSSL's reasons that no further try changes."""


def model_error(
    error: BaseException, spec: ModelSpec, secrets: Iterable[str] = (), came: Arrival | None = None
) -> ModelError | None:
    """Our error for a vendor's; None for one that is no failure of a model, such as a bug of ours.

    Args:
        secrets: struck out of the vendor's text.
        came: what is known of the answer, where the client says. Whatever a vendor's client raises once an answer has
            come, it raises over that answer.
    """
    if isinstance(error, ModelError):
        return error
    chain = tuple(causes(error))
    said = _redacted(words_of(chain), secrets)
    unfit = next((link for link in chain if isinstance(link, UnfitBody)), None)
    if unfit is not None:
        return _unfit(unfit, _redacted(str(unfit), secrets), spec)
    status = next((s for s in map(status_of, chain) if s is not None), None)
    if is_too_long(status, said) or any(isinstance(link, ContextOverflowError) for link in chain):
        text = f"{spec.name}: the prompt is longer than the model takes: {said}"
        return _refused(Refused(Refusal.CONTEXT), text, said, spec)
    if status is not None:
        return _by_status(status, said, chain, spec)
    if any(isinstance(link, ssl.SSLError) and link.reason in _NO_TLS for link in chain):
        text = f"{spec.name}: {spec.base_url or 'the provider'} cannot be spoken to by TLS: {said}"
        return RefusedError(
            text,
            kind=Refusal.MODEL,
            hint="http:// in place of https:// for a server without TLS; else its certificate",
        )
    if any(_is_lost_connection(link) for link in chain):
        kind = TransientModelError if _is_unsent(chain) else LostAnswerError
        return kind(f"{spec.name}: {_kind_of_loss(chain)}: {said}")
    if any(_is_unreadable(link) for link in chain):
        return LostAnswerError(f"{spec.name}: the answer cannot be read: {said}{_quoted(came, secrets)}")
    if came is not None and came.answered and not _is_ours(error):
        what = f"{type(error).__name__}: {said}{_quoted(came, secrets)}"
        return LostAnswerError(f"{spec.name}: the answer cannot be read: {what}")
    return None


def carried_answer(error: BaseException) -> AIMessage | None:
    """The answer inside an exception: OpenAI's client raises where others return what was cut or blocked."""
    name = type(error).__name__
    if name == "ContentFilterFinishReasonError":
        return AIMessage("", response_metadata={"finish_reason": "content_filter"})
    completion = getattr(error, "completion", None)
    if name != "LengthFinishReasonError" or completion is None:
        return None
    text = completion.choices[0].message.content
    counts = [getattr(completion.usage, f"{kind}_tokens", None) for kind in ("prompt", "completion", "total")]
    counted = [count if isinstance(count, int) else 0 for count in counts]
    return AIMessage(
        text if isinstance(text, str) else "",
        response_metadata={"finish_reason": "length", "model_name": getattr(completion, "model", "")},
        usage_metadata=UsageMetadata(
            input_tokens=counted[0], output_tokens=counted[1], total_tokens=counted[2]
        )
        if any(counted)
        else None,
    )


def _unfit(body: UnfitBody, said: str, spec: ModelSpec) -> ModelError:
    if isinstance(body, OversizedBody):
        return OversizedAnswerError(
            f"{spec.name}: the answer is longer than any real one, {said}, and was not read to its end",
            hint="the server sends without end; look at its log, and check --base-url",
        )
    if isinstance(body, HtmlBody):
        return LostAnswerError(
            f"{spec.name}: the server answered HTML, no JSON: {said}",
            hint="check --base-url: a proxy, a login or a web page answers there",
        )
    return LostAnswerError(f"{spec.name}: the answer cannot be read: {said}")


def _quoted(came: Arrival | None, secrets: Iterable[str]) -> str:
    """What an answer says of an error of the server's, else how it begins."""
    head = came.head.decode(errors="replace").strip() if came is not None else ""
    said = error_within(head)
    if said:
        return f"; the server says: {_redacted(said, secrets)}"
    return f"; it begins with {one_line(_redacted(head, secrets), 120)}" if head else ""


def _is_ours(error: BaseException) -> bool:
    """Whether it was raised by a line of segue itself, and not by a library that segue has called."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and last.tb_frame.f_globals.get("__name__", "").startswith(_PACKAGE)


def _by_status(status: int, said: str, chain: tuple[BaseException, ...], spec: ModelSpec) -> ModelError:
    text = f"{spec.name}: {status}: {said}"
    if status in {402, 429} and (status == 402 or is_used_up(chain)):
        return QuotaError(
            text, hint="the quota is used up for now; raise it, or run the same command later to resume"
        )
    body = next(filter(None, map(body_of, chain)), {})
    words = f"{said} {reasons_of(chain)}"
    if is_no_grammar(status, words):
        return _refused(Refused(Refusal.FORMAT), text, said, spec)
    if is_no_stream(status, words):
        return _refused(Refused(Refusal.PARAMETER, STREAM), text, said, spec)
    if status in TRANSIENT_STATUS and not is_too_long(status, words):
        # A 429 always asks for a wait; one that names no time asks for 0 s, and the backoff decides.
        asked = retry_after(chain)
        return TransientModelError(text, retry_after=0.0 if asked is None and status == 429 else asked)
    return _refused(refused_for(status, words, body), text, said, spec)


def _refused(refused: Refused, text: str, said: str, spec: ModelSpec) -> RefusedError:
    hint = refusal_hint(refused, spec, said)
    return RefusedError(text, kind=refused.kind, parameter=refused.parameter, hint=hint)


def _redacted(text: str, secrets: Iterable[str]) -> str:
    """The words as one short line, without keys. What is shorter than any real key is a word, and stays."""
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            text = text.replace(secret, "[key]")
    return one_line(text)


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
