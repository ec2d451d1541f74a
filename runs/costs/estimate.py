"""`Estimate`: what a run will come to, predicted from rehearsals of some of its conversations."""

from __future__ import annotations

import asyncio
import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...models.costs.prices import PriceTable, Tokens
from ...prompts.library import PromptLibrary
from ...state.values import Agent
from ..plan import RunPlan
from ..preparation.first_states import Preparation
from .answer_lengths import LONG, Lengths
from .bill import Charge, Sheet, charge_of, kinds_json, spent_json, table_json
from .drawn_shortlists import DrawnShortlists
from .dry_run import DeliveryPath, Direct, DryCall, Played, dry_run
from .published import paper_json

CONFIDENCE: Final = 1.96
"""Standard errors to either side of 95 % (normal approximation)."""


@dataclass(frozen=True)
class Pacing:
    """What decides how long a run takes.

    Attributes:
        concurrency: calls at once.
        requests_per_minute, tokens_per_minute: provider -> limit, where there is one; tokens of input.
        latency_s: model -> seconds of a call, where it is known.
    """

    concurrency: int
    requests_per_minute: Mapping[str, float] = field(default_factory=dict)
    tokens_per_minute: Mapping[str, float] = field(default_factory=dict)
    latency_s: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """The prediction for `conversations`, scaled up from `sample` of them.

    Attributes:
        done: conversations of the run that the store already holds, and that are not in the prediction.
        sheet: calls, tokens and USD of all that are still to be played.
        long_usd: the same with answers as long as those of the original pipeline; None without a price.
        error: half of the 95 % interval of the cost that comes from sampling, as a part of it.
        repairs: agent -> repairs that are counted for each question.
        seconds: how long it takes; None when a model's latency is not known.
        least_seconds: how long the limits of requests and tokens a minute make it take at least.
        basis: where the lengths of answers come from, in words.
    """

    conversations: int
    sample: int
    done: int
    sheet: Sheet
    long_usd: float | None
    error: float
    seconds: float | None
    least_seconds: float
    basis: str
    prices: str
    repairs: Mapping[str, float] = field(default_factory=dict)

    @property
    def usd(self) -> float | None:
        """USD in all; None when a model has no price."""
        return self.sheet.whole.total

    def to_json(self) -> dict[str, Any]:
        """The document of `segue estimate --json`. USD are null where a price is not known."""
        whole = self.sheet.whole
        return {
            "conversations": self.conversations,
            "already_done": self.done,
            "sample": self.sample,
            "prices": self.prices,
            "unpriced": sorted(model for model, spent in self.sheet.models.items() if spent.unpriced),
            **spent_json(whole, whole),
            "cost_usd_long_answers": _rounded(self.long_usd),
            "saved_usd": round(whole.saved, 6),
            "sampling_error": round(self.error, 4),
            "by_agent": table_json(self.sheet.agents, whole),
            "by_kind": kinds_json(whole),
            "by_model": table_json(self.sheet.models, whole),
            "by_turn": table_json(self.sheet.turns, whole),
            "per_1000": self._per_1000(),
            "paper": paper_json(),
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "least_seconds": round(self.least_seconds, 1),
            "retries": 0.0,
            "repairs": {agent: round(rate, 4) for agent, rate in self.repairs.items()},
            "basis": self.basis,
        }

    def summary_json(self, model: str) -> dict[str, Any]:
        """What `segue catalog check --json` says of it, all agents played by `model`; USD are null without a price."""
        each = None if self.usd is None else self.usd / self.conversations
        return {
            "model": model,
            "conversations": self.conversations,
            "sample": self.sample,
            "usd": self.usd,
            "usd_per_conversation": each,
            "prices": self.prices,
        }

    def _per_1000(self) -> dict[str, Any] | None:
        if not self.conversations:
            return None
        tokens = {a: round(1000 * s.tokens.total / self.conversations) for a, s in self.sheet.agents.items()}
        usd = self.usd
        return {
            "cost_usd": None if usd is None else round(1000 * usd / self.conversations, 4),
            "tokens": tokens,
        }


@dataclass
class Tally:
    """Sums over rehearsed conversations. `repairs`: see `Lengths`."""

    prices: PriceTable
    factor: float
    repairs: Mapping[str, float] = field(default_factory=dict)
    sheet: Sheet = field(default_factory=Sheet)
    each: list[float] = field(default_factory=list)

    def add(self, played: Played) -> None:
        """Count one conversation in, as `factor` of them."""
        before = self.sheet.whole.known
        for call in played.calls:
            factor = self.factor * (1 + self.repairs.get(call.agent, 0.0))
            charge = self._charge(call, factor)
            for spent in self.sheet.parts(call.agent, call.spec.price_name, call.turn):
                spent.add(factor, _scaled(call.delivered.tokens, factor), charge)
        for (agent, model), usd in played.rest.items():
            charge = Charge(usd).times(self.factor)
            for spent in (self.sheet.whole, self.sheet.agents[agent], self.sheet.models[model]):
                spent.charge(charge)
        self.each.append(self.sheet.whole.known - before)

    def error(self, population: int) -> float:
        """See `Estimate.error`."""
        count, mean = len(self.each), statistics.fmean(self.each) if self.each else 0.0
        if count < 2 or not mean or count >= population:
            return 0.0
        unseen = 1 - count / population
        return CONFIDENCE * statistics.stdev(self.each) / mean * math.sqrt(unseen / count)

    def _charge(self, call: DryCall, factor: float) -> Charge | None:
        if not self.prices.lists(call.spec.price_name):
            return None
        price, delivered = self.prices.price(call.spec.price_name), call.delivered
        charge = charge_of(
            delivered.tokens, price, price.rates(delivered.tokens.input), batch=delivered.batch
        )
        return Charge({**charge.usd, **delivered.extra}, charge.direct).times(factor)


