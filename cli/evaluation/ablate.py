"""`segue ablate`: a factorial experiment from a plan, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig
from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite
from ..settings import SettingsCommand, printing, takes

if TYPE_CHECKING:
    from ...api.evaluation.experiments import AblationReport


def register(app: typer.Typer) -> None:
    app.command("ablate", cls=SettingsCommand)(ablate)


def _example() -> str:
    from ...api.evaluation.experiments import example_ablation

    return example_ablation()


@takes(ExecutionSettings, BudgetSettings)
def ablate(
    context: typer.Context,
    config: RunConfig,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    plot: arguments.Plot = None,
    example: Annotated[
        bool,
        typer.Option("--example", callback=printing(_example), help="Print a commented plan and end."),
    ] = False,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Branch many conversations at one turn under every combination of levels, and test what differs.

    Running the same command again resumes; it plays nothing twice.
    """
    from ...api.evaluation.experiments import ablate_async
    from ...core.errors import ConfigError
    from ..experiments import played, require_plot, told

    if plan is None:
        raise ConfigError("which plan?", hint="`segue ablate --example > plan.yaml` writes one to start from")
    require_plot(plot, overwrite=overwrite)
    store = context.obj["store"]
    report = played(ablate_async, plan, settings=config, store=store)
    raise typer.Exit(told(report, store, plot, lambda: _print(report, as_json=as_json)))


def _print(report: AblationReport, *, as_json: bool) -> None:
    from ...api.evaluation.experiments import ablation_tables
    from ..output import print_json, print_line, print_tables

    if as_json:
        print_json(report.to_json())
        return
    since = "measured whole" if report.plan.single else f"measured from turn {report.plan.turn} on"
    print_line(
        f"{report.played} of {counted(report.planned, 'conversation')} from {counted(report.trunks, 'trunk')} on "
        f"{counted(report.sessions, 'session')}; {since}"
    )
    print_line()
    print_tables(ablation_tables(report))
    print_line()
    _print_savings(report)


def _print_savings(report: AblationReport) -> None:
    from ..output import print_line

    saved = report.savings
    if saved.cost_saved_usd is None:
        money = "; a model has no listed price, so its cost is not known (see --prices)"
    else:
        money = f" (${saved.cost_usd:.4f}, paid ${saved.cost_paid_usd:.4f})"
    print_line(
        f"{saved.calls:,} calls stand behind these conversations, {saved.calls_paid:,} were made: "
        f"sharing saved {saved.calls_saved}{money}"
    )
    unpaired = sum(effect.unpaired for effect in report.effects)
    if unpaired:
        print_line(f"left out for want of a counterpart: {counted(unpaired, 'value')}")
