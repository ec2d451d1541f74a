"""The conversations of a reproduction: played on a catalogue's sessions, and on simulated ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ...catalog.native import ABOUT
from ...catalog.opening import open_catalog
from ...catalog.reporting.report import QUALIFYING_TRACKS
from ...core.errors import InputError
from ...core.tables import counted
from ...dataset.exporting import CARD
from ...runs.settings.config import RunConfig
from ..data.datasets import export
from ..playing import Events, Stopping, play
from ..walk.sessions import walk_sessions

_ELSEWHERE: Final = "another folder, or the number that is there"
Say = Callable[[str], None]


def played_conversations(
    config: RunConfig, store: str, say: Say, events: Events | None = None, stopping: Stopping | None = None
) -> None:
    """Play them, or those that are not played yet.

    Raises:
        SegueError: it was stopped, or none was finished; what was played is kept.
    """
    more: dict[str, Any] = {} if stopping is None else {"stopping": stopping}
    result = play(config, store=store, events=events, **more)
    if result.stopped is not None:
        raise result.stopped
    if not result.counts.get("done"):
        raise InputError("no conversation was finished, so that there is nothing to learn from")
    say(f"{counted(result.counts['done'], 'conversation')} to learn from and to test on, in {store}")


def simulated_conversations(
    folder: Path,
    config: RunConfig,
    count: int,
    say: Say,
    events: Events | None = None,
    stopping: Stopping | None = None,
) -> Path:
    """Play one conversation on each of so many simulated sessions of the same catalogue; where they are as a data set.

    Args:
        config: how the others are played.
        count: sessions; on those with too few tracks nothing is played.

    Raises:
        SegueError: as `played_conversations`, the sessions cannot be made, or another number of them is there.
    """
    catalog, exported = folder / "simulated", folder / "simulated_data"
    store = f"sqlite:///{folder / 'simulated.db'}"
    if not (catalog / ABOUT).exists():
        shutil.rmtree(catalog, ignore_errors=True)
        made = walk_sessions(catalog, count, config.catalog, seed=config.seed)
        say(f"{made.sessions:,} sessions are simulated, {made.qualifying:,} of them long enough")
    there = len(open_catalog(str(catalog)).session_ids())
    if there != count:
        raise InputError(f"{catalog}: there are {there:,} simulated sessions, not {count:,}", hint=_ELSEWHERE)
    if not (exported / CARD).exists():
        playable = len(open_catalog(str(catalog)).session_ids(min_tracks=QUALIFYING_TRACKS))
        on_these = config.changed(name=None, catalog=str(catalog), sessions=playable, repeats=1)
        played_conversations(on_these, store, say, events, stopping)
        export(exported, store=store, catalog=str(catalog), split="none", pictures=False)
    return exported
