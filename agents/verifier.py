"""The verifier: after each track, what the goal's criteria say of it. No model is asked and no agent reads it."""

from __future__ import annotations

from ..state.truth import TrackVerdict, decide, in_force
from ..state.verifier_view import VerifierView


def verify(view: VerifierView) -> TrackVerdict:
    """The verdict on the track just played."""
    return decide(view.turn, view.track, in_force(view.truths, view.turn), view.verdicts)
