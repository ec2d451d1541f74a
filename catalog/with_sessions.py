"""`CatalogWithSessions`: the tracks of a catalogue, with other listening sessions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from ..core.errors import CatalogError
from ..core.hashing import digest_of
from .catalog import Catalog, MediaKind
from .session import ListeningSession
from .track import Track


class CatalogWithSessions:
    """Tracks and media of one catalogue, and sessions in place of its own.

    Args:
        sessions: of tracks of the catalogue.
    """

    def __init__(self, catalog: Catalog, sessions: Sequence[ListeningSession], name: str) -> None:
        self.name, self.source = name, catalog.source
        self._catalog = catalog
        self._sessions = {session.session_id: session for session in sessions}

    @cached_property
    def digest(self) -> str:
        """Changes when any track or session changes."""
        return digest_of([self._catalog.digest, [each.to_row() for each in self._sessions.values()]])

    def track_ids(self) -> Sequence[str]:
        """See `Catalog`, as all that follows."""
        return self._catalog.track_ids()

    def track(self, track_id: str) -> Track:
        return self._catalog.track(track_id)

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        return [name for name, each in self._sessions.items() if len(each.distinct_track_ids) >= min_tracks]

    def session(self, session_id: str) -> ListeningSession:
        if session_id not in self._sessions:
            raise CatalogError(f"{self.name} has no session {session_id!r}")
        return self._sessions[session_id]

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        return self._catalog.media_path(track, kind)

    def coverage(self) -> dict[str, int]:
        return self._catalog.coverage()