@dataclass(frozen=True)
class Estimator:
    """Predicts runs of one plan.

    Attributes:
        preparation: with media that need not exist, such as `AnnouncedMedia`.
        route: how calls will travel.
    """

    plan: RunPlan
    preparation: Preparation
    prompts: PromptLibrary
    prices: PriceTable
    route: DeliveryPath = field(default_factory=Direct)

    async def predict(
        self,
        session_ids: Sequence[str],
        *,
        done: int,
        sample: int,
        lengths: Lengths,
        pacing: Pacing,
        basis: str,
    ) -> Estimate:
        """The estimate for the conversations on `session_ids`, from `sample` of them spread over all."""
        chosen = spread(session_ids, sample)
        factor = len(session_ids) / len(chosen) if chosen else 0.0
        firsts = [await asyncio.to_thread(self._first_state, session_id) for session_id in chosen]
        ours = await self._tally(firsts, factor, lengths, self.route)
        long = await self._tally(firsts, factor, _longer(lengths), self.route)
        seconds, least = duration(ours.sheet, self.plan, pacing, len(session_ids))
        return Estimate(
            conversations=len(session_ids),
            sample=len(chosen),
            done=done,
            sheet=ours.sheet,
            long_usd=long.sheet.whole.total,
            error=ours.error(len(session_ids)),
            seconds=seconds,
            least_seconds=least,
            basis=basis,
            prices=self.prices.version,
            repairs=lengths.repairs,
        )

    async def answers(self, session_ids: Sequence[str], sample: int) -> Mapping[str, tuple[float, float]]:
        """Agent -> output tokens of a mean call: the fields' names and marks alone, and with the built-in lengths."""
        firsts = [self._first_state(session_id) for session_id in spread(session_ids, sample)]
        bare = await self._tally(firsts, 1.0, Lengths(scale={agent.value: 0.0 for agent in Agent}), Direct())
        full = await self._tally(firsts, 1.0, Lengths(), Direct())
        return {agent: (_output(bare, agent), _output(full, agent)) for agent in full.sheet.agents}

    async def _tally(
        self, firsts: Sequence[Mapping[str, Any]], factor: float, lengths: Lengths, route: DeliveryPath
    ) -> Tally:
        tally = Tally(self.prices, factor, lengths.repairs)
        for first in firsts:
            drawn = DrawnShortlists(self.preparation)
            tally.add(await dry_run(self.plan, self.prompts, first, lengths, route, shortlister=drawn))
        return tally

    def _first_state(self, session_id: str) -> Mapping[str, Any]:
        return self.preparation.first_state(session_id)


def spread(items: Sequence[str], count: int) -> list[str]:
    """`count` of the items, evenly spread over all of them."""
    count = min(count, len(items))
    return [items[(2 * i + 1) * len(items) // (2 * count)] for i in range(count)]


def duration(sheet: Sheet, plan: RunPlan, pacing: Pacing, conversations: int) -> tuple[float | None, float]:
    """(seconds, least seconds): with the models' latencies if all are known, and by the limits alone."""
    calls: dict[str, float] = defaultdict(float)
    tokens: dict[str, float] = defaultdict(float)
    for model, spent in sheet.models.items():
        provider = model.partition(":")[0]
        calls[provider] += spent.calls
        tokens[provider] += spent.tokens.input
    least = 0.0
    for amounts, limits in ((calls, pacing.requests_per_minute), (tokens, pacing.tokens_per_minute)):
        # What fits into the first minute starts at once.
        waits = (60 * max(0.0, n / limits[p] - 1) for p, n in amounts.items() if p in limits)
        least = max(least, *waits, 0.0)
    models = {spec.name for spec in plan.models.values()} | sheet.models.keys()
    if not models <= pacing.latency_s.keys() or not conversations:
        return None, least
    busy = sum(spent.calls * pacing.latency_s[model] for model, spent in sheet.models.items())
    rounds = math.ceil(conversations / pacing.concurrency)
    return max(least, rounds * busy / conversations), least


def _output(tally: Tally, agent: str) -> float:
    spent = tally.sheet.agents[agent]
    return spent.tokens.output / spent.calls


def _longer(lengths: Lengths) -> Lengths:
    return replace(lengths, chars=LONG, scale={})


def _scaled(tokens: Tokens, factor: float) -> Tokens:
    return Tokens(**{name: factor * count for name, count in vars(tokens).items()})


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 6)
