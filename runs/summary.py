"""What one conversation came to: turns, calls, tokens, cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..checkpoints.store.ledger import LedgerRow, StoredLedger
from ..checkpoints.store.threads import Thread
from ..checkpoints.store.usage_queries import Chosen
from ..core.errors import ConfigError
from ..models.prices import PriceTable, cost_usd
from ..state.document import turns_done
from .costs.bill import spent_on


def thread_summary(
    thread: Thread,
    channels: Mapping[str, Any],
    ledger: StoredLedger,
    prices: PriceTable,
    *,
    listed: bool = False,
) -> dict[str, Any]:
    """{thread_id, session_id, status, turns, model_calls, tokens, cost_usd} of one thread.

    With `listed` also {parent, run, created, goal, error}. `cost_usd` is None when a model has no price.
    """
    keys = [key for record in channels.get("records", ()) for key in record["calls"]]
    chosen = Chosen(thread_ids=[thread.thread_id], keys=keys)
    spent = spent_on(ledger.store, chosen, prices)
    goal = channels.get("goal") or {}
    row: dict[str, Any] = {
        "thread_id": thread.thread_id,
        "session_id": thread.session_id,
        "status": thread.status,
        "turns": turns_done(channels),
        "model_calls": round(spent.calls),
        "tokens": round(spent.tokens.total),
        "cost_usd": None if spent.total is None else round(spent.total, 6),
    }
    if listed:
        name = f"{goal['category']}-{goal['specificity']}" if goal else None
        row |= {
            "parent": thread.parent,
            "run": thread.run_id,
            "created": thread.created,
            "goal": name,
            "error": thread.error["message"] if thread.error else None,
        }
    return row


def cost_of(calls: Iterable[LedgerRow], prices: PriceTable) -> float | None:
    """USD for all the calls; None when one of them has no listed price, which is not the same as zero."""
    try:
        return round(sum(cost_usd(call.usage, call.model, prices) for call in calls), 6)
    except ConfigError:
        return None
