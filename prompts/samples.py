"""Sample views for dry renders: enough of a conversation to exercise every variable of every template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..state.values import (
    Demographics,
    Goal,
    GoalTemplate,
    Medium,
    Modality,
    Persona,
    Profile,
    Progress,
    TrackCard,
)
from ..state.views import GoalView, ListenerExchange, ListenerView, ProfileView, RecsysView

_MODALITIES: tuple[Modality, ...] = ("text", "audio", "image")
_SCHEMA = {"properties": {"thought": {"type": "string", "description": "why"}}}


def dry_render(render: Callable[..., Any], name: str) -> None:
    """Render template `name` with sample variables; whatever `render` raises tells what is wrong with it."""
    for answer_format in ("json", "yaml"):
        render(name, **(sample_variables(name) | {"answer_format": answer_format}))


def sample_variables(name: str) -> dict[str, Any]:
    """Everything that template `name` may use, filled with samples."""
    if name == "repair.j2":
        return {"problem": "the field 'thought' is missing", "answer_format": "json"}
    if name.startswith("judge/"):
        return _judge_variables()
    view = _VIEWS.get(name.split("/")[0], _listener_view)()
    card = _card()
    variables: dict[str, Any] = {"view": view, "answer_format": "json", "schema": _SCHEMA}
    if name.startswith("parts/"):
        variables |= {"card": card, "with_id": True, "profile": _profile()}
    if name.startswith(("listener/", "parts/")):
        variables |= {"exchange": _exchange(card), "turn": 2}
    if name == "recsys/turn.j2":
        variables |= {"turn": 1, "message": "Something slow, please.", "used_ids": (), "required_id": "t1"}
    return variables


def _judge_variables() -> dict[str, Any]:
    words = (("listener", "Something calm?"),)
    turn = {"turn": 1, "before": words, "track": _card(), "after": (("label", "MOVES_TOWARD_GOAL"),)}
    score = {"type": "integer", "description": "the grade", "minimum": 1, "maximum": 4}
    return {
        "fence": "0" * 16,
        "absent": ("labels",),
        "goal": (("listener_goal", "Something calm."),),
        "profile": tuple(_profile().to_json().items()),
        "profiling": (_card(),),
        "pool": (_card(),),
        "turns": (turn,),
        "numbers": (1,),
        "aspect": "recommendation",
        "answer_format": "json",
        "schema": {"properties": {"reason": _SCHEMA["properties"]["thought"], "score": score}},
    }


def _card() -> TrackCard:
    return TrackCard(
        track_id="t1",
        title="Sample",
        artists=("First", "Second"),
        album="Samples",
        release_date="1999-04-01",
        tags=("calm",),
        tempo=90.0,
        key="A minor",
        chords=("Am", "F"),
        popularity=12.0,
        lyrics="La la",
        audio=Medium(kind="audio", digest="0" * 32, mime_type="audio/mpeg", seconds=3.0),
        image=Medium(kind="image", digest="1" * 32, mime_type="image/jpeg"),
    )


def _profile() -> Profile:
    return Profile(
        age=30,
        age_group="30s",
        country_code="PT",
        country_name="Portugal",
        gender="female",
        preferred_language="Portuguese",
        preferred_musical_culture="Portuguese fado",
        top_1_artist="First",
        top_1_genre="fado",
    )


def _pair(text: str) -> tuple[str, str]:
    return text, f"{text} again"


def _goal_template() -> GoalTemplate:
    return GoalTemplate(
        template_id="A-LL",
        topic="A",
        topic_name="Sound",
        topic_description="How it sounds.",
        specificity="LL",
        name="Sounds good",
        listener_goal="Something that sounds calm.",
        listener_expertise="low",
        target_turns=(3, 7),
        needs=("tags",),
        initial_examples=_pair("something calm"),
        iteration_examples=_pair("calmer"),
        achieved_examples=_pair("that is calm"),
    )


def _exchange(card: TrackCard) -> ListenerExchange:
    return ListenerExchange(
        turn=1,
        thought="Calm first.",
        progress=Progress.MOVES,
        message="Something calm?",
        track=card,
        reply="Here is a calm one.",
    )


def _profile_view() -> ProfileView:
    return ProfileView(
        modalities=_MODALITIES,
        granted=(("goal", "[]"),),
        demographics=Demographics(age=30, country_name="Portugal"),
        tracks=(_card(),),
    )


def _goal_view() -> GoalView:
    return GoalView(
        modalities=_MODALITIES,
        granted=(("profile", "[]"),),
        tracks=(_card(),),
        templates=(_goal_template(),),
    )


def _listener_view() -> ListenerView:
    card = _card()
    goal = Goal(
        category="A",
        category_description="How it sounds.",
        specificity="LL",
        template_id="A-LL",
        listener_goal="Something calm. What counts: calm.",
        listener_expertise="low",
        target_turn_count=3,
        initial_examples=_pair("something calm"),
        iteration_examples=_pair("calmer"),
        achieved_examples=_pair("that is calm"),
    )
    return ListenerView(
        modalities=_MODALITIES,
        granted=(("pool", "[]"),),
        profile=_profile(),
        goal=goal,
        persona=Persona(words=12, register_="plain"),
        profiling_tracks=(card,),
        exchanges=(_exchange(card),),
        turn=2,
        turns=8,
    )


def _recsys_view() -> RecsysView:
    return RecsysView(
        modalities=_MODALITIES,
        granted=(("goal", "[]"),),
        profile=_profile(),
        pool=(_card(),),
        exchanges=(),
        message="Something calm?",
        turn=1,
        turns=8,
    )


_VIEWS: dict[str, Callable[[], Any]] = {
    "profile": _profile_view,
    "goal": _goal_view,
    "listener": _listener_view,
    "recsys": _recsys_view,
}
