"""An ablation opened: from its plan and the settings of how it is carried out to what can be played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ...catalog.opening import DEMO, open_catalog
from ...checkpoints import Store
from ...checkpoints.store.threads import Threads
from ...core.errors import ConfigError
from ...models.costs.prices import PriceTable
from ...prompts.library import PromptLibrary
from ..costs.bill import paid_for
from ..earlier_rules import as_begun
from ..events import Events, Silent
from ..plan import RunPlan
from ..rate_limits import widened
from ..reporting.totals import say_totals
from ..run import choose_sessions
from ..runtime import Runtime, open_runtime
from ..settings.config import RunConfig
from .ablation import Ablation, draw_trunks
from .ablation_cells import cells
from .ablation_plan import AblationPlan


def prepare_ablation(plan: AblationPlan, path: Path, execution: RunConfig) -> Ablation:
    """Open what the plan names; nothing is played or stored.

    Args:
        path: of the plan, for errors.
        execution: how it is carried out.

    Raises:
        ConfigError: with the plan's file and field.
        NotFoundError: it names a session that is not there.
    """
    try:
        config = trunk_config(plan, execution)
        catalog = open_catalog(config.catalog, session_gap=config.session_gap)
        prompts = PromptLibrary(config.prompt_files)
        base = RunPlan.of(config, catalog, prompts)
    except ConfigError as error:
        raise ConfigError(f"{path}, field 'base': {error.message}", hint=error.hint) from error
    base = base.model_copy(update={"pool_size": plan.base.pool_size})
    try:
        single = RunPlan.of(config.changed(pipeline="single"), catalog, prompts) if plan.single else None
        crossed = cells(plan, base, catalog.coverage(), single)
    except ConfigError as error:
        raise ConfigError(f"{path}, field 'factors': {error.message}", hint=error.hint) from error
    trunks = draw_trunks(choose_sessions(config, catalog), config.sessions, plan.seed)
    return Ablation(plan, base, crossed, trunks, config, catalog)


def begun_ablation(
    ablation: Ablation, path: Path, execution: RunConfig, store: Store, events: Events
) -> Ablation:
    """The same, under earlier rules of answers where the store has it begun under those.

    Raises as `prepare_ablation`.
    """

    def under(config: RunConfig) -> Ablation:
        return prepare_ablation(ablation.plan, path, execution.changed(answer_rules=config.answer_rules))

    def runs(made: Ablation) -> list[str]:
        return [each.run.run_id for each in made.runs()]

    return as_begun(ablation, ablation.config, store, runs, under, events)


def trunk_config(plan: AblationPlan, execution: RunConfig) -> RunConfig:
    """The plan's trunks as `segue run` would be told to play them, carried out as `execution` says.

    Raises:
        SettingError: a setting of the base has a value that it cannot have.
    """
    sizes = [level.pool_size for levels in plan.factors.values() for level in levels.values()]
    named = plan.sessions if isinstance(plan.sessions, tuple) else ()
    own = {name: getattr(plan.base, name) for name in plan.base.model_fields_set}
    changes = {
        **own,
        "prompt": {name: plan.folder / file for name, file in plan.base.prompt_files.items()},
        "catalog": plan.catalog if plan.catalog in (None, DEMO) else str(plan.folder / str(plan.catalog)),
        "sessions": plan.sessions if isinstance(plan.sessions, int) else len(named),
        "session": named,
        "seed": plan.seed,
        # A session has to be large enough for every size of pool that is tried.
        "pool_size": max((size for size in (*sizes, plan.base.pool_size) if size), default=None),
    }
    return execution.changed(**changes)


@asynccontextmanager
async def open_ablation(
    ablation: Ablation, store: Store, *, events: Events | None = None
) -> AsyncIterator[Runtime]:
    """A runtime for the experiment, with all its models opened under its limits and its cap.

    What its trunks and its branches have cost before counts into the cap.

    Raises:
        ModelSetupError: a model cannot be used.
        ConfigError: a model has no price and there is a cap.
    """
    events = events or Silent()
    config = widened(ablation.config, ablation.size, events)

    def paid(prices: PriceTable) -> float:
        trunks = [thread_id for each in ablation.runs() for thread_id in each.thread_ids]
        return paid_for(store, [*trunks, *_branches(store, ablation, set(trunks))], prices)

    async with open_runtime(store, config, ablation.models, paid=paid, events=events) as runtime:
        for recommender in filter(None, (plan.recommender for plan in ablation.plans)):
            runtime.recommenders.opened(recommender)
        yield runtime
    say_totals(runtime)


def _branches(store: Store, ablation: Ablation, trunks: set[str]) -> list[str]:
    """The branches that this experiment made before, as far as it went."""
    reasons = {cell.change(ablation.plan, 0).reason for cell in ablation.cells}
    found = []
    for run_id in dict.fromkeys(each.run.run_id for each in ablation.runs()):
        for thread in Threads(store).list(run=run_id):
            if thread.parent in trunks and thread.fork and thread.fork["reason"] in reasons:
                found.append(thread.thread_id)
    return found
