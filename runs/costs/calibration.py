"""Calibration of an estimate: what the store already knows of the same models' answers, tokens and speed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...checkpoints import Store
from ...checkpoints.store.ledger import StoredLedger
from ...checkpoints.store.usage_queries import (
    CallSum,
    Chosen,
    count_attempts,
    plain_calls,
    sample_keys,
    sum_calls,
)
from ...models.gemini.implicit import REPEATED_SHARE, ImplicitHits
from ...state.values import Agent
from ..plan import RunPlan
from .answer_lengths import Lengths

LEAST_CALLS: Final = 5
"""Fewer calls of an agent say too little about how long its answers are."""

REQUESTS_READ: Final = 12
"""Requests of an agent whose text is measured against the tokens that were counted for it."""


@dataclass(frozen=True)
class Calibration:
    """What was found.

    Attributes:
        output: agent -> mean output tokens of a call; all agents or none.
        thinking: agent -> mean thinking tokens of a call.
        latency_s: model -> mean seconds of a call.
        characters_a_token: agent -> of its prompts.
        calls: recorded calls of the plan's models.
        repairs: agent -> repairs for each question, where enough were asked.
        implicit: the recsys's provider was seen to cache repeated beginnings by itself.
    """

    output: Mapping[str, float]
    thinking: Mapping[str, float]
    latency_s: Mapping[str, float]
    characters_a_token: Mapping[str, float]
    calls: int
    repairs: Mapping[str, float] = field(default_factory=dict)
    implicit: bool = False

    def lengths(self, built_in: Mapping[str, tuple[float, float]]) -> Lengths:
        """Lengths that give the recorded means.

        Args:
            built_in: agent -> output tokens of a call without any words, and with those of the built-in lengths.
        """
        scale = {
            agent: max(0.0, (mean - built_in[agent][0]) / (built_in[agent][1] - built_in[agent][0]))
            for agent, mean in self.output.items()
        }
        return Lengths(
            scale=scale,
            thinking=self.thinking,
            measured=self.characters_a_token,
            repairs=self.repairs,
        )


def calibrate(store: Store, plan: RunPlan) -> Calibration:
    """What the store's calls to the plan's models say, agent by agent."""
    sums: dict[str, list[CallSum]] = defaultdict(list)
    latency: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    names = {agent.value: spec.name for agent, spec in plan.models.items()}
    seated = plan.recommender
    for each in sum_calls(store, Chosen(everything=True, agents=[a.value for a in Agent])):
        if names.get(each.agent) == each.model:
            sums[each.agent].append(each)
            latency[each.model][0] += each.latency_s
            latency[each.model][1] += each.calls
        elif seated is not None and each.model == seated.model:
            latency[each.model][0] += each.latency_s
            latency[each.model][1] += each.calls
    enough = all(sum(s.calls for s in sums[agent.value]) >= LEAST_CALLS for agent in Agent)
    free = {a.value for a, spec in plan.models.items() if spec.thinking_budget in {None, -1}}
    return Calibration(
        output={agent: _mean(found, "output") for agent, found in sums.items()} if enough else {},
        thinking={
            agent: _mean(found, "thinking") for agent, found in sums.items() if agent in free and found
        },
        latency_s={model: seconds / calls for model, (seconds, calls) in latency.items() if seconds},
        characters_a_token=_characters_a_token(store, names) if enough else {},
        calls=sum(s.calls for found in sums.values() for s in found),
        repairs=_repairs(store, names),
        implicit=_caches_itself(store, plan),
    )


def _repairs(store: Store, names: Mapping[str, str]) -> dict[str, float]:
    counted = count_attempts(store, list(names))
    asked = {agent: counted.get((agent, model), (0, 0)) for agent, model in names.items()}
    return {agent: calls / first - 1 for agent, (first, calls) in asked.items() if first >= LEAST_CALLS}


def _mean(sums: list[CallSum], kind: str) -> float:
    return sum(s.tokens[kind] for s in sums) / sum(s.calls for s in sums)


def _characters_a_token(store: Store, names: Mapping[str, str]) -> dict[str, float]:
    """Agent -> characters of a token in its prompts, from some of its calls to its model."""
    ledger, found = StoredLedger(store), dict[str, float]()
    for agent, model in names.items():
        characters, tokens = 0, 0
        for key, counted in sample_keys(store, model, agent, REQUESTS_READ):
            request = ledger.read_request(key)
            parts = (part for message in (request or {}).get("messages", ()) for part in message["parts"])
            characters += sum(len(part["text"]) for part in parts if "text" in part)
            tokens += counted
        if tokens:
            found[agent] = characters / tokens
    return found


def _caches_itself(store: Store, plan: RunPlan) -> bool:
    hits = ImplicitHits()
    for sent, cached in plain_calls(store, plan.models[Agent.RECSYS].name):
        hits.observe(REPEATED_SHARE * sent, cached)
    return bool(hits.granted)
