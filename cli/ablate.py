"""`segue ablate`: a factorial experiment from a plan, and what it found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..api.settings import BudgetSettings, ExecutionSettings, RunConfig
from . import arguments
from .settings import SettingsCommand, printing, takes

if TYPE_CHECKING:
    from ..api.experiments import AblationReport


def register(app: typer.Typer) -> None:
    app.command("ablate", cls=SettingsCommand)(ablate)


def _example() -> str:
    from ..api.experiments import example_ablation

    return example_ablation()


@takes(ExecutionSettings, BudgetSettings)
def ablate(
    context: typer.Context,
    config: RunConfig,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the differences into this .png, .svg or .pdf file.")
    ] = None,
    example: Annotated[
        bool,
        typer.Option("--example", callback=printing(_example), help="Print a commented plan and end."),
    ] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Branch many conversations at one turn under every combination of levels, and test what differs.

    Running the same command again resumes; it plays nothing twice.
    """
    from ..api.experiments import check_plot
    from ..api.store import shown_url
    from ..core.errors import ConfigError
    from .output import print_json, say
    from .playing import FAILED

    if plan is None:
        raise ConfigError("which plan?", hint="`segue ablate --example > plan.yaml` writes one to start from")
    if plot is not None:
        check_plot(plot)
    report = _played(plan, config, context.obj["store"])
    for thread in report.failed:
        say(f"{thread.thread_id} failed: {(thread.error or {}).get('message')}")
    say(f"kept in {shown_url(context.obj['store'])}")
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    if plot is not None:
        report.plot().save(plot)
        say(f"wrote {plot}")
    raise typer.Exit(FAILED if report.failed else 0)


def _played(plan: Path, config: RunConfig, store: str) -> AblationReport:
    import asyncio

    from ..api.experiments import ablate_async
    from ..core.errors import BudgetError, Interrupted, QuotaError
    from .output import Terminal, say
    from .playing import heed_interrupts, stopped

    try:
        with Terminal() as events:
            played = ablate_async(plan, settings=config, store=store, events=events, stopping=heed_interrupts)
            return asyncio.run(played)
    except (BudgetError, Interrupted, QuotaError) as reason:
        say("stopped; what was finished is kept")
        raise typer.Exit(stopped(reason)) from None


def _print(report: AblationReport) -> None:
    from ..api.experiments import ablation_tables
    from .output import console, print_tables

    out = console()
    out.print(
        f"{report.played} of {report.planned} conversations from {report.trunks} trunks on "
        f"{report.sessions} sessions; measured from turn {report.plan.turn} on"
    )
    out.print()
    print_tables(ablation_tables(report))
    out.print()
    _print_savings(report)


def _print_savings(report: AblationReport) -> None:
    from .output import console

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
