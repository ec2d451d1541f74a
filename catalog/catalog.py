"""`Catalog`: the one way all others reach tracks, sessions and media files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from .session import ListeningSession
from .track import Track

MediaKind = Literal["audio", "cover"]


@runtime_checkable
class Catalog(Protocol):
    """A source of tracks and listening sessions. Objects are built on demand, so that size is not memory.

    Attributes:
        name: short, for people (`demo`, a folder's name).
        source: what it was read from and as which format, for people.
        digest: changes when any track or session changes; part of a run's fingerprint.
    """

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def digest(self) -> str: ...

    def track_ids(self) -> Sequence[str]:
        """All track ids, in the catalogue's order."""

    def track(self, track_id: str) -> Track:
        """One track. Raises `CatalogError` for an id that the catalogue does not hold."""

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        """Ids of the sessions with at least `min_tracks` distinct tracks, in the catalogue's order."""

    def session(self, session_id: str) -> ListeningSession:
        """One session. Raises `CatalogError` for an id that the catalogue does not hold."""

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        """The file, made on first use where the catalogue makes its media; None when the track has none.

        Raises `CatalogError` when the track refers to a file that is missing.
        """

    def coverage(self) -> dict[str, int]:
        """For each field of `Track` (absent ones included), how many tracks have it."""
