"""`Runtime`: what every call to a model goes through, built once in the only right order, and never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from ..agents.asking import Calls
from ..catalog.media import MediaLibrary
from ..checkpoints import SQLAlchemySaver, Store
from ..checkpoints.store.deliveries import StoredDeliveries
from ..checkpoints.store.ledger import StoredLedger
from ..checkpoints.store.threads import Threads
from ..core.hashing import digest_of
from ..core.places import cache_folder
from ..graph.builder import Compiled, build_graph, recursion_limit
from ..graph.context import Context
from ..models.budget import Budget, CappedBudget, UnlimitedBudget
from ..models.caller import Caller
from ..models.delivery import ConversationDelivery, Delivery
from ..models.factory import ChatModel, closed_model, open_model
from ..models.ledger import Ledger
from ..models.limits import RateLimits
from ..models.meter import Meter
from ..models.prices import PriceTable, load_prices, require_prices
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..state.partition import Partition
from .config import PlaySettings
from .events import Events, Silent
from .plan import RunPlan
from .rate_limits import provider_limits
from .stopping import GatedCalls, StopSignal

Opening = Callable[[ModelSpec], ChatModel]
Paid = Callable[[PriceTable], float]
"""USD that what is played has cost already, at these prices."""

TIMEOUT_S = 120.0
"""Of one try of a call, unless more is given."""


@dataclass(frozen=True)
class Runtime:
    """Shared by everything that one process plays. Belongs to one event loop.

    Attributes:
        saver: any LangGraph checkpointer.
        meter: counts what calls cost; its budget knows the cap, where there is one.
        delivery: how calls travel to providers.
        signal: ends everything after the calls in flight.
        opening: how a model is opened.
        closed: models are answered for by the ledger alone.
        timeout_s: of one try of a call.
    """

    store: Store
    saver: BaseCheckpointSaver[Any]
    ledger: Ledger
    media: MediaLibrary
    limits: RateLimits
    meter: Meter
    delivery: Delivery
    signal: StopSignal = field(default_factory=StopSignal)
    events: Events = field(default_factory=Silent)
    opening: Opening = open_model
    closed: bool = False
    timeout_s: float = TIMEOUT_S
    _prompts: dict[str, PromptLibrary] = field(default_factory=dict, repr=False)
    _graphs: dict[str, Compiled] = field(default_factory=dict, init=False, repr=False)
    _models: dict[ModelSpec, ChatModel] = field(default_factory=dict, init=False, repr=False)

    @property
    def threads(self) -> Threads:
        """The threads of the store."""
        return Threads(self.store)

    def replaying(self, saver: BaseCheckpointSaver[Any]) -> Runtime:
        """The same with a saver of its own, and every way to a model closed but the ledger."""
        return replace(self, saver=saver, closed=True, opening=closed_model)

    def prompts(self, plan: RunPlan) -> PromptLibrary:
        """The templates that `plan` names."""
        key = digest_of([plan.layout, plan.prompt_overrides])
        if key not in self._prompts:
            self._prompts[key] = PromptLibrary(plan.prompt_overrides, layout=plan.layout)
        return self._prompts[key]

    def graph(self, plan: RunPlan) -> Compiled:
        """The graph under the plan's partition."""
        key = digest_of(plan.partition)
        if key not in self._graphs:
            self._graphs[key] = build_graph(self.saver, partition=Partition.from_json(plan.partition))
        return self._graphs[key]

    def model(self, spec: ModelSpec) -> ChatModel:
        """The model, opened once. Raises `ModelSetupError` for one that cannot be used."""
        if spec not in self._models:
            self._models[spec] = self.delivery.opened(self.opening(spec))
        return self._models[spec]

    def caller(self, models: Mapping[Any, ModelSpec], stream: str, *, turns: int) -> Caller:
        """One conversation's way to its models.

        Args:
            models: who asks -> the model that answers.
            stream: name of the random stream, part of every ledger key.
            turns: of the conversation, from which the calls to come are told.
        """
        return Caller(
            models={asker: self.model(spec) for asker, spec in models.items()},
            ledger=self.ledger,
            media=self.media,
            limits=self.limits,
            stream=stream,
            timeout_s=self.timeout_s,
            closed=self.closed,
            meter=self.meter,
            delivery=ConversationDelivery(self.delivery, turns),
        )

    def calls(self, plan: RunPlan, stream: str) -> Calls:
        """The calls of one thread, which the stop signal ends."""
        return GatedCalls(self.caller(plan.models, stream, turns=plan.turns), self.signal)

    def context(self, thread_id: str, plan: RunPlan, calls: Calls, *, retries: int = 0) -> Context:
        """What the nodes of one thread are handed."""
        return Context(
            thread_id=thread_id,
            prompts=self.prompts(plan),
            calls=calls,
            partition=Partition.from_json(plan.partition),
            repairs=plan.repairs,
            retries=retries,
        )

    async def play(
        self, thread_id: str, plan: RunPlan, stream: str, *, first: Mapping[str, Any] | None, retries: int = 0
    ) -> None:
        """Play the thread to its end: from `first`, or from where its newest checkpoint stands.

        Every superstep is committed before the next one begins.

        Raises:
            SegueError: the conversation could not go on; what was committed stays.
        """
        context = self.context(thread_id, plan, self.calls(plan, stream), retries=retries)
        state = dict(first) if first is not None else None
        async with self.delivery.playing(thread_id):
            await self.graph(plan).ainvoke(
                state, thread_config(thread_id, plan.turns), context=context, durability="sync"
            )

    async def values(self, thread_id: str, plan: RunPlan) -> dict[str, Any]:
        """The channels of the thread's newest checkpoint; empty when there is none."""
        snapshot = await self.graph(plan).aget_state(thread_config(thread_id, plan.turns))
        return dict(snapshot.values)

    async def aclose(self) -> None:
        """End what lies with providers and costs money there, and close the models' connections."""
        await self.delivery.aclose()
        for model in self._models.values():
            await model.aclose()


