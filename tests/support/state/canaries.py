"""A conversation with a canary in every private field, and on which pages which of them may stand."""

from __future__ import annotations

from typing import Any

from segue.core.errors import Place
from segue.models.request import Request
from segue.state.values import Agent

from ..agents.scripted import ScriptedCalls, plain_answers
from .states import card, first_state

FIELDS = (
    *("country", "culture", "profile thought", "goal", "goal thought"),
    *("listener thought", "recsys thought", "profiling", "pool", "template"),
)
"""Every private text: of the demographics, the profile, the goal, the notes, the tracks and the templates."""

_THOUGHTS = {"profile thought", "goal thought"}
HIDDEN = {
    Agent.PROFILE: {"culture", "goal", "listener thought", "recsys thought", "pool", "template", *_THOUGHTS},
    Agent.GOAL: {"country", "culture", "goal", "listener thought", "recsys thought", "profiling", *_THOUGHTS},
    Agent.LISTENER: {"recsys thought", "template", *_THOUGHTS},
    Agent.RECSYS: {"goal", "listener thought", "profiling", "template", *_THOUGHTS},
}


def planted(words: dict[str, str], turns: int = 3) -> tuple[dict[str, Any], ScriptedCalls]:
    """A state and answers with one canary in every private field."""
    state = first_state(turns=turns)
    state["demographics"] |= {"country_name": words["country"]}
    state["tracks"] = {}
    for kind, ids in (("profiling", state["profiling_ids"]), ("pool", state["pool_ids"])):
        for number, track_id in enumerate(ids):
            made = card(f"{words[kind]}-{kind}", number).model_copy(update={"track_id": track_id})
            state["tracks"][track_id] = made.to_json()
    for entry in state["goal_templates"]:
        entry["listener_goal"] = f"{words['template']} {entry['template_id']}"

    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        given = plain_answers(request, place, attempt)
        if request.agent is Agent.PROFILE:
            given["thought"] = words["profile thought"]
            given["preferred_musical_culture"] = words["culture"]
        if request.agent is Agent.GOAL:
            given["thought"] = words["goal thought"]
            given["listener_goal"] = given["initial_query_example_1"] = f"{words['goal']} wanted"
        if request.agent is Agent.LISTENER:
            given["thought"] = f"{words['listener thought']} on turn {place.turn}"
        if request.agent is Agent.RECSYS:
            given["thought"] = f"{words['recsys thought']} on turn {place.turn}"
        return given

    return state, ScriptedCalls(answer)
