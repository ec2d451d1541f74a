"""The bench: recommenders and listeners compared on the same sessions."""

from __future__ import annotations

from contextlib import nullcontext
from os import PathLike
from pathlib import Path

from ...core.errors import ConfigError, Interrupted
from ...core.tables import counted
from ...evaluation.bench.measures import BENCH_MEASURES
from ...evaluation.bench.report import BenchReport, report_bench
from ...evaluation.bench.tables import bench_tables
from ...runs.events import Events, Silent
from ...runs.experiments.bench import Bench, open_bench, prepare_bench
from ...runs.experiments.bench_ladder import ladder_plan
from ...runs.experiments.bench_plan import BenchPlan, read_bench
from ...runs.experiments.bench_plan import example as example_bench
from ...runs.settings.config import PlaySettings, RunConfig
from ..loop import blocking
from ..playing import Stopping
from ..settings import given
from ..store import DEFAULT_STORE, Address, OpenStore, using

__all__ = ["BenchPlan", "BenchReport", "bench", "bench_async", "bench_tables", "example_bench", "ladder_plan"]


async def bench_async(
    plan: str | Path | BenchPlan,
    *,
    settings: PlaySettings | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
    stopping: Stopping = nullcontext,
) -> BenchReport:
    """Play every recommender with every listener on the same sessions, and compare them.

    The same call again goes on where it stood; it plays nothing twice.

    Args:
        plan: YAML file, `example_bench()` is one with a comment on every field; or `ladder_plan()`.
        settings: how it is carried out: limits, cap, engine.
        store: made where it is not there.

    Raises:
        ConfigError: the plan is wrong; names file and field.
        ChangedRunError: its name stands for other settings.
        BudgetError, QuotaError: it was stopped; what was finished is kept.
        ModelSetupError, StoreError: as `play`.
    """
    read = plan if isinstance(plan, BenchPlan) else _read(plan)
    asked = given(settings, PlaySettings)
    taken = asked.model_fields_set & set(PlaySettings.model_fields)
    prepared = prepare_bench(read, RunConfig(**{name: getattr(asked, name) for name in taken}))
    with using(store, create=True, lock_seconds=asked.lock_seconds) as opened:
        _announce(prepared, events or Silent())
        async with open_bench(prepared, opened.store, events=events) as runtime:
            with stopping(runtime.signal):
                outcome = await prepared.play(runtime)
        if runtime.signal.stopped:
            raise runtime.signal.reason or Interrupted("stopped; what was finished is kept")
        reader, prices = opened.reader, runtime.meter.prices
        return report_bench(read, outcome, prepared.catalog, reader.state, reader.ledger, prices)


bench = blocking(bench_async)


def _read(plan: str | Path) -> BenchPlan:
    if not isinstance(plan, (str, PathLike)):
        raise ConfigError(f"a plan is the path of a YAML file, not a {type(plan).__name__}")
    return read_bench(Path(plan), measures=tuple(BENCH_MEASURES))


def _announce(prepared: Bench, events: Events) -> None:
    plan, sessions = prepared.plan, len({session for session, _ in prepared.conversations})
    events.say(
        f"bench {plan.name}: {counted(len(plan.recommenders), 'recommender')} x "
        f"{counted(len(plan.listeners), 'listener')} x {counted(len(prepared.conversations), 'conversation')} on "
        f"{counted(sessions, 'session')} = {counted(prepared.size, 'conversation')}"
    )
