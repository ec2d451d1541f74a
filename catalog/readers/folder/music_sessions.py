"""Where the sessions of a music folder come from: a play log, playlists, or, marked as such, a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ....core.errors import ConfigError
from ...table import TableCatalog
from ..personal_log import read_log
from ..resolving import Resolver
from ..simulation import simulate_sessions
from .playlist_files import FoundSessions, read_playlists

C = TypeVar("C", bound=TableCatalog)


@dataclass(frozen=True)
class SessionsFrom:
    """One source of sessions, or none.

    Attributes:
        log: CSV file with plays.
        playlists: folder of playlists, or one.
        simulated: how many sessions to make up.
        seed: for those.
        session_gap: minutes of silence that end a session of the log; a UTC day otherwise.
    """

    log: Path | None = None
    playlists: Path | None = None
    simulated: int | None = None
    seed: int = 0
    session_gap: int | None = None

    def __post_init__(self) -> None:
        given = [self.log is not None, self.playlists is not None, self.simulated is not None]
        if sum(given) > 1:
            raise ConfigError(
                "sessions come from one source: --sessions-from, --playlists or --simulate-sessions",
                hint="import into a folder each",
            )


def with_sessions(catalogue: C, root: Path, source: SessionsFrom) -> C:
    """`catalogue`, which was read from `root`, with sessions; without any when `source` names none.

    Raises:
        CatalogError: the log or a playlist cannot be read, or there are too few tracks to simulate with.
    """
    if source.simulated is not None:
        return catalogue.having(
            sessions=simulate_sessions(catalogue.tracks, source.simulated, seed=source.seed)
        )
    if source.log is not None:
        found = read_log(source.log, Resolver(catalogue, root), session_gap=source.session_gap)
        return _having(catalogue, found, source.log, "plays of what the folder does not have")
    if source.playlists is not None:
        found = read_playlists(source.playlists, Resolver(catalogue, root))
        return _having(catalogue, found, source.playlists, "entries of what the folder does not have")
    return catalogue


def _having(catalogue: C, found: FoundSessions, file: Path, missing: str) -> C:
    report = catalogue.given
    dropped: Mapping[str, int] = {missing: len(found.missing)} if found.missing else {}
    return catalogue.having(
        sessions=found.sessions,
        report=report.having(
            files=(*report.files, file.name),
            rows=found.rows,
            dropped={**report.dropped, **dropped, **found.dropped},
            problems=(*report.problems, *found.problems, *found.missing),
        ),
    )
