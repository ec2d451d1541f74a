"""The recsys: one unused pool track each turn, with a reply; goal and thoughts are hidden from it."""

from __future__ import annotations

from ..state.views import RecsysView
from .answers import RecsysAnswer
from .asking import Desk, Outcome, ask
from .rendering import render_request


async def recommend(view: RecsysView, desk: Desk) -> Outcome[RecsysAnswer]:
    """The pick of this turn; legal whatever the model tried first."""
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: RecsysAnswer) -> str | None:
        return check_pick(answer.track_id, view)

    return await ask(desk, request, RecsysAnswer, check)


def check_pick(track_id: str, view: RecsysView) -> str | None:
    """What is wrong with picking `track_id`, or None."""
    if view.required_id is not None and track_id != view.required_id:
        return f"track_id must be {view.required_id!r} this time, not {track_id!r}"
    if track_id in view.used_ids:
        return f"track_id {track_id!r} was already recommended; choose one that was not"
    if track_id not in {card.track_id for card in view.pool}:
        return f"track_id {track_id!r} is not in the pool; copy one id exactly"
    return None
