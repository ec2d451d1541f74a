"""The offline model plays whatever a reader may bring: bare cards, odd words, scripts of all kinds."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from segue.agents.answers import ProfileAnswer
from segue.models.offline import OfflineChatModel
from segue.state.values import TrackCard
from support.state.sessions import first_channels, play, prompts

EXAMPLES = int(os.environ.get("SEGUE_TEST_EXAMPLES", "25"))
TEMPLATES = prompts().goal_templates()

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12
).filter(str.strip)
NAMES = st.one_of(
    WORDS, st.sampled_from(["Ann", "Blue", "seen live", "5 stars", "rock", "–", "(", "?", "1999"])
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def cards(draw: st.DrawFn) -> list[TrackCard]:
    """21 cards, many of them bare, titles and artists often alike."""
    names, albums = st.sampled_from(draw(st.lists(NAMES, min_size=1, max_size=4))), maybe(NAMES)
    tags = st.lists(NAMES, max_size=3)
    return [
        TrackCard(
            track_id=f"t{number}",
            title=draw(names),
            artists=(draw(names),),
            album=draw(albums),
            release_date=draw(maybe(st.sampled_from(["1965", "1999-05", "2021-01-31"]))),
            tags=tuple(draw(tags)),
            tempo=draw(maybe(st.floats(1, 500))),
            key=draw(maybe(st.sampled_from(["A minor", "F# major", "Zb"]))),
            chords=tuple(draw(st.lists(st.sampled_from(["Am", "G7", "N"]), max_size=2))),
            popularity=draw(maybe(st.floats(0, 100))),
            lyrics=draw(maybe(NAMES)),
        )
        for number in range(21)
    ]


PLAIN = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate],  # to shrink 21 cards takes minutes
)


@pytest.mark.slow
@PLAIN
@given(
    cards=cards(),
    templates=st.lists(st.sampled_from(TEMPLATES), min_size=3, max_size=3, unique_by=lambda t: t.template_id),
    words=st.integers(3, 60),
    register=st.sampled_from(["plain", "casual", "chatty", "exact"]),
    seed=st.integers(0, 1000),
)
def test_every_answer_is_valid_at_once(
    cards: list[TrackCard], templates: list[Any], words: int, register: str, seed: int
) -> None:
    channels = first_channels(cards, profiling=5, templates=templates, words=words, register=register)
    channels["setup"]["turns"] = 5
    played = play(channels, OfflineChatModel(), seed=seed)
    assert len(played.picks) == len({card.track_id for card in played.picks}) == 5
    assert all(message.strip() for message in played.listener_messages)
    ProfileAnswer.model_validate(played.calls[0][2])
