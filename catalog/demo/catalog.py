"""`DemoCatalog`: the built-in catalogue, read from the package and giving media that it makes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from ...core.errors import CatalogError
from ...core.hashing import digest_of
from ...core.places import cache_folder
from ..catalog import MediaKind
from ..session import ListeningSession
from ..track import MediaRef, Track
from .cache import ensure_file
from .entries import TrackEntry, read_entries
from .sessions import build_sessions
from .tracks import track_of

# Part of the digest: raise it whenever the sound or the drawing changes, so that no cache gives old files.
MEDIA_VERSION = 1


class DemoCatalog:
    """The demo catalogue: fictional artists, tracks, listeners; free of rights (CC0).

    Media are made on first use and kept below `cache_dir`, in a folder named after the digest.
    """

    name = "demo"
    source = "the built-in demo catalogue (fictional, CC0)"

    def __init__(self, entries: Sequence[TrackEntry], cache_dir: Path) -> None:
        self._entries = {entry.track_id: entry for entry in entries}
        self._tracks = {entry.track_id: track_of(entry) for entry in entries}
        self._cache_dir = cache_dir

    @cached_property
    def digest(self) -> str:
        """Digest of every track, every session and the way in which media are made."""
        return digest_of(
            {
                "media": MEDIA_VERSION,
                "tracks": [track.to_row() for track in self._tracks.values()],
                "sessions": [session.to_row() for session in self._sessions.values()],
            }
        )

    @cached_property
    def _sessions(self) -> Mapping[str, ListeningSession]:
        return {session.session_id: session for session in build_sessions(tuple(self._tracks.values()))}

    @property
    def media_root(self) -> Path:
        """The folder that `MediaRef.path` is relative to."""
        return self._cache_dir / f"demo-{self.digest[:12]}"

    def track_ids(self) -> Sequence[str]:
        return tuple(self._tracks)

    def track(self, track_id: str) -> Track:
        """The track. Raises `CatalogError` for an id that there is not."""
        try:
            return self._tracks[track_id]
        except KeyError:
            raise _unknown("track", track_id, self._tracks) from None

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        return tuple(
            name for name, session in self._sessions.items() if len(session.distinct_track_ids) >= min_tracks
        )

    def session(self, session_id: str) -> ListeningSession:
        """The session. Raises `CatalogError` for an id that there is not."""
        try:
            return self._sessions[session_id]
        except KeyError:
            raise _unknown("session", session_id, self._sessions) from None

    def media_path(self, track: Track, kind: MediaKind) -> Path | None:
        """The file of `track`, made now where it is missing (about 0.13 s for audio, 0.05 s for a cover).

        Raises:
            CatalogError: the track is none of the demo's, or the cache cannot be written.
        """
        entry = self._entries.get(track.track_id)
        if entry is None:
            raise _unknown("track", track.track_id, self._tracks)
        ref: MediaRef | None = getattr(self._tracks[track.track_id], kind)
        return None if ref is None else ensure_file(self.media_root / ref.path, lambda: _make(entry, kind))

    def coverage(self) -> dict[str, int]:
        tracks = self._tracks.values()
        return {
            field: sum(getattr(track, field) not in (None, ()) for track in tracks)
            for field in Track.model_fields
        }


def open_demo(cache_dir: Path | None = None) -> DemoCatalog:
    """The demo catalogue, with its media below `cache_dir` (by default the cache folder); nothing is written yet."""
    return _opened(cache_dir or cache_folder())


@lru_cache(4)
def _opened(cache_dir: Path) -> DemoCatalog:
    return DemoCatalog(read_entries(), cache_dir)


def _make(entry: TrackEntry, kind: MediaKind) -> bytes:
    # The renderers load numpy, Pillow and libsndfile, which most uses of the catalogue never need.
    if kind == "audio":
        from .recording import record

        return record(entry)
    from .cover import draw

    return draw(entry.album)


def _unknown(what: str, name: str, known: Mapping[str, object]) -> CatalogError:
    example = next(iter(known))
    return CatalogError(
        f"the demo catalogue has no {what} {name!r}", hint=f"its {what} ids look like {example!r}"
    )
