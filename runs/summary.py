"""What one conversation came to: turns, calls, tokens, cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..checkpoints.ledger import LedgerRow, StoredLedger
from ..checkpoints.sums import Chosen
from ..checkpoints.threads import Thread
from ..core.errors import ConfigError
from ..models.prices import PriceTable, cost_usd
from ..models.reply import Usage
from ..state.document import turns_done
from .costs import usd_of


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
    calls = ledger.rows(keys=keys, thread_ids=[thread.thread_id])
    usage = sum((call.usage for call in calls), Usage())
    goal = channels.get("goal") or {}
    row: dict[str, Any] = {
        "thread_id": thread.thread_id,
        "session_id": thread.session_id,
        "status": thread.status,
        "turns": turns_done(channels),
        "model_calls": len(calls),
        "tokens": usage.total,
        "cost_usd": usd_of(ledger.store, Chosen(thread_ids=[thread.thread_id], keys=keys), prices),
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
