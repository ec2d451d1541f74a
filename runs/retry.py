"""A run gone on with, from its name or id alone: all that is not done of it, or only what failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSessions, Standing
from ..checkpoints.store.threads import Threads
from ..core.errors import ChangedRunError, ConfigError
from ..prompts.library import PromptLibrary
from .config import RunConfig
from .fingerprint import Fingerprint, differences
from .plan import RunPlan
from .run import Task


def further_run(store: Store, run: str, config: RunConfig, *, errors: bool) -> Task:
    """The run's conversations that are not done, as a task; its own settings stay as they were.

    Args:
        run: its name, its id, or a unique start of that.
        config: how it is played on, and where its catalogue and its models are by now.
        errors: only the conversations that failed, and have not succeeded since.

    Raises:
        NotFoundError: there is no such run.
        ConfigError: what is at the catalogue's place is another one by now.
        ChangedRunError: the package's templates are others than those that it was played with.
    """
    sessions = RunSessions(store)
    run_id = sessions.find(run)
    start = sessions.start(run_id)
    plan = _plan(store, run_id, start, config.base_url)
    session_ids = sessions.failed(run_id) if errors else _unfinished(sessions, run_id)
    config = config.changed(
        name=run if sessions.named(run) else None,
        catalog=config.catalog or start.get("catalog"),
        session=session_ids,
        session_gap=start.get("session_gap"),
        allow_missing_media=bool(start.get("allow_missing_media")),
    )
    catalog = _catalog(config, plan)
    prompts = PromptLibrary(plan.prompt_overrides, layout=plan.layout)
    _require_same_prompts(plan, prompts, start)
    return Task(config, catalog, prompts, plan, session_ids, new=False)


def _unfinished(sessions: RunSessions, run_id: str) -> tuple[str, ...]:
    statuses: list[Standing] = ["pending", "running", "failed", "stopped"]
    return tuple(entry.session_id for entry in sessions.entries(run_id, statuses=statuses))


def _plan(store: Store, run_id: str, start: Mapping[str, Any], base_url: str | None) -> RunPlan:
    """The plan that the run was last started with, at another address if one is given."""
    plan = RunPlan.model_validate(start.get("plan") or Threads(store).run(run_id)["plan"])
    if base_url is None:
        return plan
    models = {agent: spec.model_copy(update={"base_url": base_url}) for agent, spec in plan.models.items()}
    return RunPlan.model_validate(
        {**plan.model_dump(), "models": {a: m.model_dump() for a, m in models.items()}}
    )


def _catalog(config: RunConfig, plan: RunPlan) -> Catalog:
    catalog = open_catalog(config.catalog, session_gap=config.session_gap)
    if catalog.digest != plan.catalog_digest:
        raise ConfigError(
            f"{config.catalog or 'the demo catalogue'} is not the catalogue of run {plan.run_id}: its digest is "
            f"{catalog.digest[:12]}, the run's {plan.catalog_digest[:12]}",
            hint="name the run's own with --catalog",
        )
    return catalog


def _require_same_prompts(plan: RunPlan, prompts: PromptLibrary, start: Mapping[str, Any]) -> None:
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
