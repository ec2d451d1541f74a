"""The profile agent: who is listening, inferred from demographics and five tracks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from ..state.values import Profile
from ..state.views import ProfileView
from .answers import ProfileAnswer
from .asking import Desk, Outcome, ask
from .rendering import artists_of, render_request


async def infer_profile(view: ProfileView, desk: Desk) -> tuple[Profile, Outcome[ProfileAnswer]]:
    """The listener's profile: the known demographics and the inferred taste."""
    request = render_request(desk.prompts, view, desk.answer_format)
    artists = {plain_name(name): name for name in artists_of(view)} if desk.prompts.rules >= 2 else {}

    def check(answer: ProfileAnswer) -> str | None:
        return check_artist(answer.top_1_artist, artists) if artists else None

    outcome = await ask(desk, request, ProfileAnswer, check)
    taste = outcome.answer.model_dump(exclude={"thought"})
    written = taste["top_1_artist"]
    taste["top_1_artist"] = artists.get(plain_name(written), written)  # spelt as on the tracks
    return Profile(**view.demographics.model_dump(), **taste), outcome


def check_artist(named: str, artists: Mapping[str, str]) -> str | None:
    """What is wrong with naming that artist, or None. `artists`: plain name -> name."""
    if plain_name(named) in artists:
        return None
    return f"top_1_artist must be one of {', '.join(map(repr, artists.values()))}, not {named[:80]!r}"


def plain_name(name: str) -> str:
    """The same for one name however it is typed: case, spaces and forms of letters left aside."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
