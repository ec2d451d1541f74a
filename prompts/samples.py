"""Sample views for dry renders: enough of a conversation to exercise every variable of every template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from ..state.single_view import SingleView
from ..state.values import Profile, TrackCard, Value
from ..state.views import GoalView, ListenerExchange, ListenerView, ProfileView, RecsysView

_VIEWS: Final[Mapping[str, type[Value]]] = {
    "profile": ProfileView,
    "goal": GoalView,
    "listener": ListenerView,
    "recsys": RecsysView,
    "single": SingleView,
}
_SCHEMA: Final = {"properties": {"thought": {"type": "string", "description": "why"}}}


def dry_render(render: Callable[..., Any], name: str) -> None:
    """Render template `name` with sample variables; whatever `render` raises tells what is wrong with it."""
    for answer_format in ("json", "yaml"):
        render(name, **(sample_variables(name) | {"answer_format": answer_format}))


def sample_variables(name: str) -> dict[str, Any]:
    """Everything that template `name` may use, filled with samples."""
    if name == "repair.j2":
        return {"problem": "the field 'thought' is missing", "answer_format": "json"}
    samples = _samples()
    card, profile = TrackCard.model_validate(samples["card"]), Profile.model_validate(samples["profile"])
    if name.startswith("judge/"):
        return _judge_variables(card, profile)
    if name.startswith("walk/"):
        return {**samples["walk"], "answer_format": "json", "schema": _SCHEMA}
    folder, _, file = name.partition("/")
    agent = file.removesuffix(".j2") if folder == "shared" else "recsys" if folder == "shortlist" else folder
    agent = agent if agent in _VIEWS else "listener"
    view = _VIEWS[agent].model_validate(samples["views"][agent])
    variables: dict[str, Any] = {"view": view, "answer_format": "json", "schema": _SCHEMA}
    if name.startswith("shared/"):
        variables |= {"cards": (card,)}
    if name.startswith("parts/"):
        variables |= {"card": card, "with_id": True, "profile": profile}
    if name.startswith(("listener/", "parts/")):
        variables |= {"exchange": ListenerExchange.model_validate(samples["exchange"]), "turn": 2}
        variables |= {"asked": _SCHEMA}
    if name in ("recsys/turn.j2", "shortlist/turn.j2"):
        variables |= {"turn": 1, "message": "Something slow, please.", "used_ids": (), "required_id": "t1"}
        variables |= {"may": ("play",)}
    if name == "shortlist/turn.j2":
        variables |= {"played": card}
    return variables


@cache
def _samples() -> Mapping[str, Any]:
    samples: Mapping[str, Any] = yaml.safe_load((files(__package__) / "samples.yaml").read_text("utf-8"))
    return samples


def _judge_variables(card: TrackCard, profile: Profile) -> dict[str, Any]:
    words = (("listener", "Something calm?"),)
    turn = {"turn": 1, "before": words, "track": card, "after": (("label", "MOVES_TOWARD_GOAL"),)}
    score = {"type": "integer", "description": "the grade", "minimum": 1, "maximum": 4}
    return {
        "fence": "0" * 16,
        "absent": ("labels",),
        "goal": (("listener_goal", "Something calm."),),
        "profile": tuple(profile.to_json().items()),
        "profiling": (card,),
        "pool": (card,),
        "turns": (turn,),
        "numbers": (1,),
        "aspect": "recommendation",
        "answer_format": "json",
        "schema": {"properties": {"reason": _SCHEMA["properties"]["thought"], "score": score}},
    }
