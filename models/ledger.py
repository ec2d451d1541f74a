"""The call ledger: every model call under a content key, kept before its answer is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from ..core.errors import LedgerMissError, Place
from .reply import Reply
from .request import Request


@dataclass(frozen=True)
class Call:
    """One recorded model call.

    Attributes:
        key: content key (see `request.call_key`).
        place: the conversation, turn and agent that asked first; others may share the answer.
        attempt: 0 for the first answer, then one more for each repair.
        params: model parameters as sent (never a key or an address).
    """

    key: str
    place: Place
    attempt: int
    model: str
    params: dict[str, Any]
    stream: str
    request: Request
    reply: Reply


class Ledger(Protocol):
    """Where calls are kept."""

    async def find(self, key: str) -> Reply | None: ...

    async def record(self, call: Call) -> Reply:
        """Commit the call, and then give the reply that a replay will find: another worker may have asked the
        same and come first."""
        ...


class MemoryLedger:
    """A ledger in memory, for tests and for re-execution."""

    def __init__(self) -> None:
        self.calls: dict[str, Call] = {}

    async def find(self, key: str) -> Reply | None:
        call = self.calls.get(key)
        return call.reply if call else None

    async def record(self, call: Call) -> Reply:
        return self.calls.setdefault(call.key, call).reply


def missing(key: str, place: Place) -> LedgerMissError:
    """The error for a replay that asks what was never asked."""
    return LedgerMissError(
        f"{place}: the ledger holds no call under key {key}",
        hint="`segue replay THREAD --verify` shows what changed since it was recorded",
    )
