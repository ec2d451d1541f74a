"""What vendors' exceptions hold: status, words, details, and the wait that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Final

from .transport import first_line, is_html

_DELAY: Final = re.compile(r"(\d+(?:\.\d+)?)s")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def status_of(error: BaseException) -> int | None:
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None


def body_of(error: BaseException) -> Mapping[str, Any]:
    """The provider's error object, wherever its client keeps it."""
    for name in ("details", "body", "error"):  # Google's, OpenAI's, Ollama's
        value = getattr(error, name, None)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, Mapping):
            inner = value.get("error")
            return inner if isinstance(inner, Mapping) else value
        if isinstance(value, str) and value.strip():
            return {"message": value}
    return {}


def details_of(chain: tuple[BaseException, ...]) -> list[Mapping[str, Any]]:
    found = (body_of(error).get("details") for error in chain)
    return [d for details in found if isinstance(details, list) for d in details if isinstance(d, Mapping)]


def reasons_of(chain: tuple[BaseException, ...]) -> str:
    """Gemini's reasons in words of its own, such as API_KEY_INVALID."""
    return " ".join(str(detail["reason"]) for detail in details_of(chain) if detail.get("reason"))


def words_of(chain: tuple[BaseException, ...]) -> str:
    """The provider's own sentence, without the repetition that clients add around it."""
    said = next(filter(None, (_words(body_of(error)) for error in chain)), "")
    if said:
        return said
    first = str(chain[-1]).strip() or str(chain[0]).strip()
    return first.partition("\n")[0] or type(chain[0]).__name__


def error_within(answer: str) -> str:
    """What an answer with a good status says of an error; nothing where it says none."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, Mapping) else None
    return _words(error) if isinstance(error, Mapping) else _sentence(error)


def _words(body: Mapping[str, Any]) -> str:
    return next(filter(None, (_sentence(body.get(name)) for name in ("message", "error", "detail"))), "")


def _sentence(value: Any) -> str:
    """Words as they are, or FastAPI's list of what is wrong with which field of the request."""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_sentence, value)))
    if isinstance(value, Mapping):
        place = ".".join(map(str, value["loc"])) if isinstance(value.get("loc"), list) else ""
        words = [value[name] for name in ("msg", "type") if isinstance(value.get(name), str)]
        said = f"{words[0]} ({words[1]})" if len(words) == 2 else "".join(words)
        return f"{place}: {said}" if place and said else said
    if not isinstance(value, str):
        return ""
    return first_line(value) if is_html(value.encode(errors="replace")) else value.strip()


def is_used_up(chain: tuple[BaseException, ...]) -> bool:
    """Whether minutes do not bring the quota back: Gemini's per-day ones, OpenAI's empty account."""
    if any(body_of(error).get("code") == "insufficient_quota" for error in chain):
        return True
    violations = [v for d in details_of(chain) for v in d.get("violations", ()) if isinstance(v, Mapping)]
    return any("perday" in str(v.get("quotaId", "")).lower() for v in violations)


def retry_after(chain: tuple[BaseException, ...]) -> float | None:
    """Seconds that the provider asks for, from RetryInfo or the Retry-After header."""
    for detail in details_of(chain):
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
