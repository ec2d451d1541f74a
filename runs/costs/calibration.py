"""Calibration of an estimate: what the store already knows of the same models' answers, tokens and speed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...checkpoints import Store
from ...checkpoints.store.ledger import StoredLedger
from ...checkpoints.store.usage_queries import CallSum, Chosen, sample_keys, sum_calls
from ...models.usage import CHARACTERS_A_TOKEN
from ...state.values import Agent
from ..plan import RunPlan
from .answer_lengths import Lengths

LEAST_CALLS: Final = 5
"""Fewer calls of an agent say too little about how long its answers are."""

REQUESTS_READ: Final = 40
"""Requests whose text is measured against the tokens that were counted for it."""


@dataclass(frozen=True)
class Calibration:
    """What was found.

    Attributes:
        output: agent -> mean output tokens of a call; all agents or none.
        thinking: agent -> mean thinking tokens of a call.
        latency_s: model -> mean seconds of a call.
        calls: recorded calls of the plan's models.
    """

    output: Mapping[str, float]
    thinking: Mapping[str, float]
    latency_s: Mapping[str, float]
    characters_a_token: float
    calls: int

    def lengths(self, built_in: Mapping[str, tuple[float, float]]) -> Lengths:
        """Lengths that give the recorded means.

        Args:
            built_in: agent -> output tokens of a call without any words, and with those of the built-in lengths.
        """
        # Answers are measured in characters, which the same ratio turns into tokens again.
        ratio = self.characters_a_token / CHARACTERS_A_TOKEN
        scale = {
            agent: max(0.0, (mean * ratio - built_in[agent][0]) / (built_in[agent][1] - built_in[agent][0]))
            for agent, mean in self.output.items()
        }
        return Lengths(scale=scale, thinking=self.thinking, characters_a_token=self.characters_a_token)


def calibrate(store: Store, plan: RunPlan) -> Calibration:
    """What the store's calls to the plan's models say, agent by agent."""
    sums: dict[str, list[CallSum]] = defaultdict(list)
    latency: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    names = {agent.value: spec.name for agent, spec in plan.models.items()}
    for each in sum_calls(store, Chosen(everything=True, agents=[a.value for a in Agent])):
        if names.get(each.agent) == each.model:
            sums[each.agent].append(each)
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
        characters_a_token=_characters_a_token(store, set(names.values())) if enough else CHARACTERS_A_TOKEN,
        calls=sum(s.calls for found in sums.values() for s in found),
    )


def _mean(sums: list[CallSum], kind: str) -> float:
    return sum(s.tokens[kind] for s in sums) / sum(s.calls for s in sums)


def _characters_a_token(store: Store, models: set[str]) -> float:
    ledger, characters, tokens = StoredLedger(store), 0, 0
    for key, counted in sample_keys(store, sorted(models), REQUESTS_READ):
        request = ledger.read_request(key)
        parts = (part for message in (request or {}).get("messages", ()) for part in message["parts"])
        characters += sum(len(part["text"]) for part in parts if "text" in part)
        tokens += counted
    return characters / tokens if tokens else float(CHARACTERS_A_TOKEN)
