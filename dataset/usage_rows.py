"""Calls and tokens of a conversation, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ..checkpoints.store.ledger import LedgerRow
from .rows import AgentUsage


def usage_of(calls: Iterable[LedgerRow]) -> list[AgentUsage]:
    """Calls and tokens by agent and model, in the order of first use."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for call in calls:
        kinds = sums.setdefault((call.agent, call.answerer), {})
        kinds["calls"] = kinds.get("calls", 0) + 1
        for kind in ("text", "image", "audio", "cached", "thinking", "output"):
            kinds[kind] = kinds.get(kind, 0) + getattr(call.usage, kind)
    return [
        cast(AgentUsage, {"agent": agent, "model": model, **kinds}) for (agent, model), kinds in sums.items()
    ]
