"""Small catalogues to search in, and conversations as the recsys knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segue.catalog.session import ListeningSession
from segue.catalog.track import Track
from segue.core.hashing import digest_of
from segue.state.values import Profile, TrackCard
from segue.state.views import RecsysExchange, RecsysView

TASTE = Profile(
    preferred_musical_culture="Brazilian", top_1_artist="Duarte e Lírio", top_1_genre="bossa nova"
)


class Listed:
    """`Catalog` of the tracks it is given; counts how often one was read."""

    name = "listed"
    source = "a test"

    def __init__(self, tracks: Sequence[Track]) -> None:
        self._tracks = {track.track_id: track for track in tracks}
        self.digest = digest_of([track.to_row() for track in tracks])
        self.read = 0

    def track_ids(self) -> Sequence[str]:
        return tuple(self._tracks)

    def track(self, track_id: str) -> Track:
        self.read += 1
        return self._tracks[track_id]

    def session_ids(self, *, min_tracks: int = 1) -> Sequence[str]:
        return ()

    def session(self, session_id: str) -> ListeningSession:
        raise KeyError(session_id)

    def media_path(self, track: Track, kind: str) -> None:
        return None

    def coverage(self) -> dict[str, int]:
        return {"track_name": len(self._tracks)}


def song(name: str, artist: str = "Nobody", *tags: str, **more: Any) -> Track:
    """A track whose id and title are `name`."""
    return Track(track_id=name, track_name=(name,), artist_name=(artist,), tag_list=tags, **more)


def asked(message: str, *before: tuple[str, Track], **more: Any) -> RecsysView:
    """What the recsys knows when `message` is said after (message, track played)."""
    exchanges = tuple(
        RecsysExchange(
            turn=turn,
            message=said,
            thought="…",
            track_id=track.track_id,
            reply="…",
            track=TrackCard.of_row(track.to_row()),
        )
        for turn, (said, track) in enumerate(before, 1)
    )
    given = {"profile": None, "pool": (), "turn": len(before) + 1, "turns": 8, **more}
    return RecsysView(modalities=("text",), exchanges=exchanges, message=message, **given)
