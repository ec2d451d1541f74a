"""The view of whoever writes both sides of a conversation: a playlist, a negative set, a persona, and the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .values import Agent, Persona, TrackCard, Value
from .visible_tracks import VisibleTracks

_MEDIA = (("audio", "audio"), ("image", "image"), ("images", "image"))


class SingleView(Value):
    """What one model is shown that writes a whole conversation (TalkPlay, section 3.2 and appendix A.1).

    Attributes:
        playlist: of which at least half is played.
        negatives: what may be played only to be turned down.
        turns: of the conversation.
    """

    playlist: tuple[TrackCard, ...]
    negatives: tuple[TrackCard, ...]
    persona: Persona
    turns: int

    @property
    def least(self) -> int:
        """Different tracks of the playlist that are played, at least: half of them."""
        return least_played(len(self.playlist))

    @property
    def most_refused(self) -> int:
        """Tracks of the negative set that may be played and turned down."""
        return min(most_refused(self.turns), len(self.negatives))


def least_played(playlist: int) -> int:
    """At least half of a playlist."""
    return (playlist + 1) // 2


def most_refused(turns: int) -> int:
    """One turn in four, and never the last one, on which nothing can be turned down any more."""
    return turns // 4


def longest_playlist(turns: int) -> int:
    """Tracks of which at least half can be played in so many turns, some of which miss."""
    return 2 * (turns - most_refused(turns))


def build_single_view(channels: Mapping[str, Any]) -> SingleView:
    """The view, from the channels its node was given; with what the recsys may see and hear of a track."""
    setup, cards = channels["setup"], channels["tracks"]
    shown = setup["modalities"][Agent.RECSYS.value]
    hidden = tuple(name for name, kind in _MEDIA if kind not in shown)
    refused = setup["negative_ids"]
    liked = [track_id for track_id in channels["pool_ids"] if track_id not in set(refused)]
    return SingleView(
        playlist=VisibleTracks(cards, liked, hidden).all(),
        negatives=VisibleTracks(cards, refused, hidden).all(),
        persona=Persona.from_json(channels["persona"]),
        turns=setup["turns"],
    )
