"""The recsys: an unused pool track with a reply or, where it may, a question or a refusal; goal and thoughts are hidden
from it."""

from __future__ import annotations

from ..state.channels import RULES_WITH_TRUTH
from ..state.values import PLAY_ALONE, Action
from ..state.views import RecsysView
from .answers import ActingRecsysAnswer, RecsysAnswer
from .asking import Desk, Outcome, ask
from .chair.asking import ChairOutcome, recommend_from
from .rendering import render_request
from .reply_words import check_reply, check_unplayed

RecsysOutcome = Outcome[RecsysAnswer] | Outcome[ActingRecsysAnswer] | ChairOutcome


async def recommend(view: RecsysView, desk: Desk) -> RecsysOutcome:
    """What is played on this turn, or done in its place; legal whatever was tried first."""
    if desk.chair is not None:
        return await recommend_from(desk.chair, view, desk)
    request = render_request(desk.prompts, view, desk.answer_format)

    def check(answer: RecsysAnswer) -> str | None:
        problem = check_pick(answer.track_id, view)
        if problem or desk.prompts.rules < RULES_WITH_TRUTH:
            return problem
        return check_reply(answer.message, answer.track_id, view)

    if view.actions == PLAY_ALONE:
        return await ask(desk, request, RecsysAnswer, check)
    return await ask(desk, request, ActingRecsysAnswer, lambda answer: check_action(answer, view))


def check_action(answer: ActingRecsysAnswer, view: RecsysView) -> str | None:
    """What is wrong with what is done on this turn, or with its words; None where nothing is."""
    if answer.action not in view.legal_actions:
        return f"action must be one of {', '.join(view.legal_actions)} now, not {answer.action.value}"
    if answer.action is Action.PLAY:
        problem = check_pick(answer.track_id, view)
        return problem or check_reply(answer.message, answer.track_id, view)
    if answer.track_id.strip():
        return f"track_id must be empty where the action is {answer.action.value}: nothing is played"
    return check_unplayed(answer.message, view)


def check_pick(track_id: str, view: RecsysView) -> str | None:
    """What is wrong with picking `track_id`, or None."""
    if view.required_id is not None and track_id != view.required_id:
        return f"track_id must be {view.required_id!r} this time, not {track_id!r}"
    if track_id in view.used_ids:
        return f"track_id {track_id!r} was already recommended; choose one that was not"
    if track_id not in {card.track_id for card in view.pool}:
        return f"track_id {track_id!r} is not in the pool; copy one id exactly"
    return None
