"""`segue retry`: goes on with a run from its name or id alone, or repeats only what failed of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..runs.config import BudgetSettings, ExecutionSettings, RunConfig
from .settings import SettingsCommand, takes

if TYPE_CHECKING:
    from ..checkpoints import Store
    from ..checkpoints.store.run_sessions import Standing
    from ..runs.plan import RunPlan
    from .options import Options
    from .running import Task


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
    from .options import Options
    from .output import say
    from .reading import require_store
    from .running import play_task

    options = Options.of(config, context.obj["store"], show=show, as_json=as_json)
    require_store(options.store)
    with Store.open(options.store) as store:
        task = _task(options, store, run, errors)
        if not task.session_ids:
            say(
                "no conversation of the run has failed" if errors else "all conversations of the run are done"
            )
            return
        code = play_task(task, store)
    raise typer.Exit(code)


def _task(options: Options, store: Store, run: str, errors: bool) -> Task:
    from ..checkpoints.store.run_sessions import RunSessions
    from ..prompts.library import PromptLibrary
    from .running import Task

    run_sessions = RunSessions(store)
    run_id = run_sessions.find(run)
    start = run_sessions.start(run_id)
    plan = _plan(store, run_id, start, options.base_url)
    wanted: list[Standing] = ["failed"] if errors else ["pending", "running", "failed", "stopped"]
    session_ids = [entry.session_id for entry in run_sessions.entries(run_id, statuses=wanted)]
    options = options.changed(
        name=run if run_sessions.named(run) else None,
        catalog=options.catalog or start.get("catalog"),
        session=tuple(session_ids),
        session_gap=start.get("session_gap"),
        allow_missing_media=bool(start.get("allow_missing_media")),
    )
    catalog = _catalog(options, plan)
    prompts = PromptLibrary(plan.prompt_overrides)
    _require_same_prompts(plan, prompts, start)
    return Task(options, catalog, prompts, plan, session_ids)


def _plan(store: Store, run_id: str, start: Any, base_url: str | None) -> RunPlan:
    """The plan that the run was last started with, at another address if one is given."""
    from ..checkpoints.store.threads import Threads
    from ..runs.plan import RunPlan

    plan = RunPlan.model_validate(start.get("plan") or Threads(store).run(run_id)["plan"])
    if base_url is None:
        return plan
    models = {agent: spec.model_copy(update={"base_url": base_url}) for agent, spec in plan.models.items()}
    return RunPlan.model_validate(
        {**plan.model_dump(), "models": {a: m.model_dump() for a, m in models.items()}}
    )


def _catalog(options: Options, plan: RunPlan) -> Any:
    """The run's catalogue. Raises `ConfigError` when what is at its place is another one by now."""
    from ..catalog.opening import open_catalog
    from ..core.errors import ConfigError

    catalog = open_catalog(options.catalog, session_gap=options.session_gap)
    if catalog.digest != plan.catalog_digest:
        raise ConfigError(
            f"{options.catalog or 'the demo catalogue'} is not the catalogue of run {plan.run_id}: its digest is "
            f"{catalog.digest[:12]}, the run's {plan.catalog_digest[:12]}",
            hint="name the run's own with --catalog",
        )
    return catalog


def _require_same_prompts(plan: RunPlan, prompts: Any, start: Any) -> None:
    """Raises `ChangedRunError` when the package's templates are others than those that the run was played with."""
    from ..core.errors import ChangedRunError
    from ..runs.fingerprint import Fingerprint, differences

    if prompts.digest_all() == plan.prompts_digest:
        return
    kept = start.get("fingerprint")
    told = ""
    if kept:
        before = Fingerprint(kept["settings"], kept["templates"])
        told = "".join(f"\n  {d}" for d in differences(before, Fingerprint.of(plan, prompts)))
    raise ChangedRunError(
        f"run {plan.run_id} was played with other prompts than this segue has:{told}",
        hint="use the segue it was begun with, or begin a new run with `segue run --name ANOTHER`",
    )
