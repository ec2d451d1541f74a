"""The report of an ablation: what each cell measured, which differences stand, what sharing saved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from ..checkpoints.store.ledger import LedgerRow, StoredLedger
from ..checkpoints.store.threads import Thread
from ..models.costs.prices import PriceTable
from ..runs.experiments.ablation import AblationOutcome
from ..runs.experiments.ablation_plan import AblationPlan
from ..runs.reporting.summary import cost_of
from ..state.document import conversation
from ..state.values import Agent
from .bench.measures import BENCH_MEASURES
from .effects import Effect, Levels, Observation, corrected, interactions, main_effects
from .measured_part import PREPARED, Since, calls_behind, measured_part
from .measures import measure
from .plots import Drawing, plot_effects

ReadState = Callable[[Thread], Mapping[str, Any]]
"""The channels of a thread's newest checkpoint."""

ASKED_AT_ONCE = 500
"""Threads whose calls are looked up in one query; databases bound the number of parameters."""


@dataclass(frozen=True)
class CellResult:
    """One combination of levels.

    Attributes:
        conversations: finished ones. `failed`: those that were not.
        means: measure -> mean over its conversations; None where none had anything to measure.
    """

    levels: Levels
    conversations: int
    failed: int
    means: Mapping[str, float | None]


@dataclass(frozen=True)
class SharedCalls:
    """What the experiment would have cost, had every conversation been played from its beginning.

    Attributes:
        calls, cost_usd: behind all conversations of the experiment, shared ones counted each time.
        calls_paid, cost_paid_usd: recorded for its threads, trunks included. Costs are None where a model has
            no listed price.
    """

    calls: int
    calls_paid: int
    cost_usd: float | None
    cost_paid_usd: float | None

    @property
    def calls_saved(self) -> int:
        return self.calls - self.calls_paid

    @property
    def cost_saved_usd(self) -> float | None:
        if self.cost_usd is None or self.cost_paid_usd is None:
            return None
        return round(self.cost_usd - self.cost_paid_usd, 6)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "calls_saved": self.calls_saved, "cost_saved_usd": self.cost_saved_usd}


@dataclass(frozen=True)
class AblationReport:
    """The experiment as it stands.

    Attributes:
        sessions: different listening sessions; the effects' independent units.
        planned: conversations that the plan has, trunks not counted.
    """

    plan: AblationPlan
    sessions: int
    trunks: int
    planned: int
    played: int
    failed: Sequence[Thread]
    cells: Sequence[CellResult]
    effects: Sequence[Effect]
    savings: SharedCalls

    def plot(self) -> Drawing:
        """Every difference with its interval, one panel a measure; a notebook shows it, `save` writes it.

        Raises:
            ConfigError: matplotlib is not installed.
        """
        return plot_effects(self.effects, title=f"{self.plan.name}: {self.sessions} sessions")

    def to_json(self) -> dict[str, Any]:
        """The document of `segue ablate --json`, with stable keys."""
        return {
            "name": self.plan.name,
            "turn": self.plan.turn,
            "agent": self.plan.agent,
            "repetitions": self.plan.repetitions,
            "seed": self.plan.seed,
            "sessions": self.sessions,
            "trunks": self.trunks,
            "conversations": {"planned": self.planned, "played": self.played, "failed": len(self.failed)},
            "factors": {factor: list(levels) for factor, levels in self.plan.levels.items()},
            "measures": {name: BENCH_MEASURES[name].to_json() for name in self.plan.measures},
            "cells": [asdict(cell) for cell in self.cells],
            "effects": [effect.to_json() for effect in self.effects],
            "savings": self.savings.to_json(),
            "failures": list(map(failure_json, self.failed)),
        }


def failure_json(thread: Thread) -> dict[str, Any]:
    """A conversation that failed, with stable keys."""
    message = (thread.error or {}).get("message")
    return {"thread_id": thread.thread_id, "session_id": thread.session_id, "error": message}


def report_ablation(
    plan: AblationPlan, outcome: AblationOutcome, state: ReadState, ledger: StoredLedger, prices: PriceTable
) -> AblationReport:
    """Measure every conversation from the branch on, estimate the effects, count what was saved."""
    behind: dict[str, list[LedgerRow]] = {}
    values: dict[str, Mapping[str, float | None]] = {}
    since = PREPARED if plan.single else Since(plan.turn, Agent(plan.agent))
    for thread in {trial.thread.thread_id: trial.thread for trial in outcome.trials}.values():
        channels = state(thread)
        calls = behind[thread.thread_id] = calls_behind(conversation(channels), ledger)
        done = thread.status == "done"
        part = measured_part(channels, calls, prices, since)
        values[thread.thread_id] = (
            measure(part, plan.measures, table=BENCH_MEASURES) if done else dict.fromkeys(plan.measures)
        )
    measured = {
        name: [
            Observation(t.session_id, t.block, t.levels, values[t.thread.thread_id][name])
            for t in outcome.trials
        ]
        for name in plan.measures
    }
    effects = main_effects(measured, plan.levels, seed=plan.seed)
    if plan.interactions:
        effects += interactions(measured, plan.levels, seed=plan.seed)
    return AblationReport(
        plan=plan,
        sessions=len({thread.session_id for thread in outcome.trunks}),
        trunks=len({thread.thread_id for thread in outcome.trunks}),
        planned=outcome.planned,
        played=sum(trial.thread.status == "done" for trial in outcome.trials),
        failed=outcome.failed,
        cells=_cells(outcome, values, plan.measures),
        effects=corrected(effects),
        savings=_savings(outcome, behind, ledger, prices),
    )


def _cells(
    outcome: AblationOutcome, values: Mapping[str, Mapping[str, float | None]], names: Sequence[str]
) -> list[CellResult]:
    by_levels: dict[tuple[tuple[str, str], ...], list[Thread]] = defaultdict(list)
    for trial in outcome.trials:
        by_levels[tuple(trial.levels.items())].append(trial.thread)
    return [
        CellResult(
            levels=dict(levels),
            conversations=sum(thread.status == "done" for thread in threads),
            failed=sum(thread.status != "done" for thread in threads),
            means={name: _mean([values[t.thread_id][name] for t in threads]) for name in names},
        )
        for levels, threads in by_levels.items()
    ]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _savings(
    outcome: AblationOutcome, behind: Mapping[str, list[LedgerRow]], ledger: StoredLedger, prices: PriceTable
) -> SharedCalls:
    unshared = [call for trial in outcome.trials for call in behind[trial.thread.thread_id]]
    ids = [thread.thread_id for thread in outcome.threads]
    paid = [
        call
        for start in range(0, len(ids), ASKED_AT_ONCE)
        for call in ledger.rows(thread_ids=ids[start : start + ASKED_AT_ONCE])
    ]
    return SharedCalls(len(unshared), len(paid), cost_of(unshared, prices), cost_of(paid, prices))
