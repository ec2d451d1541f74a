"""Provenance: which runs a data set is from, how many of their conversations failed, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from ..checkpoints import Store
from ..checkpoints.store.ledger import LedgerRow
from ..checkpoints.store.reader import StoreReader
from ..checkpoints.store.run_sessions import RunSessions
from ..checkpoints.store.schema import RUNS, THREADS
from ..core.errors import ConfigError
from ..models.costs.prices import PriceTable, cost_usd
from ..models.reply import Usage
from ..state.values import Agent

PAPER: Final = {"recsys": 0.668, "listener": 0.251, "goal": 0.068, "profile": 0.012}
"""Each agent's share of the tokens in TalkPlayData 2."""

PAPER_COST: Final = 109.08
"""USD for 1,000 conversations there."""

_AT_ONCE: Final = 200


@dataclass
class AgentSpending:
    """Calls, tokens and USD; `cost` is None when a model has no listed price."""

    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float | None = 0.0


@dataclass
class Provenance:
    """Where the conversations of a store, or of one of its runs, come from.

    Attributes:
        runs: {run_id, plan, catalog, created} of each.
        statuses: status -> conversations, finished or not; imported ones are not counted.
        errors: type of error -> conversations that stand at it.
        spent: agent -> what all calls took, those of failed conversations included.
    """

    runs: list[dict[str, Any]]
    statuses: Counter[str]
    errors: Counter[str]
    spent: dict[str, AgentSpending]
    imported: int = 0

    @property
    def failure_share(self) -> float | None:
        """Of the conversations that ended; None when none did."""
        ended = self.statuses["done"] + self.statuses["failed"]
        return self.statuses["failed"] / ended if ended else None

    @property
    def cost(self) -> float | None:
        """USD for everything; None when a price is not known."""
        costs = [spent.cost for spent in self.spent.values()]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def tokens(self) -> int:
        return sum(spent.usage.total for spent in self.spent.values())


def provenance_of(reader: StoreReader, prices: PriceTable, run: str | None = None) -> Provenance:
    """What the store knows of how the conversations, or those of one run, were made."""
    columns = (THREADS.c.thread_id, THREADS.c.run_id, THREADS.c.status, THREADS.c.error)
    query = sa.select(*columns).order_by(THREADS.c.created)
    if run is not None:
        query = query.where(THREADS.c.run_id == reader.runs.find(run))
    with reader.store.read() as connection:
        found = connection.execute(query).all()
        runs = {row["run_id"]: dict(row) for row in connection.execute(RUNS.select()).mappings()}
    played = [row for row in found if row.status != "imported"]
    return Provenance(
        runs=[runs[run_id] for run_id in dict.fromkeys(row.run_id for row in found) if run_id in runs],
        statuses=Counter(row.status for row in played),
        errors=Counter(str(row.error["type"]) for row in played if row.error),
        spent=_spent(reader, prices, [row.thread_id for row in played]),
        imported=len(found) - len(played),
    )


def _spent(reader: StoreReader, prices: PriceTable, thread_ids: list[str]) -> dict[str, AgentSpending]:
    sums = {agent.value: AgentSpending() for agent in reversed(Agent)}
    for call in _calls(reader, thread_ids):
        spent = sums.get(call.agent)
        if spent is None:
            continue
        spent.calls += 1
        spent.usage += call.usage
        if spent.cost is not None:
            try:
                spent.cost += cost_usd(call.usage, call.model, prices)
            except ConfigError:
                # Not known is not nothing: the whole sum is unknown then.
                spent.cost = None
    return sums


def _calls(reader: StoreReader, thread_ids: list[str]) -> Iterator[LedgerRow]:
    """Every call once, under the thread that asked first."""
    for start in range(0, len(thread_ids), _AT_ONCE):
        yield from reader.ledger.rows(thread_ids=thread_ids[start : start + _AT_ONCE])


def shares(spent: Iterable[AgentSpending]) -> list[float]:
    """Each one's share of all the tokens."""
    counts = [one.usage.total for one in spent]
    whole = sum(counts) or 1
    return [count / whole for count in counts]


def run_plans(store: Store, run: str | None = None) -> list[dict[str, Any]]:
    """The plans of all runs, or of the one of that name, or whose id begins so."""
    query = sa.select(RUNS.c.plan)
    if run is not None:
        query = query.where(RUNS.c.run_id == RunSessions(store).find(run))
    with store.read() as connection:
        return [dict(row.plan) for row in connection.execute(query)]
