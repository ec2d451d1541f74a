"""What `segue ablate` does: wires plan, catalogue, store and graph together, plays, and reports."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..catalog.catalog import Catalog
from ..catalog.opening import DEMO, open_catalog
from ..checkpoints import Store
from ..core.errors import ConfigError
from ..evaluation.ablation_report import AblationReport, report_ablation
from ..evaluation.effects import Effect
from ..evaluation.measures import MEASURES
from ..evaluation.plots import check_plot
from ..models.prices import load_prices
from ..prompts.library import PromptLibrary
from ..runs.config import RunConfig
from ..runs.conversation import Conversations
from ..runs.experiments.ablation import Ablation, Outcome, draw_trunks
from ..runs.experiments.ablation_cells import Cell, cells
from ..runs.experiments.ablation_plan import AblationPlan, read_ablation
from ..runs.plan import RunPlan
from ..runs.preparation import Preparation
from ..runs.stage import Stage
from .options import Options
from .output import console, number, print_json, print_table, progress, say
from .reading import Reading, shown_url
from .running import FAILED, INTERRUPTED, heed_interrupts
from .wiring import choose_sessions, make_plan, open_stage


@dataclass(frozen=True)
class Experiment:
    """A plan with everything that it names opened and checked."""

    plan: AblationPlan
    options: Options
    catalog: Catalog
    prompts: PromptLibrary
    run: RunPlan
    cells: Sequence[Cell]
    trunks: Sequence[tuple[int, str]]


def ablate_command(path: Path, store: str, config: RunConfig, *, plot: Path | None, as_json: bool) -> int:
    """Play the plan and return the exit code."""
    plan = read_ablation(path, measures=tuple(MEASURES))
    table = load_prices(config.prices)
    if plot is not None:
        check_plot(plot)
    experiment = prepare(plan, path, Options.of(trunk_config(plan, config), store, as_json=as_json))
    with Store.open(store) as opened:
        reading = Reading.of(opened)
        _announce(experiment)
        code, outcome = asyncio.run(_play(experiment, reading))
        if outcome is None:
            return code
        report = report_ablation(plan, outcome, reading.state, reading.ledger, table)
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    if plot is not None:
        report.plot().save(plot)
        say(f"wrote {plot}")
    return code


def trunk_config(plan: AblationPlan, config: RunConfig) -> RunConfig:
    """The plan's trunks as `segue run` would be told to play them, carried out as `config` says."""
    sizes = [level.pool_size for levels in plan.factors.values() for level in levels.values()]
    named = plan.sessions if isinstance(plan.sessions, tuple) else ()
    base = {name: getattr(plan.base, name) for name in plan.base.model_fields_set}
    changes = {
        **base,
        "prompt": {name: plan.folder / file for name, file in plan.base.prompt_files.items()},
        "catalog": _catalog_path(plan),
        "sessions": plan.sessions if isinstance(plan.sessions, int) else len(named),
        "session": named,
        "seed": plan.seed,
        # A session has to be large enough for every size of pool that is tried.
        "pool_size": max((size for size in (*sizes, plan.base.pool_size) if size), default=None),
    }
    return config.changed(**changes)


def _catalog_path(plan: AblationPlan) -> str | None:
    """`demo` is a name; anything else is a path, seen from the plan's folder."""
    if plan.catalog is None or plan.catalog == DEMO:
        return plan.catalog
    return str(plan.folder / plan.catalog)


def prepare(plan: AblationPlan, path: Path, options: Options) -> Experiment:
    """Open what the plan names. Raises `ConfigError` with the plan's file and field."""
    catalog = open_catalog(options.catalog, session_gap=options.session_gap)
    try:
        prompts = PromptLibrary(options.prompt_files)
        run = make_plan(options, catalog, prompts)
    except ConfigError as error:
        raise ConfigError(f"{path}, field 'base': {error.message}", hint=error.hint) from error
    run = run.model_copy(update={"pool_size": plan.base.pool_size})
    try:
        crossed = cells(plan, run, catalog.coverage())
    except ConfigError as error:
        raise ConfigError(f"{path}, field 'factors': {error.message}", hint=error.hint) from error
    trunks = draw_trunks(choose_sessions(options, catalog), options.sessions, plan.seed)
    return Experiment(plan, options, catalog, prompts, run, crossed, trunks)


