"""What each of many conversations has taken, by a few sums of the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ...checkpoints import Store
from ...checkpoints.store.usage_queries import CallSum, Chosen, Part, sum_calls
from ...models.costs.prices import PriceTable
from .bill import cache_charges, call_usd

_IDS = 5000
"""Ids in one statement."""


@dataclass(slots=True)
class Taken:
    """Calls, tokens and USD; None when part of it has no price."""

    calls: int = 0
    tokens: float = 0.0
    usd: float | None = 0.0

    def add(self, calls: CallSum, usd: float | None) -> None:
        """Count the calls in, which cost that much."""
        self.calls += calls.calls
        self.tokens += calls.total
        self.usd = None if usd is None or self.usd is None else self.usd + usd


def taken_by_conversation(
    store: Store, shared: Mapping[str, Collection[str]], prices: PriceTable
) -> dict[str, Taken]:
    """Thread id -> what its calls and caches come to.

    Args:
        shared: the threads, each with the keys of the calls behind it that others asked first.
    """
    taken, usd_of = {thread_id: Taken() for thread_id in shared}, _Pricing(prices)
    for part in _parts(list(shared)):
        chosen = Chosen(thread_ids=part)
        for each in _sums(store, chosen, prices, by=("thread_id", "model")):
            taken[each.thread_id].add(each, usd_of(each))
        for caches, _, charge in cache_charges(store, chosen, prices, by=("thread_id", "agent", "model")):
            kept = taken[caches.thread_id]
            if kept.usd is not None:
                kept.usd += sum(charge.usd.values())
    users: dict[str, list[Taken]] = defaultdict(list)
    for thread_id, keys in shared.items():
        for key in keys:
            users[key].append(taken[thread_id])
    for part in _parts(list(users)):
        for each in _sums(store, Chosen(keys=part), prices, by=("key", "model")):
            usd = usd_of(each)
            for user in users[each.key]:
                user.add(each, usd)
    return taken


class _Pricing:
    """What sums of calls cost, each way to bill them looked up once: the price is so much for each token."""

    def __init__(self, prices: PriceTable) -> None:
        self._prices = prices
        self._rates: dict[tuple[str, int, bool], Mapping[str, float] | None] = {}

    def __call__(self, calls: CallSum) -> float | None:
        """USD; None without a price."""
        way = (calls.model, calls.passed, calls.batch)
        if way not in self._rates:
            self._rates[way] = self._look_up(calls)
        rates = self._rates[way]
        return None if rates is None else sum(rate * calls.tokens[name] for name, rate in rates.items())

    def _look_up(self, calls: CallSum) -> Mapping[str, float] | None:
        none = dict.fromkeys(calls.tokens, 0.0)
        each = {name: call_usd(replace(calls, tokens={**none, name: 1.0}), self._prices) for name in none}
        return None if None in each.values() else {name: usd for name, usd in each.items() if usd}


def _sums(store: Store, chosen: Chosen, prices: PriceTable, *, by: Sequence[Part]) -> Iterable[CallSum]:
    """The chosen calls, told apart by size only where a model's rates depend on it."""
    found = sum_calls(store, chosen, by=by)
    if any(prices.changes_rates(model) for model in {each.model for each in found}):
        return sum_calls(store, chosen, prices.thresholds, by=by)
    return found


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + _IDS] for at in range(0, len(ids), _IDS))
