"""`segue retry`: goes on with a run from its name or id alone, or repeats only what failed of it."""

from __future__ import annotations

from typing import Annotated

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, takes


def register(app: typer.Typer) -> None:
    app.command("retry", cls=SettingsCommand)(retry)


@takes(ExecutionSettings, BudgetSettings, also=("catalog", "base_url"))
def retry(
    context: typer.Context,
    config: RunConfig,
    run: Annotated[str, typer.Argument(help="A run's name, its id, or a unique start of it.")],
    errors: Annotated[
        bool, typer.Option("--errors", help="Only those that failed; otherwise all that is not done.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Play conversations of a run again that failed. Each keeps its error until it succeeds."""
    from ..checkpoints import Store
    from ..runs.retry import further_run
    from .options import Options
    from .output import say
    from .reading import require_store
    from .running import play_task

    options = Options.of(config, context.obj["store"], show=show, as_json=as_json)
    require_store(options.store)
    with Store.open(options.store) as store:
        task = further_run(store, run, config, errors=errors)
        if not task.session_ids:
            say(
                "no conversation of the run has failed" if errors else "all conversations of the run are done"
            )
            return
        code = play_task(task, store, options)
    raise typer.Exit(code)
