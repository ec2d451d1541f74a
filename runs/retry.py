"""A run gone on with, from its name or id alone: all that is not done of it, or only what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints import Store
from ..checkpoints.store.run_sessions import RunSession, RunSessions, Standing
from ..checkpoints.store.threads import Threads
from ..core.errors import ChangedRunError
from ..prompts.library import PromptLibrary
from .fingerprint import Fingerprint, differences
from .plan import RunPlan, SessionRepeat, readdressed
from .preparation.pools import require_same_catalog
from .run import Task
from .settings.config import MOST_REPEATS, RunConfig


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
    chosen = tuple(
        repeat_of(plan, entry)
        for entry in (sessions.failed(run_id) if errors else _unfinished(sessions, run_id))
    )
    session_ids = tuple(dict.fromkeys(one.session_id for one in chosen))
    config = config.changed(
        name=run if sessions.named(run) else None,
        catalog=config.catalog or start.get("catalog"),
        session=session_ids,
        session_gap=start.get("session_gap"),
        allow_missing_media=bool(start.get("allow_missing_media")),
    )
    catalog = _catalog(config, plan)
    prompts = plan.library()
    _require_same_prompts(plan, prompts, start)
    return Task(config, catalog, prompts, plan, session_ids, new=False, chosen=chosen)


def _unfinished(sessions: RunSessions, run_id: str) -> Iterator[RunSession]:
    statuses: list[Standing] = ["pending", "running", "failed", "stopped"]
    return sessions.entries(run_id, statuses=statuses)


def repeat_of(plan: RunPlan, entry: RunSession) -> SessionRepeat:
    """Which of the conversations on its session an entry is: its thread's id tells, and nothing else does."""
    repeats = range(1, MOST_REPEATS + 1)
    ids = ((repeat, plan.repeated(repeat).thread_id(entry.session_id)) for repeat in repeats)
    return SessionRepeat(entry.session_id, next((n for n, own in ids if own == entry.thread_id), 1))


def _plan(store: Store, run_id: str, start: Mapping[str, Any], base_url: Sequence[str]) -> RunPlan:
    """The plan that the run was last started with, at other addresses where some are given."""
    plan = RunPlan.model_validate(start.get("plan") or Threads(store).run(run_id)["plan"])
    return plan.model_copy(update={"models": readdressed(plan.models, base_url)})


def _catalog(config: RunConfig, plan: RunPlan) -> Catalog:
    catalog = open_catalog(config.catalog, session_gap=config.session_gap)
    require_same_catalog(catalog, plan, config.catalog or "the demo catalogue")
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
