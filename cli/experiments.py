"""What the commands share that play an experiment from a plan: played, told, drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import typer

from ..core.errors import BudgetError, Interrupted, QuotaError
from .output import Terminal, say
from .overwriting import require_free
from .playing import FAILED, heed_interrupts, stopped, tell_failure


class ExperimentReport(Protocol):
    """What an experiment came to."""

    @property
    def failed(self) -> Sequence[Any]: ...
    def plot(self) -> Any: ...


ReportT = TypeVar("ReportT", bound=ExperimentReport)


def require_plot(plot: Path | None, *, overwrite: bool) -> None:
    """Find out before hours of play whether the picture can be drawn there."""
    from ..api.evaluation.experiments import check_plot

    if plot is not None:
        check_plot(plot)
        require_free([plot], overwrite=overwrite)


def played(experiment: Callable[..., Coroutine[Any, Any, ReportT]], plan: Any, **given: Any) -> ReportT:
    """The report of an experiment; ends the command where it was stopped.

    Args:
        given: `settings` and `store`.
    """
    try:
        with Terminal() as events:
            return asyncio.run(experiment(plan, events=events, stopping=heed_interrupts, **given))
    except (BudgetError, Interrupted, QuotaError) as reason:
        say("stopped; what was finished is kept")
        raise typer.Exit(stopped(reason)) from None


def told(report: ExperimentReport, store: str, plot: Path | None, print_report: Callable[[], None]) -> int:
    """Tell what failed, where all is kept, what was found; draw it. The exit code."""
    from ..api.store import shown_url

    for thread in report.failed:
        tell_failure(thread.thread_id, thread.error)
    say(f"kept in {shown_url(store)}")
    print_report()
    if plot is not None:
        report.plot().save(plot)
        say(f"wrote {plot}")
    return FAILED if report.failed else 0
