"""What a conversation of a single model is made from: a playlist of the session, a negative set from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.random import stream
from .sampling import Sample


@dataclass(frozen=True)
class PlaylistDraw:
    """Tracks of one conversation.

    Attributes:
        playlist: of the session, in the order in which they were drawn.
        negatives: of the catalogue, none of them of the session.
    """

    playlist: tuple[str, ...]
    negatives: tuple[str, ...]


def draw_playlist(
    sample: Sample,
    session_tracks: Sequence[str],
    catalog_tracks: Sequence[str],
    *,
    longest: int,
    seed: int,
    session_id: str,
) -> PlaylistDraw:
    """The playlist, and half as many negatives, as far as the catalogue has others. Depends on nothing but the
    arguments.

    Args:
        longest: tracks of a playlist that a conversation can play half of.
    """
    playlist = sample.pool_ids[:longest]
    own = set(session_tracks)
    wanted = max(1, len(playlist) // 2)
    drawn = stream(seed, session_id, "negatives").sample(
        range(len(catalog_tracks)), min(len(catalog_tracks), wanted + len(own))
    )
    others = [catalog_tracks[place] for place in drawn if catalog_tracks[place] not in own]
    return PlaylistDraw(playlist, tuple(others[:wanted]))
