"""What conversations came to: turns, calls, tokens, cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...agents.chair.spec import PREFIX
from ...checkpoints import Store
from ...checkpoints.store.ledger import LedgerRow
from ...checkpoints.store.listing import ListedThread
from ...checkpoints.store.reader import StoreReader
from ...checkpoints.store.threads import Thread
from ...checkpoints.store.usage_queries import Chosen, other_models
from ...core.errors import ConfigError
from ...models.costs.prices import PriceTable, cost_usd
from ...state.document import calls_behind, turns_done
from ..costs.bill import spent_on
from ..costs.by_conversation import Taken, taken_by_conversation

SHORT = ("thread_id", "session_id", "status", "turns", "model_calls", "tokens", "cost_usd")
"""Of a summary what `segue run --json` prints."""


def thread_summary(
    reader: StoreReader,
    thread: Thread | ListedThread,
    channels: Mapping[str, Any],
    prices: PriceTable,
) -> dict[str, Any]:
    """{thread_id, session_id, status, turns, model_calls, tokens, cost_usd, parent, run, created, goal, error} of one
    thread, by its state, what `models_of` says, and the recommender where one is in the chair. `cost_usd` is None when
    a model has no price.
    """
    chosen = Chosen(thread_ids=[thread.thread_id], keys=calls_behind(channels))
    spent = spent_on(reader.store, chosen, prices)
    goal = channels.get("goal") or {}
    name = f"{goal['category']}-{goal['specificity']}" if goal else None
    taken = Taken(round(spent.calls), spent.tokens.total, spent.total)
    return {**_summary(thread, turns_done(channels), name, taken), **models_of(reader.store, chosen)}


def thread_summaries(
    reader: StoreReader, threads: Sequence[ListedThread], prices: PriceTable
) -> list[dict[str, Any]]:
    """The same of many threads. States are read only of those whose rows do not tell all: that are being played, and
    what shares a session in a store of an earlier version."""
    told = {t.thread_id: t.keys for t in threads if t.keys is not None and t.status != "running"}
    told |= {t.thread_id: () for t in threads if t.status == "imported"}
    taken = taken_by_conversation(reader.store, told, prices)
    others: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for thread_id, *named in other_models(reader.store, Chosen(everything=True)):
        others[thread_id].append((named[0], named[1], named[2]))
    return [
        {
            **_summary(thread, thread.turns, _goal(thread), taken[thread.thread_id]),
            **_named(others.get(thread.thread_id, ())),
        }
        if thread.thread_id in told
        else thread_summary(reader, thread, reader.state(thread), prices)
        for thread in threads
    ]


def _goal(thread: ListedThread) -> str | None:
    return f"{thread.category}-{thread.specificity}" if thread.category and thread.specificity else None


def _summary(thread: Thread | ListedThread, turns: int, goal: str | None, taken: Taken) -> dict[str, Any]:
    return {
        "thread_id": thread.thread_id,
        "session_id": thread.session_id,
        "status": thread.status,
        "turns": turns,
        "model_calls": taken.calls,
        "tokens": round(taken.tokens),
        "cost_usd": None if taken.usd is None else round(taken.usd, 6),
        "parent": thread.parent,
        "run": thread.run_id,
        "created": thread.created,
        "goal": goal,
        "error": thread.error["message"] if thread.error else None,
        **({} if thread.recommender is None else {"recommender": thread.recommender}),
    }


def models_of(store: Store, chosen: Chosen) -> dict[str, Any]:
    """{models: agent -> {model: that answered, asked: that was asked}} of the agents whose calls another model answered
    than was asked; nothing where there are none."""
    return _named(dict.fromkeys(row[1:] for row in other_models(store, chosen)))


def _named(answers: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    found: dict[str, dict[str, str]] = {}
    for agent, asked, model in answers:
        before = found.get(agent, {}).get("model")
        found[agent] = {"model": f"{before}, {model}" if before else model, "asked": asked}
    return {"models": found} if found else {}


def played_by(
    models: Mapping[str, Mapping[str, Any]], answers: Iterable[tuple[str, str, str]]
) -> dict[str, dict[str, str]]:
    """Agent -> {model: that answered, asked: that was asked}; where the provider did not say, they are the same. A
    recommender in the recsys's chair counts as a model.

    Args:
        models: agent -> {name, ...}, as a thread's configuration has them.
        answers: (agent, model that was asked, model that answered) of its calls.
    """
    given = list(dict.fromkeys(answers))
    found = {}
    for agent, spec in models.items():
        names = [
            answerer
            for who, asked, answerer in given
            if who == agent and (asked == spec["name"] or asked.startswith(PREFIX))
        ]
        found[agent] = {"model": ", ".join(dict.fromkeys(names)) or spec["name"], "asked": spec["name"]}
    return found


def cost_of(calls: Iterable[LedgerRow], prices: PriceTable) -> float | None:
    """USD for all the calls; None when one of them has no listed price, which is not the same as zero."""
    try:
        return round(sum(cost_usd(call.usage, call.model, prices) for call in calls), 6)
    except ConfigError:
        return None
