"""`CostReport`: what conversations have cost, divided by agent, kind of token, model and turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...checkpoints import Store
from ...checkpoints.store.listing import count_conversations, count_estimated
from ...checkpoints.store.usage_queries import (
    CacheSum,
    CallSum,
    Chosen,
    Part,
    has_caches,
    sum_caches,
    sum_calls,
)
from ...models.costs.prices import KINDS, PER, Price, PriceTable, Rates, Tokens
from ...state.values import Agent
from .published import paper_json

CACHING: Final = ("cache_creation", "cache_storage")
"""What explicit caches cost besides being read."""


@dataclass(frozen=True)
class Charge:
    """USD by kind, and what the same tokens cost when everything is sent with every call at the full price."""

    usd: Mapping[str, float]
    direct: float = 0.0

    def times(self, factor: float) -> Charge:
        """So many of it."""
        return Charge({kind: factor * amount for kind, amount in self.usd.items()}, factor * self.direct)


@dataclass
class Spent:
    """Calls, tokens and USD of one part. `usd` leaves out `unpriced` calls, whose price is not known."""

    calls: float = 0
    unpriced: float = 0
    tokens: Tokens = field(default_factory=Tokens)
    usd: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*KINDS, *CACHING), 0.0))
    direct: float = 0.0
    latency_s: float = 0.0

    def add(self, calls: float, tokens: Tokens, charge: Charge | None) -> None:
        """Count calls in; None is no price."""
        self.calls += calls
        self.tokens += tokens
        if charge is None:
            self.unpriced += calls
        else:
            self.charge(charge)

    def charge(self, charge: Charge) -> None:
        """Count money in."""
        self.direct += charge.direct
        for kind, amount in charge.usd.items():
            self.usd[kind] += amount

    @property
    def total(self) -> float | None:
        """USD for everything; None when part of it has no price, which is not the same as zero."""
        return None if self.unpriced else sum(self.usd.values())

    @property
    def known(self) -> float:
        """USD for what has a price."""
        return sum(self.usd.values())

    @property
    def saved(self) -> float:
        """USD that caches and batches have saved, what caches cost deducted."""
        return self.direct - self.known


@dataclass
class Sheet:
    """One `Spent` for each part, under each way to divide the whole."""

    whole: Spent = field(default_factory=Spent)
    agents: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    models: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    turns: dict[int, Spent] = field(default_factory=lambda: defaultdict(Spent))

    def parts(self, agent: str, model: str, turn: int) -> tuple[Spent, ...]:
        """Everything that a call of `agent` to `model` in `turn` counts into."""
        return self.whole, self.agents[agent], self.models[model], self.turns[turn]


@dataclass(frozen=True)
class CostReport:
    """What the chosen conversations have cost.

    Attributes:
        conversations: (status, whether it is a branch) -> how many.
        prices: version of the table.
        estimated_calls: those whose tokens nobody counted.
    """

    sheet: Sheet
    conversations: Mapping[tuple[str, bool], int]
    prices: str
    estimated_calls: int = 0

    @property
    def done(self) -> int:
        """Finished conversations, branches too."""
        return sum(n for (status, _), n in self.conversations.items() if status == "done")

    @property
    def usd_per_1000(self) -> float | None:
        """USD for 1,000 finished conversations, what failed or was stopped on the way included."""
        total = self.sheet.whole.total
        return None if total is None or not self.done else 1000 * total / self.done

    @property
    def unpriced(self) -> list[str]:
        """Models without a price."""
        return sorted(model for model, spent in self.sheet.models.items() if spent.unpriced)

    def to_json(self) -> dict[str, Any]:
        """The document of `segue cost --json`. USD are null where a price is not known."""
        whole = self.sheet.whole
        return {
            "conversations": sum(self.conversations.values()),
            "done": self.done,
            "branches": sum(n for (_, branch), n in self.conversations.items() if branch),
            "prices": self.prices,
            "unpriced": self.unpriced,
            "estimated_calls": self.estimated_calls,
            **spent_json(whole, whole),
            "known_usd": round(whole.known, 6),
            "saved_usd": round(whole.saved, 6),
            "by_agent": table_json(self.sheet.agents, whole),
            "by_kind": kinds_json(whole),
            "by_model": table_json(self.sheet.models, whole),
            "by_turn": table_json(self.sheet.turns, whole),
            "per_1000": self._per_1000(),
            "paper": paper_json(),
        }

    def _per_1000(self) -> dict[str, Any] | None:
        if not self.done:
            return None
        tokens = {a: round(1000 * s.tokens.total / self.done) for a, s in self.sheet.agents.items()}
        usd = self.usd_per_1000
        return {"cost_usd": None if usd is None else round(usd, 4), "tokens": tokens}


def cost_report(store: Store, chosen: Chosen, prices: PriceTable) -> CostReport:
    """What the chosen calls have cost. Calls that several threads share are counted once."""
    counts = count_conversations(store, chosen), prices.version, count_estimated(store, chosen)
    return CostReport(_sheet(store, chosen, prices), *counts)


def spent_on(store: Store, chosen: Chosen, prices: PriceTable) -> Spent:
    """The chosen calls and their caches in one sum, as the report has it."""
    spent = Spent()
    for each in sum_calls(store, chosen, prices.thresholds, by=("model",)):
        add_calls([spent], each, prices)
    for *_, charge in cache_charges(store, chosen, prices):
        spent.charge(charge)
    return spent


def _sheet(store: Store, chosen: Chosen, prices: PriceTable) -> Sheet:
    sheet = Sheet()
    for each in sum_calls(store, chosen, prices.thresholds):
        add_calls(sheet.parts(each.agent, each.model, each.turn), each, prices)
    for caches, model, charge in cache_charges(store, chosen, prices):
        for spent in (sheet.whole, sheet.agents[caches.agent], sheet.models[model]):
            spent.charge(charge)
    return sheet


def add_calls(parts: Iterable[Spent], calls: CallSum, prices: PriceTable) -> None:
    """Count the calls of one sum into each of the parts."""
    tokens = Tokens(**calls.tokens)
    charge = _call_charge(calls, tokens, prices)
    for spent in parts:
        spent.add(calls.calls, tokens, charge)
        spent.latency_s += calls.latency_s


def paid(store: Store, run_id: str, prices: PriceTable) -> float:
    """USD that a run's conversations have cost so far, by the ledger; models without a price count nothing."""
    chosen = Chosen(runs=[run_id], agents=[agent.value for agent in Agent])
    return spent_on(store, chosen, prices).known


