"""The beginning of a run: its name made sure of, its plan and settings kept, its sessions entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..catalog.catalog import Catalog
from ..checkpoints.store.run_sessions import RunSession, RunSessions
from ..checkpoints.store.threads import Threads
from ..core.errors import ConfigError
from ..prompts.library import PromptLibrary
from .fingerprint import Fingerprint, differences, refusal
from .plan import RunPlan, SessionRepeat

LONGEST_NAME = 120


@dataclass(frozen=True)
class Start:
    """What a run was started with beside its plan.

    Attributes:
        catalog: folder or file, or `demo`.
    """

    catalog: str
    session_gap: int | None = None
    allow_missing_media: bool = False


async def begin_run(
    run_sessions: RunSessions,
    start: Start,
    plan: RunPlan,
    catalog: Catalog,
    prompts: PromptLibrary,
    conversations: Sequence[SessionRepeat],
    name: str | None = None,
) -> None:
    """Note the run, or its new sessions. Doing it again changes nothing but the start that is kept.

    Raises:
        ChangedRunError: `name` stands for other settings; nothing was changed.
        ConfigError: for a name that cannot be one.
    """
    fingerprint = Fingerprint.of(plan, prompts)
    data = plan.model_dump(mode="json")
    store = run_sessions.store
    if name is not None:
        check_name(name)
        await store.looking_up(
            lambda: _require_same(run_sessions, name, run_sessions.named(name), plan.run_id, fingerprint)
        )
    await Threads(store).add_run(plan.run_id, data, catalog.source)
    await run_sessions.note_start(
        plan.run_id, {**asdict(start), "plan": data, "fingerprint": fingerprint.to_json()}
    )
    if name is not None:
        # Last, so that whatever has a name has its start; another process may have come first.
        holder = await run_sessions.bind(name, plan.run_id)
        await store.looking_up(lambda: _require_same(run_sessions, name, holder, plan.run_id, fingerprint))
    covered = await store.looking_up(lambda: run_sessions.covered(plan.run_id))
    entries = (_entry(plan.repeated(repeat), catalog, session_id) for session_id, repeat in conversations)
    await run_sessions.cover(plan.run_id, (entry for entry in entries if entry.thread_id not in covered))


def _require_same(
    run_sessions: RunSessions, name: str, holder: str | None, run_id: str, now: Fingerprint
) -> None:
    if holder is None or holder == run_id:
        return
    kept: Mapping[str, Any] = run_sessions.start(holder)["fingerprint"]
    before = Fingerprint(kept["settings"], kept["templates"])
    raise refusal(name, holder, differences(before, now))


def check_name(name: str) -> None:
    """Raises `ConfigError` for what cannot be a run's name."""
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise ConfigError(
            f"{name!r} cannot be a run's name",
            hint=f"up to {LONGEST_NAME} printable characters, without spaces at its ends",
        )


def _entry(plan: RunPlan, catalog: Catalog, session_id: str) -> RunSession:
    session = catalog.session(session_id)
    country = session.country_name or session.country_code
    thread_id = plan.thread_id(session_id)
    return RunSession(session_id, thread_id, country, session.age_group, session.gender)
