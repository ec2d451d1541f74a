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
from ..catalog.media import MediaLibrary, media_library
from ..checkpoints import SQLAlchemySaver, Store
from ..checkpoints.store.deliveries import StoredDeliveries
from ..checkpoints.store.ledger import StoredLedger
from ..checkpoints.store.threads import Threads
from ..core.hashing import digest_of
from ..core.stopping import StopSignal
from ..graph.builder import Compiled, build_graph, recursion_limit
from ..graph.context import Context
from ..models.caller import Caller
from ..models.costs.budget import Budget, CappedBudget, UnlimitedBudget
from ..models.costs.meter import Meter
from ..models.costs.prices import PriceTable, load_prices, require_prices
from ..models.delivery import ConversationDelivery, Delivery
from ..models.factory import ChatModel, closed_model, open_model
from ..models.ledger import Ledger
from ..models.limits import Backoff, RateLimits
from ..models.notices import CallNotices
from ..models.servers.answer_forms import Forms
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..state.channels import state_version
from ..state.partition import Partition
from .events import Events, Silent
from .plan import RunPlan
from .preparation.pools import SearchedPools
from .rate_limits import provider_limits
from .reporting.money import say_money
from .seating import Recommenders
from .servers import Servers
from .settings.config import PlaySettings
from .stopping import GatedCalls

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
        pools: what is searched where a pool is too large to be shown.
        signal: ends everything after the calls in flight.
        notices: tells the events of calls that are tried again or take long.
        opening: how a model is opened.
        closed: models are answered for by the ledger alone.
        backoff: how often a call is tried, and when again.
        servers: what is known of those that models are asked on.
        recommenders: those that sit in the recsys's chair.
    """

    store: Store
    saver: BaseCheckpointSaver[Any]
    ledger: Ledger
    media: MediaLibrary
    limits: RateLimits
    meter: Meter
    delivery: Delivery
    pools: SearchedPools
    signal: StopSignal = field(default_factory=StopSignal)
    events: Events = field(default_factory=Silent)
    notices: CallNotices = field(default_factory=CallNotices)
    opening: Opening = open_model
    closed: bool = False
    timeout_s: float = TIMEOUT_S
    backoff: Backoff = field(default_factory=Backoff)
    servers: Servers = field(default_factory=Servers)
    recommenders: Recommenders = field(default_factory=Recommenders)
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
        key = digest_of([plan.layout, plan.answer_rules, plan.prompt_overrides, plan.acts])
        if key not in self._prompts:
            self._prompts[key] = plan.library()
        return self._prompts[key]

    def graph(self, plan: RunPlan) -> Compiled:
        """The graph under the plan's partition."""
        kind: dict[str, Any] = {
            "version": state_version(plan.answer_rules),
            "shortlisted": plan.shortlist_size is not None,
            "acting": plan.acts,
            "single": plan.pipeline == "single",
        }
        key = digest_of([plan.partition, kind])
        if key not in self._graphs:
            self._graphs[key] = build_graph(self.saver, partition=Partition.from_json(plan.partition), **kind)
        return self._graphs[key]

    def model(self, spec: ModelSpec) -> ChatModel:
        """The model, opened once. Raises `ModelSetupError` for one that cannot be used."""
        if spec not in self._models:
            opened = self.delivery.opened(self.opening(spec))
            opened.concessions.say = self.events.say
            self._models[spec] = opened
        model, answering = self._models[spec], self.servers.answering(spec)
        return model if answering is None else replace(model, served=answering)

    def caller(
        self,
        models: Mapping[Any, ModelSpec],
        stream: str,
        *,
        turns: int,
        forms: Mapping[Any, Forms] | None = None,
    ) -> Caller:
        """One conversation's way to its models.

        Args:
            models: who asks -> the model that answers.
            stream: name of the random stream, part of every ledger key.
            turns: of the conversation, from which the calls to come are told.
            forms: see `Caller`.
        """
        return Caller(
            models={asker: self.model(spec) for asker, spec in models.items()},
            ledger=self.ledger,
            media=self.media,
            limits=self.limits,
            stream=stream,
            backoff=self.backoff,
            timeout_s=self.timeout_s,
            closed=self.closed,
            meter=self.meter,
            delivery=ConversationDelivery(self.delivery, turns),
            signal=self.signal,
            notices=self.notices,
            forms=forms or {},
        )

    def calls(self, plan: RunPlan, stream: str) -> Calls:
        """The calls of one thread, which the stop signal ends."""
        caller = self.caller(plan.models, stream, turns=plan.turns, forms=plan.answer_forms)
        return GatedCalls(self.recommenders.seated(plan.recommender, caller), self.signal)

    def context(
        self, thread_id: str, plan: RunPlan, calls: Calls, stream: str, *, retries: int = 0
    ) -> Context:
        """What the nodes of one thread are handed."""
        return Context(
            thread_id=thread_id,
            prompts=self.prompts(plan),
            calls=calls,
            partition=Partition.from_json(plan.partition),
            repairs=plan.repairs,
            retries=retries,
            chair=plan.chair(stream),
            shortlister=None if self.closed else self.pools.shortlister(thread_id, plan),
        )

    async def play(
        self, thread_id: str, plan: RunPlan, stream: str, *, first: Mapping[str, Any] | None, retries: int = 0
    ) -> None:
        """Play the thread to its end: from `first`, or from where its newest checkpoint stands.

        Every superstep is committed before the next one begins.

        Raises:
            SegueError: the conversation could not go on; what was committed stays.
        """
        context = self.context(thread_id, plan, self.calls(plan, stream), stream, retries=retries)
        state = dict(first) if first is not None else None
        async with self.delivery.playing(thread_id):
            await self.graph(plan).ainvoke(
                state, thread_config(thread_id, plan.turns), context=context, durability="sync"
            )

    async def values(self, thread_id: str, plan: RunPlan) -> dict[str, Any]:
        """The channels of the thread's newest checkpoint; empty when there is none."""
        return dict((await self.graph(plan).aget_state(thread_config(thread_id, plan.turns))).values)

    async def aclose(self) -> None:
        """End what lies with providers and costs money there, and close the models' connections."""
        await self.delivery.aclose()
        for model in self._models.values():
            await model.aclose()
        await self.recommenders.aclose()


