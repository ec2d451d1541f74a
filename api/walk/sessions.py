"""Catalogues with listening sessions that walks make, to play conversations on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ...catalog.catalog import Catalog
from ...catalog.native_writing import refuse_full, write_native
from ...catalog.opening import open_catalog
from ...catalog.reporting.report import QUALIFYING_TRACKS
from ...catalog.session import ListeningSession
from ...catalog.with_sessions import CatalogWithSessions
from ...core.errors import InputError
from ...core.places import cache_folder
from ...core.settings import faults_of, require_bounds
from ...recommenders.walk.building import sound_of, vectors_of
from ...recommenders.walk.collections import COMMON_SOURCES as COMMON_SOURCES
from ...recommenders.walk.generating import Generator
from ...recommenders.walk.listening import simulated_sessions
from ...recommenders.walk.walk_settings import WalkSettings
from .walking import walk_collections

TURNS: Final = 7
"""So that nearly all sessions have the tracks that a conversation takes."""


@dataclass(frozen=True)
class SimulatedSessions:
    """What was written.

    Attributes:
        folder: a native catalogue.
        qualifying: sessions with enough distinct tracks to be played on.
    """

    folder: str
    tracks: int
    sessions: int
    qualifying: int

    def to_json(self) -> dict[str, Any]:
        """Plain JSON with stable keys."""
        return asdict(self)


def walk_sessions(
    out: str | Path,
    count: int,
    catalog: str | Path | None = None,
    *,
    sources: Sequence[str] = COMMON_SOURCES,
    least: int = 5,
    turns: int = TURNS,
    slate: int = 5,
    seed: int = 0,
) -> SimulatedSessions:
    """Write a catalogue's tracks with simulated listening sessions in place of its own: a walk through collections
    makes each, of the tracks that its slates show. Their origin is `simulated`.

    Args:
        out: a new folder, a native catalogue.
        count: sessions.
        catalog: folder or file; the demo catalogue by default.
        sources: see `walk_collections`; by default what shares a tag, an artist or a decade, so that nothing of real
            sessions or playlists is in them.
        least: tracks of a collection.
        turns, slate: of a walk; their product is about how many tracks a session has.
        seed: the same one gives the same sessions.

    Raises:
        InputError: nothing can be read, there is no such source, or no session could be played on.
        CatalogError: the folder is there already, or cannot be written.
    """
    require_bounds("count", count, 1, 1_000_000)
    refuse_full(Path(out), force=False)
    with faults_of(WalkSettings.model_fields, "settings"):
        settings = WalkSettings(turns=turns, slate=slate)
    opened = open_catalog(None if catalog is None else str(catalog))
    found = walk_collections(catalog, sources=sources, least=least)
    vectors = vectors_of(found, cache_folder() / "walk", sound=sound_of(opened))
    made = list(simulated_sessions(Generator(found, vectors, settings, seed), count))
    return _written(Path(out), opened, made)


def _written(folder: Path, opened: Catalog, made: Sequence[ListeningSession]) -> SimulatedSessions:
    whole = CatalogWithSessions(opened, made, f"{opened.name}, simulated sessions")
    qualifying = len(whole.session_ids(min_tracks=QUALIFYING_TRACKS))
    if not qualifying:
        raise InputError(
            f"no session has the {QUALIFYING_TRACKS} tracks that a conversation takes",
            hint="--turns and --slate make them longer; --least and --source let more collections in",
        )
    tracks, sessions = write_native(whole, folder, kind="jsonl", media="link")
    return SimulatedSessions(str(folder), tracks, sessions, qualifying)
