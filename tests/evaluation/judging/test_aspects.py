from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from segue.core.errors import ConfigError
from segue.evaluation.judging.aspects import (
    ASPECTS,
    TABLE,
    Aspect,
    Sight,
    absent,
    choose_aspects,
    missing,
    turns_asked,
)
from segue.evaluation.judging.cases import Case
from segue.evaluation.judging.rendering import render_judgement
from segue.prompts.library import PromptLibrary
from support.evaluation.cases import case, turn
from support.state.states import card

PROMPTS = PromptLibrary()
TALK = {Sight.REQUESTS, Sight.REPLIES}
PUBLISHED_SIGHT: dict[str, set[Sight]] = {
    "goal_plausibility": {Sight.GOAL, Sight.POOL},
    "profile_appropriateness": {Sight.PROFILE, Sight.PROFILING},
    "progress_label": {Sight.GOAL, *TALK, Sight.TRACKS, Sight.LABELS},
    "listener_thought": {*TALK, Sight.LISTENER_THOUGHTS},
    "recsys_thought": {*TALK, Sight.RECSYS_THOUGHTS},
    "listener_message_quality": {Sight.GOAL, *TALK, Sight.PROFILE, Sight.TRACKS},
    "listener_message_helpfulness": {Sight.GOAL, *TALK, Sight.PROFILE, Sight.TRACKS},
    "recsys_message_quality": {Sight.GOAL, *TALK, Sight.PROFILE, Sight.TRACKS},
    "recsys_message_accuracy": {Sight.GOAL, *TALK, Sight.PROFILE, Sight.TRACKS},
    "recommendation": {Sight.GOAL, *TALK, Sight.TRACKS},
    "goal_fulfilment": {Sight.GOAL, *TALK, Sight.TRACKS},
    "modality_use": {*TALK, Sight.TRACKS},
}
"""What the paper's judge calls are given; media go with the tracks that are shown."""

FOREIGN = card("elsewhere", 7)
CHANGES: dict[Sight, Any] = {
    Sight.GOAL: lambda c: replace(c, goal={**c.goal, "listener_goal": "polkas about the sea"}),
    Sight.PROFILE: lambda c: replace(c, profile={**c.profile, "top_1_genre": "polka"}),
    Sight.PROFILING: lambda c: replace(c, profiling=(FOREIGN, *c.profiling[1:])),
    Sight.POOL: lambda c: replace(c, pool=(FOREIGN, *c.pool[1:])),
    Sight.REQUESTS: lambda c: _turns(c, request="Polkas, if you please."),
    Sight.REPLIES: lambda c: _turns(c, reply="A polka then."),
    Sight.LISTENER_THOUGHTS: lambda c: _turns(c, listener_thought="polka in private"),
    Sight.RECSYS_THOUGHTS: lambda c: _turns(c, recsys_thought="polka in secret"),
    Sight.LABELS: lambda c: _turns(c, label="DOES_NOT_MOVE_TOWARD_GOAL"),
    Sight.TRACKS: lambda c: _turns(c, track=FOREIGN),
    Sight.MEDIA: lambda c: c.shown(("text",)),
}


def _turns(whole: Case, **changes: Any) -> Case:
    return replace(whole, turns=tuple(replace(t, **changes) for t in whole.turns))


def digest(aspect: Aspect, shown: Case) -> str:
    return render_judgement(PROMPTS, aspect, shown, "json").digest


def test_every_aspect_sees_just_what_the_paper_lets_it_see() -> None:
    assert {a.name: set(a.sees) - {Sight.MEDIA} for a in TABLE} == PUBLISHED_SIGHT
    assert all(a.needs <= a.sees for a in TABLE)


@pytest.mark.parametrize("sight", list(Sight))
@pytest.mark.parametrize("aspect", TABLE, ids=lambda a: a.name)
def test_what_an_aspect_may_not_see_does_not_change_a_byte_of_its_request(
    aspect: Aspect, sight: Sight
) -> None:
    whole = case()
    changed = CHANGES[sight](whole)
    assert changed.digest != whole.digest
    assert (digest(aspect, changed) == digest(aspect, whole)) == (sight not in aspect.sees)


def test_the_ten_published_scores_stand_beside_ours() -> None:
    published = {a.name: a.published for a in TABLE if a.published is not None}
    assert len(TABLE) == 12 and len(published) == 10
    assert published["recommendation"] == 3.35 and published["goal_plausibility"] == 3.93
    assert ASPECTS["goal_fulfilment"].published is None and ASPECTS["modality_use"].published is None


@pytest.mark.parametrize(
    ("change", "aspect", "lacking"),
    [
        ({"pool": None}, "goal_plausibility", [Sight.POOL]),
        ({"profiling": None}, "profile_appropriateness", [Sight.PROFILING]),
        ({"goal": None}, "progress_label", [Sight.GOAL]),
        ({"goal": None}, "recommendation", []),
        ({"profile": None}, "recsys_message_accuracy", []),
    ],
)
def test_an_aspect_without_its_inputs_does_not_apply(
    change: dict[str, Any], aspect: str, lacking: list[Sight]
) -> None:
    assert list(missing(ASPECTS[aspect], case(**change))) == lacking


def test_what_would_have_been_shown_and_is_not_there_is_named() -> None:
    bare = case(goal=None, profile=None).shown(("text",))
    assert absent(ASPECTS["recsys_message_accuracy"], bare) == (Sight.GOAL, Sight.PROFILE, Sight.MEDIA)


def test_only_turns_that_have_what_is_needed_are_asked_for() -> None:
    turns = (turn("a", 1), turn("a", 2, label=None), turn("a", 3, track=None), turn("a", 4))
    given = case(turns=turns)
    assert [t.turn for t in turns_asked(ASPECTS["progress_label"], given)] == [1, 4]
    assert [t.turn for t in turns_asked(ASPECTS["recommendation"], given)] == [1, 2, 4]
    parted = case(turns=(turn("a", 1, label=None), turn("a", 2, track=None)))
    assert set(missing(ASPECTS["progress_label"], parted)) == {Sight.TRACKS, Sight.LABELS}


def test_aspects_are_chosen_by_name() -> None:
    assert choose_aspects(()) == TABLE
    chosen = choose_aspects(["recommendation, goal_fulfilment", "progress_label"])
    assert [a.name for a in chosen] == ["progress_label", "recommendation", "goal_fulfilment"]
    with pytest.raises(ConfigError, match="no aspect 'fun'"):
        choose_aspects(["fun"])
