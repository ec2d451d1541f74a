"""The verifier's view: what is needed to measure the track just played."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .actions import replies_of
from .truth import TrackVerdict, Truth, truths_of, verdicts_of
from .values import TrackCard, Value
from .visible_tracks import VisibleTracks


class VerifierView(Value):
    """What is needed to measure the track just played: the goals' truth, and the verdicts so far."""

    truths: tuple[Truth, ...]
    verdicts: tuple[TrackVerdict, ...]
    turn: int
    track: TrackCard


def build_verifier_view(channels: Mapping[str, Any]) -> VerifierView:
    """The verifier's view, from the channels its node was given."""
    played = replies_of(channels)[-1]
    return VerifierView(
        truths=truths_of(channels),
        verdicts=tuple(verdicts_of(channels).values()),
        turn=played["turn"],
        track=VisibleTracks(channels["tracks"], [played["track_id"]])[played["track_id"]],
    )