def thread_config(thread_id: str, turns: int) -> RunnableConfig:
    """LangGraph's config for one thread of `turns` turns."""
    return {"configurable": {"thread_id": thread_id}, "recursion_limit": recursion_limit(turns)}


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
        timeout_s: of one try of a call, where the settings do not say.
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
    given = config.timeout or timeout_s
    runtime = make_runtime(store, config, limits, budget, prices=prices, events=events, timeout_s=given)
    try:
        for spec in wanted:
            runtime.model(spec)
        if (strict or config.max_cost is not None) and not config.allow_unpriced:
            require_prices({spec.price_name for spec in wanted}, prices)
        say_money(events, prices, budget, wanted)
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
    servers: Servers | None = None,
) -> Runtime:
    """A runtime under limits and a budget that may be shared with others; `Runtime.aclose` ends it."""
    prices, media = prices or load_prices(config.prices), media or media_library()
    meter = Meter(prices, budget)
    delivery = Delivery(config.delivery, StoredDeliveries(store), media.read, prices, meter=meter)
    opening = partial(
        open_model,
        latency=config.latency,
        at_once=config.concurrency,
        timeout_s=timeout_s,
        stream=config.stream,
    )
    saver, ledger, told = SQLAlchemySaver(store), StoredLedger(store), events or Silent()
    return Runtime(
        store,
        saver,
        ledger,
        media,
        limits,
        meter,
        delivery,
        SearchedPools(store, media, told.say),
        StopSignal(grace_s=config.stop_seconds),
        events=told,
        notices=CallNotices(told.say),
        opening=opening,
        timeout_s=timeout_s,
        servers=servers or Servers(),
    )