def thread_config(thread_id: str, turns: int) -> RunnableConfig:
    """LangGraph's config for one thread of `turns` turns."""
    return {"configurable": {"thread_id": thread_id}, "recursion_limit": recursion_limit(turns)}


def media_library() -> MediaLibrary:
    """The library of prepared clips and covers, in the cache folder."""
    return MediaLibrary(cache_folder() / "media")


@asynccontextmanager
async def open_runtime(
    store: Store,
    config: PlaySettings,
    models: Iterable[ModelSpec] = (),
    *,
    paid: Paid = lambda prices: 0.0,
    events: Events | None = None,
    timeout_s: float = TIMEOUT_S,
    strict: bool = False,
) -> AsyncIterator[Runtime]:
    """A runtime on the store, with `models` opened and priced; at the end all that it opened is closed.

    Args:
        models: all that will be asked, as far as they are known.
        paid: what counts into the cap from before; asked only where there is one.
        strict: models without a price need the user's leave also where there is no cap.

    Raises:
        ModelSetupError: a model cannot be used.
        ConfigError: a setting is wrong, or a model has no price and nobody allowed that.
    """
    events, wanted = events or Silent(), list(dict.fromkeys(models))
    prices = load_prices(config.prices)
    limits = provider_limits(config)
    budget: Budget = UnlimitedBudget()
    if config.max_cost is not None:
        budget = CappedBudget(config.max_cost, paid(prices))
    runtime = make_runtime(store, config, limits, budget, prices=prices, events=events, timeout_s=timeout_s)
    try:
        for spec in wanted:
            runtime.model(spec)
        if (strict or config.max_cost is not None) and not config.allow_unpriced:
            require_prices({spec.price_name for spec in wanted}, prices)
        _say_money(runtime, wanted)
        yield runtime
    finally:
        await runtime.aclose()


def make_runtime(
    store: Store,
    config: PlaySettings,
    limits: RateLimits,
    budget: Budget,
    *,
    prices: PriceTable | None = None,
    media: MediaLibrary | None = None,
    events: Events | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Runtime:
    """A runtime under limits and a budget that may be shared with others; `Runtime.aclose` ends it."""
    prices, media = prices or load_prices(config.prices), media or media_library()
    meter = Meter(prices, budget)
    delivery = Delivery(config.delivery, StoredDeliveries(store), media.read, prices, meter=meter)
    opening = partial(open_model, latency=config.latency, at_once=config.concurrency, timeout_s=timeout_s)
    saver, ledger = SQLAlchemySaver(store), StoredLedger(store)
    return Runtime(
        store,
        saver,
        ledger,
        media,
        limits,
        meter,
        delivery,
        events=events or Silent(),
        opening=opening,
        timeout_s=timeout_s,
    )


def _say_money(runtime: Runtime, models: Iterable[ModelSpec]) -> None:
    prices, budget = runtime.meter.prices, runtime.meter.budget
    unpriced = sorted({spec.price_name for spec in models if not prices.lists(spec.price_name)})
    if unpriced:
        runtime.events.say(f"no price is listed for {', '.join(unpriced)}: these calls are not counted")
    if isinstance(budget, CappedBudget):
        runtime.events.say(f"cap ${budget.cap:.4f}; ${budget.paid:.4f} of it are paid already")


def say_totals(runtime: Runtime) -> None:
    """What was uploaded, cached and batched, and how far money under a cap has come, in a line each."""
    counts, meter = runtime.delivery.counts, runtime.meter
    said = ", ".join(f"{counts[name]} {what}" for name, what in DELIVERED.items() if counts[name])
    if said:
        runtime.events.say(said)
    if not isinstance(meter.budget, CappedBudget):
        return
    runtime.events.say(f"${meter.budget.paid:.4f} of ${meter.budget.cap:.4f} are counted")
    if meter.lost_usd:
        runtime.events.say(
            f"up to ${meter.lost_usd:.4f} of that is for answers that never came and may not be billed; "
            "a later run does not count it again"
        )


DELIVERED = {
    "uploads": "media uploaded",
    "created": "caches made",
    "reads": "calls read from caches",
    "implicit": "calls read from caches that the provider keeps by itself",
    "left_to_provider": "prompts left to those, which cost less than caches of ours",
    "lost": "uploads or caches lost and made good",
    "failed": "caches that could not be made",
    "jobs": "batch jobs",
    "calls": "calls in them",
    "failed_calls": "of them asked again",
    "resumed": "answers taken up from earlier jobs",
}
"""`Delivery.counts` in words."""
