"""The stage: everything that playing a thread needs, made once and shared by all threads of a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from ..agents.asking import Calls
from ..catalog.media import MediaLibrary
from ..core.hashing import digest_of
from ..graph.builder import Compiled, build_graph, recursion_limit
from ..graph.context import Context
from ..models.caller import Caller
from ..models.delivery import ConversationDelivery, Delivery
from ..models.factory import ChatModel, open_model
from ..models.ledger import Ledger
from ..models.limits import RateLimits
from ..models.meter import Meter
from ..models.spec import ModelSpec
from ..prompts.library import PromptLibrary
from ..state.partition import Partition
from .plan import RunPlan
from .stopping import GatedCalls, StopSignal

Opening = Callable[[ModelSpec], ChatModel]


@dataclass
class Stage:
    """Graphs, prompts and models by what decides them, opened on first use.

    Attributes:
        saver: any LangGraph checkpointer.
        limits: of each provider.
        closed: models are answered for by the ledger alone.
        opening: how a model is opened.
        meter: counts what calls cost, under a cap; None where nobody counts.
        delivery: how calls travel to providers; None sends everything with each call.
    """

    saver: BaseCheckpointSaver[Any]
    ledger: Ledger
    media: MediaLibrary
    limits: RateLimits
    signal: StopSignal = field(default_factory=StopSignal)
    closed: bool = False
    opening: Opening = open_model
    meter: Meter | None = None
    delivery: Delivery | None = None
    _graphs: dict[str, Compiled] = field(default_factory=dict)
    _prompts: dict[str, PromptLibrary] = field(default_factory=dict)
    _models: dict[ModelSpec, ChatModel] = field(default_factory=dict)

    def prompts(self, plan: RunPlan) -> PromptLibrary:
        """The templates that `plan` names."""
        key = digest_of(plan.prompt_overrides)
        if key not in self._prompts:
            self._prompts[key] = PromptLibrary(plan.prompt_overrides)
        return self._prompts[key]

    def graph(self, plan: RunPlan) -> Compiled:
        """The graph under the plan's partition."""
        key = digest_of(plan.partition)
        if key not in self._graphs:
            self._graphs[key] = build_graph(self.saver, partition=Partition.from_json(plan.partition))
        return self._graphs[key]

    def open_models(self, plan: RunPlan) -> None:
        """Open what the plan names, each model once. Raises `ModelSetupError` for what cannot be used."""
        for spec in plan.models.values():
            if spec not in self._models:
                model = self.opening(spec)
                self._models[spec] = self.delivery.opened(model) if self.delivery else model

    def calls(self, plan: RunPlan, stream: str) -> Calls:
        """One thread's way to its models."""
        self.open_models(plan)
        caller = Caller(
            models={agent: self._models[spec] for agent, spec in plan.models.items()},
            ledger=self.ledger,
            media=self.media,
            limits=self.limits,
            stream=stream,
            closed=self.closed,
            meter=self.meter,
            lane=ConversationDelivery(self.delivery, plan.turns) if self.delivery else None,
        )
        return GatedCalls(caller, self.signal)

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
        """
        context = self.context(thread_id, plan, self.calls(plan, stream), retries=retries)
        state = dict(first) if first is not None else None
        async with self.delivery.playing(thread_id) if self.delivery else nullcontext():
            await self.graph(plan).ainvoke(
                state, thread_config(thread_id, plan.turns), context=context, durability="sync"
            )

    async def values(self, thread_id: str, plan: RunPlan) -> dict[str, Any]:
        """The channels of the thread's newest checkpoint; empty when there is none."""
        snapshot = await self.graph(plan).aget_state(thread_config(thread_id, plan.turns))
        return dict(snapshot.values)

    async def aclose(self) -> None:
        """End what lies with providers and costs money there, and close the models' connections."""
        if self.delivery is not None:
            await self.delivery.aclose()
        for model in self._models.values():
            await model.aclose()


def thread_config(thread_id: str, turns: int) -> RunnableConfig:
    """LangGraph's config for one thread of `turns` turns."""
    return {"configurable": {"thread_id": thread_id}, "recursion_limit": recursion_limit(turns)}
