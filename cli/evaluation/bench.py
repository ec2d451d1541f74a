"""`segue bench`: recommenders and listeners compared on the same sessions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...api.settings import BudgetSettings, ExecutionSettings, RunConfig
from .. import arguments
from ..overwriting import Overwrite
from ..settings import SettingsCommand, printing, takes

if TYPE_CHECKING:
    from ...api.evaluation.benching import BenchPlan, BenchReport


def register(app: typer.Typer) -> None:
    app.command("bench", cls=SettingsCommand)(bench)


def _example() -> str:
    from ...api.evaluation.benching import example_bench

    return example_bench()


Ladder = Annotated[
    bool, typer.Option("--ladder", help="Recommenders whose order is known: does the bench see it?")
]
Catalog = Annotated[
    str | None, typer.Option(help="With --ladder: folder or file; the demo catalogue when left out.")
]
Example = Annotated[
    bool, typer.Option("--example", callback=printing(_example), help="Print a commented plan and end.")
]


@takes(ExecutionSettings, BudgetSettings)
def bench(
    context: typer.Context,
    config: RunConfig,
    plan: Annotated[Path | None, typer.Argument(help="YAML file; --example prints one.")] = None,
    ladder: Ladder = False,
    sessions: Annotated[int, typer.Option(min=1, help="With --ladder: how many sessions.")] = 50,
    repeats: Annotated[
        int, typer.Option(min=1, help="With --ladder: conversations on each session, with other draws.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="With --ladder: of every draw.")] = 0,
    catalog: Catalog = None,
    plot: arguments.Plot = None,
    example: Example = False,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Play every recommender with every listener on the same sessions, goals and draws, and compare them.

    Running the same command again resumes; it plays nothing twice.
    """
    from ...api.evaluation.benching import bench_async
    from ..experiments import played, require_plot, told

    base: dict[str, Any] = {"sessions": sessions, "repeats": repeats, "seed": seed}
    chosen = _chosen(plan, ladder, base if catalog is None else {**base, "catalog": catalog})
    require_plot(plot, overwrite=overwrite)
    store = context.obj["store"]
    report = played(bench_async, chosen, settings=config, store=store)
    raise typer.Exit(told(report, store, plot, lambda: _print(report, as_json=as_json)))


def _chosen(plan: Path | None, ladder: bool, base: Mapping[str, Any]) -> Path | BenchPlan:
    from ...api.evaluation.benching import ladder_plan
    from ...core.errors import ConfigError

    if ladder and plan is not None:
        raise ConfigError("a plan or --ladder, not both", hint="leave one of them out")
    if ladder:
        return ladder_plan(f"ladder-{base['seed']}", **base)
    if plan is None:
        raise ConfigError("which plan?", hint="`segue bench --example > plan.yaml` writes one to start from")
    return plan


def _print(report: BenchReport, *, as_json: bool) -> None:
    from ...api.evaluation.benching import bench_tables
    from ...core.tables import counted
    from ..output import print_json, print_line, print_tables

    if as_json:
        print_json(report.to_json())
        return
    played = sum(cell.conversations for cell in report.cells)
    print_line(
        f"{played} of {counted(report.planned, 'conversation')} on {counted(report.sessions, 'session')} of "
        f"{counted(report.clusters, report.plan.cluster)}"
    )
    print_line()
    print_tables(bench_tables(report))
    if report.left_out:
        print_line(f"left out for want of the same goal: {counted(report.left_out, 'conversation')}")
    if report.ordering is not None:
        _print_ordering(report)


def _print_ordering(report: BenchReport) -> None:
    from ..output import print_line

    found = report.ordering
    if found is None:
        return
    tau = "none: all are alike" if found.tau is None else f"{found.tau:.2f}"
    print_line(f"known order: {', '.join(found.expected)}")
    print_line(f"found order: {', '.join(found.found)} (Kendall's tau {tau})")
    told = (
        "this bench tells them apart"
        if found.told
        else "this bench cannot tell them all apart: play more sessions, or more conversations on each (repeats)"
    )
    print_line(told)