def paid_for(store: Store, thread_ids: Sequence[str], prices: PriceTable) -> float:
    """The same of the calls that these threads asked first."""
    parts = (thread_ids[at : at + 5000] for at in range(0, len(thread_ids), 5000))  # ids in one statement
    return sum(spent_on(store, Chosen(thread_ids=part), prices).known for part in parts)


def cache_charges(
    store: Store, chosen: Chosen, prices: PriceTable, *, by: Sequence[Part] = ("agent", "model")
) -> list[tuple[CacheSum, str, Charge]]:
    """(caches, the listed name of their model, what they cost besides being read)."""
    charges: list[tuple[CacheSum, str, Charge]] = []
    if not has_caches(store):
        return []
    for each in sum_caches(store, chosen, prices.thresholds, by=by):
        name = _listed(each.model, prices)
        if name is not None:
            price = prices.price(name)
            tokens = Tokens(**each.tokens)
            hours = each.token_hours * (price.storage or 0.0) / PER
            made = sum(_rates(price, prices, each.passed).cost(tokens).values())
            charges.append((each, name, Charge({"cache_creation": made, "cache_storage": hours})))
    return charges


def charge_of(tokens: Tokens, price: Price, rates: Rates, *, batch: bool = False) -> Charge:
    """What calls of these tokens cost."""
    usd = rates.cost(tokens)
    direct = sum(usd.values()) + rates.saved(tokens)
    factor = (price.batch or 1.0) if batch else 1.0
    return Charge({kind: factor * amount for kind, amount in usd.items()}, direct)


def _call_charge(each: CallSum, tokens: Tokens, prices: PriceTable) -> Charge | None:
    """What the calls cost; None without a price."""
    if not prices.lists(each.model):
        return None
    price = prices.price(each.model)
    return charge_of(tokens, price, _rates(price, prices, each.passed), batch=each.batch)


def call_usd(each: CallSum, prices: PriceTable) -> float | None:
    """USD for the calls of one sum; None without a price."""
    charge = _call_charge(each, Tokens(**each.tokens), prices)
    return None if charge is None else sum(charge.usd.values())


def _rates(price: Price, prices: PriceTable, passed: int) -> Rates:
    """All calls of a sum lie between the same two thresholds, so that any size between them finds their rates."""
    return price.rates(prices.thresholds[passed - 1] + 1 if passed else 0)


def _listed(model: str, prices: PriceTable) -> str | None:
    """The name under which a model is listed that is known by its provider's name alone; caches are Gemini's."""
    names = (model, f"google_genai:{model}")
    return next((name for name in names if prices.lists(name)), None)


def spent_json(spent: Spent, whole: Spent) -> dict[str, Any]:
    """{calls, unpriced_calls, tokens, share_of_tokens, cost_usd}; the share in percent."""
    total = spent.total
    return {
        "calls": round(spent.calls),
        "unpriced_calls": round(spent.unpriced),
        "tokens": round(spent.tokens.total),
        "share_of_tokens": percent(spent.tokens.total, whole.tokens.total),
        "cost_usd": None if total is None else round(total, 6),
    }


def kinds_json(whole: Spent) -> dict[str, Any]:
    """Kind -> {tokens, cost_usd}. Cached input is apart from the fresh input of its modality; what explicit caches
    cost besides has no tokens of its own."""
    counts: dict[str, Callable[[Tokens], float]] = {
        "text": lambda t: t.text - t.cached_text,
        "image": lambda t: t.image - t.cached_image,
        "audio": lambda t: t.audio - t.cached_audio,
        "cached": lambda t: t.cached,
        "thinking": lambda t: t.thinking,
        "output": lambda t: t.output,
    }
    return {
        kind: {
            "tokens": round(counts[kind](whole.tokens)) if kind in counts else 0,
            "cost_usd": None if whole.unpriced else round(whole.usd[kind], 6),
        }
        for kind in (*KINDS, *CACHING)
    }


def percent(part: float, whole: float) -> float:
    """Rounded to a tenth; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


def table_json(parts: Mapping[Any, Spent], whole: Spent) -> dict[str, Any]:
    """Name -> what `spent_json` says of the part."""
    return {str(name): spent_json(parts[name], whole) for name in ordered(parts)}


def ordered(names: Iterable[Any]) -> list[Any]:
    """Agents in the order in which they act, everything else sorted."""
    first = [agent.value for agent in Agent]
    return sorted(names, key=lambda n: (first.index(n), "") if n in first else (len(first), n))
