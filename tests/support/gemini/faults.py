"""The faults that the loopback server injects: which request gets which, and what it does to the answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from segue.core.random import stream

from .refusals import Refused
from .wire import Ask

_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"
_QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"


class Fault(StrEnum):
    """What can go wrong. The first group leaves no answer, the second spoils the answer."""

    RATE_LIMIT = "429 with RetryInfo"
    DAILY_QUOTA = "429, quota of the day used up"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    DROPPED = "connection dropped"
    GARBLED = "body that is not JSON"
    SLOW = "answer that comes late"

    MALFORMED = "answer that is not JSON"
    TRUNCATED = "answer cut off, MAX_TOKENS"
    UNKNOWN_ID = "track id that nobody knows"
    REPEATED_ID = "track id recommended before"
    EMPTY_FIELD = "empty field"
    BLOCKED_PROMPT = "prompt blocked"
    BLOCKED_ANSWER = "answer blocked, SAFETY"
    EMPTY_TEXT = "answer without text"
    NO_CANDIDATES = "no candidates"


class FaultPlan:
    """Which request gets which fault.

    By list: the n-th request gets the n-th fault (None for none), later ones none. By rates: drawn from
    `seed` and the request's own bytes, so that the order in which concurrent requests arrive changes nothing;
    the same bytes sent again draw anew.
    """

    def __init__(
        self,
        faults: Iterable[Fault | None] = (),
        *,
        rates: Mapping[Fault, float] | None = None,
        seed: int = 0,
    ) -> None:
        self._listed = list(faults)
        self._rates = dict(rates or {})
        if sum(self._rates.values()) > 1:
            raise ValueError(f"the rates sum to {sum(self._rates.values())}, more than 1")
        self._seed = seed
        self._seen: Counter[str] = Counter()

    def draw(self, number: int, body_digest: str) -> Fault | None:
        """The fault of request `number`, counted from 0."""
        self._seen[body_digest] += 1
        if number < len(self._listed):
            return self._listed[number]
        point = stream(self._seed, "fault", body_digest, self._seen[body_digest]).random()
        for fault, rate in self._rates.items():
            if point < rate:
                return fault
            point -= rate
        return None


def applicable(fault: Fault | None, ask: Ask) -> Fault | None:
    """`fault`, or None where the request has no place for it."""
    if fault is Fault.UNKNOWN_ID and not ask.track_ids:
        return None
    if fault is Fault.REPEATED_ID and not (ask.track_ids and ask.used_ids):
        return None
    return fault


def refuse(fault: Fault | None, model: str, retry_s: float) -> None:
    """Raise `Refused` for the faults that are an HTTP status."""
    if fault is Fault.RATE_LIMIT:
        raise _exhausted("GenerateRequestsPerMinutePerProjectPerModel", model, retry_s)
    if fault is Fault.DAILY_QUOTA:
        raise _exhausted("GenerateRequestsPerDayPerProjectPerModel", model, retry_s)
    if fault is Fault.INTERNAL:
        raise Refused(500, "INTERNAL", "An internal error has occurred. Please retry.")
    if fault is Fault.UNAVAILABLE:
        raise Refused(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def spoil(fault: Fault | None, text: str, ask: Ask) -> str:
    """The answer's text with the fault in it."""
    if fault is Fault.MALFORMED:
        return text.replace('"', "'", 3).rstrip("}") + "\n</answer>"
    if fault is Fault.TRUNCATED:
        return text[: max(1, len(text) // 2)]
    if fault is Fault.EMPTY_TEXT:
        return ""
    if fault is Fault.UNKNOWN_ID:
        return _with(text, track_id="no-such-track")
    if fault is Fault.REPEATED_ID:
        return _with(text, track_id=ask.used_ids[-1])
    if fault is Fault.EMPTY_FIELD:
        last = [name for name, value in json.loads(text).items() if isinstance(value, str)][-1]
        return _with(text, **{last: ""})
    return text


def _with(text: str, **fields: Any) -> str:
    return json.dumps({**json.loads(text), **fields}, ensure_ascii=False)


def _exhausted(quota_id: str, model: str, retry_s: float) -> Refused:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
        "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": model},
    }
    details = [
        {"@type": _QUOTA_FAILURE, "violations": [violation]},
        {"@type": _RETRY_INFO, "retryDelay": f"{retry_s:g}s"},
    ]
    return Refused(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details)
