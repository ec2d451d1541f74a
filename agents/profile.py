"""The profile agent: who is listening, inferred from demographics and five tracks."""

from __future__ import annotations

from ..state.values import Profile
from ..state.views import ProfileView
from .answers import ProfileAnswer
from .asking import Desk, Outcome, ask
from .rendering import render_request


async def infer_profile(view: ProfileView, desk: Desk) -> tuple[Profile, Outcome[ProfileAnswer]]:
    """The listener's profile: the known demographics and the inferred taste."""
    request = render_request(desk.prompts, view, desk.answer_format)
    outcome = await ask(desk, request, ProfileAnswer)
    taste = outcome.answer.model_dump(exclude={"thought"})
    return Profile(**view.demographics.model_dump(), **taste), outcome
