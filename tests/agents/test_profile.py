"""The profile agent: what is known of the listener, and the taste that it inferred."""

from __future__ import annotations

from typing import cast

from segue.agents.profile import infer_profile
from segue.state.values import Agent
from segue.state.views import ProfileView
from support.agents.asking import desk_of, view_of


async def test_what_is_known_is_kept_beside_what_is_inferred() -> None:
    desk, calls = desk_of(Agent.PROFILE, turn=0)
    profile, outcome = await infer_profile(cast(ProfileView, await view_of(Agent.PROFILE)), desk)
    assert profile.to_json() == {
        "age": 34,
        "age_group": "30s",
        "country_name": "Brazil",
        "gender": "female",
        "preferred_language": "Portuguese",
        "preferred_musical_culture": "Brazilian coast culture",
        "top_1_artist": "profiling artist 1",
        "top_1_genre": "folk of the bay",
    }
    assert outcome.answer.thought == "private profile thought" and len(calls.requests) == 1
