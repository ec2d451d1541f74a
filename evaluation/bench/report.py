"""The report of a bench: what each recommender reached with each listener, which differences stand, for whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np
from scipy import stats  # type: ignore[import-untyped]

from ...catalog.catalog import Catalog
from ...checkpoints.store.ledger import StoredLedger
from ...checkpoints.store.threads import Thread
from ...core.random import stream_seed
from ...models.costs.prices import PriceTable
from ...runs.experiments.bench import BenchCell, BenchOutcome
from ...runs.experiments.bench_plan import BenchPlan
from ..ablation_report import ReadState, failure_json
from ..effects import Effect, Levels, Observation, corrected, main_effects
from ..measured_part import MeasuredPart, calls_behind, measured_part
from ..measures import measure
from ..plots import Drawing, plot_effects
from .estimates import Interval, coverage, estimate_of, gini
from .measures import BENCH_MEASURES

SPLITS = ("specificity", "gender", "country_code")
"""Fields of a goal or a session by which goals reached are told apart."""


@dataclass(frozen=True)
class CellReport:
    """One recommender with one listener.

    Attributes:
        measures: measure -> estimate over its finished conversations.
        progress_by_turn: turn -> share of its tracks that moved toward the goal.
        coverage: share of the tracks in all pools that were played at least once.
        gini: inequality of how often the tracks in the pools were played; 0 for all alike.
        splits: field -> value -> share of goals reached there.
    """

    recommender: str
    listener: str
    conversations: int
    failed: int
    measures: Mapping[str, Interval]
    progress_by_turn: Mapping[int, Interval]
    coverage: float | None
    gini: float | None
    splits: Mapping[str, Mapping[str, Interval]]
    cost_usd: float | None


@dataclass(frozen=True)
class Ordering:
    """Whether recommenders come out in the order in which they are known to be, by how soon they reach goals: one
    that is never reached counts as many tracks as were played, and one more. Shares of goals reached would not part
    those who reach them all.

    Attributes:
        found: names from the best to the worst.
        tau: Kendall's tau-b between the two orders; None where all are alike.
        told: whether it is 1, so that this bench tells them apart.
    """

    expected: Sequence[str]
    found: Sequence[str]
    tau: float | None
    told: bool


@dataclass(frozen=True)
class BenchReport:
    """The comparison as it stands.

    Attributes:
        left_out: conversations whose goal was not the one that the others on their session had.
    """

    plan: BenchPlan
    sessions: int
    clusters: int
    planned: int
    failed: Sequence[Thread]
    left_out: int
    cells: Sequence[CellReport]
    effects: Sequence[Effect]
    ordering: Ordering | None

    def plot(self) -> Drawing:
        """Every difference with its interval, one panel a measure; a notebook shows it, `save` writes it.

        Raises:
            ConfigError: matplotlib is not installed.
        """
        return plot_effects(self.effects, title=f"{self.plan.name}: {self.sessions} sessions")

    def to_json(self) -> dict[str, Any]:
        """The document of `segue bench --json`, with stable keys."""
        return {
            "name": self.plan.name,
            "recommenders": list(self.plan.recommenders),
            "listeners": list(self.plan.listeners),
            "cluster": self.plan.cluster,
            "sessions": self.sessions,
            "clusters": self.clusters,
            "conversations": {
                "planned": self.planned,
                "played": sum(cell.conversations for cell in self.cells),
                "failed": len(self.failed),
                "left_out": self.left_out,
            },
            "measures": {name: BENCH_MEASURES[name].to_json() for name in BENCH_MEASURES},
            "cells": [asdict(cell) for cell in self.cells],
            "effects": [effect.to_json() for effect in self.effects],
            "ordering": asdict(self.ordering) if self.ordering else None,
            "failures": list(map(failure_json, self.failed)),
        }


@dataclass(frozen=True)
class _Measured:
    """One finished conversation."""

    thread: Thread
    cluster: str
    levels: Levels
    part: MeasuredPart
    values: Mapping[str, float | None]
    who: Mapping[str, Any]


def report_bench(
    plan: BenchPlan,
    outcome: BenchOutcome,
    catalog: Catalog,
    state: ReadState,
    ledger: StoredLedger,
    prices: PriceTable,
) -> BenchReport:
    """Measure every finished conversation, compare recommenders on the same sessions, and count for whom."""
    reading = _Measuring(plan, catalog, state, ledger, prices)
    played = {
        cell: [reading(cell, t) for t in threads if t.status == "done"] for cell, threads in outcome.threads
    }
    paired = _paired(played)
    observed = [row for rows in paired.values() for row in rows]
    measured = {
        name: [Observation(r.cluster, _block(r), r.levels, r.values[name]) for r in observed]
        for name in plan.measures
    }
    factors = {"recommender": tuple(plan.recommenders)}
    failed = {cell: sum(t.status != "done" for t in threads) for cell, threads in outcome.threads}
    cells = [_cell(plan, cell, rows, failed[cell]) for cell, rows in paired.items()]
    return BenchReport(
        plan=plan,
        sessions=len({row.thread.session_id for row in observed}),
        clusters=len({row.cluster for row in observed}),
        planned=outcome.planned,
        failed=outcome.failed,
        left_out=sum(map(len, played.values())) - len(observed),
        cells=cells,
        effects=corrected(main_effects(measured, factors, seed=plan.seed)),
        ordering=_ordering(plan, cells) if plan.order else None,
    )


@dataclass(frozen=True)
class _Measuring:
    plan: BenchPlan
    catalog: Catalog
    state: ReadState
    ledger: StoredLedger
    prices: PriceTable

    def __call__(self, cell: BenchCell, thread: Thread) -> _Measured:
        channels = self.state(thread)
        session = self.catalog.session(thread.session_id)
        calls = calls_behind({"records": channels["records"]}, self.ledger)
        part = measured_part(channels, calls, self.prices)
        return _Measured(
            thread=thread,
            cluster=session.user_id if self.plan.cluster == "user" else session.session_id,
            levels={"recommender": cell.recommender, "listener": cell.listener},
            part=part,
            values=measure(part, BENCH_MEASURES, table=BENCH_MEASURES),
            who={name: getattr(session, name, part.document["goal"].get(name)) for name in SPLITS},
        )


def _block(row: _Measured) -> tuple[object, ...]:
    """What two conversations share that are a pair."""
    return row.thread.session_id, row.thread.config.get("repeat", 1)


def _paired(played: Mapping[BenchCell, list[_Measured]]) -> dict[BenchCell, list[_Measured]]:
    """Without conversations whose goal is another than most have on their session and repeat."""
    goals: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
    for rows in played.values():
        for row in rows:
            goals[_block(row)][_goal(row)] += 1
    usual = {block: found.most_common(1)[0][0] for block, found in goals.items()}
    return {cell: [r for r in rows if _goal(r) == usual[_block(r)]] for cell, rows in played.items()}


def _goal(row: _Measured) -> str:
    goal = row.part.document["goal"]
    return f"{goal['template_id']} {goal.get('criteria', {}).get('text')} {goal['listener_goal']}"


def _cell(plan: BenchPlan, cell: BenchCell, rows: Sequence[_Measured], failed: int) -> CellReport:
    def estimate(values: Iterable[tuple[str, float | None]], *what: object) -> Interval:
        return estimate_of(values, stream_seed(plan.seed, cell.recommender, cell.listener, *map(str, what)))

    turns = max((len(row.part.labels) for row in rows), default=0)
    pools = [row.part.document["pool"] for row in rows]
    plays = Counter(reply["track_id"] for row in rows for _, reply in row.part.replies)
    costs = [row.values["cost"] for row in rows]
    return CellReport(
        recommender=cell.recommender,
        listener=cell.listener,
        conversations=len(rows),
        failed=failed,
        measures={
            name: estimate(((r.cluster, r.values[name]) for r in rows), name) for name in BENCH_MEASURES
        },
        progress_by_turn={
            turn + 1: estimate(((r.cluster, _moved(r, turn)) for r in rows), "turn", turn)
            for turn in range(turns)
        },
        coverage=coverage(plays, pools),
        gini=gini(plays, pools),
        splits={
            field: {
                str(value): estimate(
                    ((r.cluster, r.values["reached"]) for r in rows if r.who[field] == value), field, value
                )
                for value in sorted({r.who[field] for r in rows if r.who[field] is not None})
            }
            for field in SPLITS
        },
        cost_usd=None if None in costs else sum(cost or 0.0 for cost in costs),
    )


def _moved(row: _Measured, turn: int) -> float | None:
    labels = row.part.labels
    label = labels[turn] if turn < len(labels) else None
    return None if label is None else float(label == "MOVES_TOWARD_GOAL")


def _ordering(plan: BenchPlan, cells: Sequence[CellReport]) -> Ordering:
    turns: dict[str, float] = {}
    for name in plan.order:
        means = [c.measures["turns_to_reach"].mean for c in cells if c.recommender == name]
        known = [mean for mean in means if mean is not None]
        turns[name] = fmean(known) if known else float("nan")
    values = [turns[name] for name in plan.order]
    tau = float(stats.kendalltau(range(len(values)), values).statistic)
    found = sorted(plan.order, key=turns.__getitem__)
    return Ordering(plan.order, found, None if np.isnan(tau) else tau, told=bool(np.isclose(tau, 1.0)))