def _announce(experiment: Experiment) -> None:
    plan, trunks = experiment.plan, len(experiment.trunks)
    sessions = len({session for _, session in experiment.trunks})
    say(f"ablation {plan.name}: branches at turn {plan.turn}, before the {plan.agent} acts")
    if sessions < trunks:
        say(f"{trunks} trunks from {sessions} sessions that qualify, the rest under the next seeds; sessions")
        say("are the independent units, so the intervals rest on them and not on the trunks")
    conversations = trunks * len(experiment.cells) * plan.repetitions
    say(
        f"{trunks} trunks x {len(experiment.cells)} cells x {plan.repetitions} repetitions = "
        f"{conversations} conversations"
    )


async def _play(experiment: Experiment, reading: Reading) -> tuple[int, Outcome | None]:
    """(exit code, what was played); no outcome when it was stopped before the end."""
    plan, concurrency = experiment.plan, experiment.options.concurrency
    pools = len({cell.pool_size for cell in experiment.cells})
    total = len(experiment.trunks) * (pools + len(experiment.cells) * plan.repetitions)
    async with open_stage(reading, concurrency=concurrency) as stage:
        for cell in experiment.cells:
            stage.open_models(RunPlan.model_validate({**experiment.run.model_dump(), **cell.changes}))
        with heed_interrupts(stage.signal), progress(total) as advance:
            ablation = Ablation(
                plan=plan,
                base=experiment.run,
                cells=experiment.cells,
                stage=stage,
                threads=reading.threads,
                conversations=lambda run: _conversations(experiment, run, stage, reading),
                concurrency=concurrency,
                advance=advance,
            )
            outcome = await ablation.play(experiment.trunks)
    if stage.signal.stopped:
        say("stopped; what was finished is kept, and the same command resumes")
        return (stage.signal.reason.exit_code if stage.signal.reason else INTERRUPTED), None
    for thread in outcome.failed:
        say(f"{thread.thread_id} failed: {(thread.error or {}).get('message')}")
    say(f"kept in {shown_url(experiment.options.store)}")
    return (FAILED if outcome.failed else 0), outcome


def _conversations(experiment: Experiment, run: RunPlan, stage: Stage, reading: Reading) -> Conversations:
    preparation = Preparation(
        run, experiment.catalog, stage.media, experiment.prompts, experiment.options.allow_missing_media
    )
    return Conversations(run, preparation, stage, reading.threads)


def _print(report: AblationReport) -> None:
    out, names = console(), list(report.plan.measures)
    out.print(
        f"{report.played} of {report.planned} conversations from {report.trunks} trunks on "
        f"{report.sessions} sessions; measured from turn {report.plan.turn} on"
    )
    out.print()
    factors = list(report.plan.factors)
    rows = [
        [*c.levels.values(), c.conversations, c.failed, *(number(c.means[n]) for n in names)]
        for c in report.cells
    ]
    print_table([*factors, "done", "failed", *names], rows, right=["done", "failed", *names])
    out.print()
    heads = ["reference", "level", "difference", "95 % interval", "p", "p (Holm)", "sessions"]
    print_table(["measure", "effect", *heads, ""], map(_row, report.effects), right=heads)
    out.print()
    _print_savings(report)


def _row(effect: Effect) -> list[str]:
    interval = "–" if effect.low is None else f"{effect.low:+.3f} … {effect.high:+.3f}"
    return [
        effect.measure,
        effect.label,
        number(effect.reference_mean),
        number(effect.level_mean),
        "–" if effect.difference is None else f"{effect.difference:+.3f}",
        interval,
        *map(_p_value, (effect.p, effect.p_holm)),
        str(effect.units),
        "differs" if effect.found else "",
    ]


def _p_value(p: float | None) -> str:
    if p is None:
        return "–"
    return f"{p:.4f}" if p >= 0.0001 else "<0.0001"


def _print_savings(report: AblationReport) -> None:
    out, saved = console(), report.savings
    out.print(
        f"{saved.calls} calls stand behind these conversations, {saved.calls_paid} were made: "
        f"sharing saved {saved.calls_saved}",
        end="",
    )
    if saved.cost_saved_usd is None:
        out.print("; a model has no listed price, so its cost is not known (see --prices)")
    else:
        out.print(f" (${saved.cost_usd:.4f}, paid ${saved.cost_paid_usd:.4f})")
    unpaired = sum(effect.unpaired for effect in report.effects)
    if unpaired:
        out.print(f"{unpaired} values were left out for want of a counterpart")
