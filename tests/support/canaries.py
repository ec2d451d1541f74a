"""A conversation with a canary in every private field, and on which pages which of them may stand."""

from __future__ import annotations

from typing import Any

from segue.core.errors import Place
from segue.models.request import Request
from segue.state.values import Agent

from .scripted import ScriptedCalls, plain_answers
from .states import card, first_state

FIELDS = ("goal", "listener thought", "recsys thought", "profiling", "pool", "template")

HIDDEN = {
    Agent.PROFILE: {"goal", "listener thought", "recsys thought", "pool", "template"},
    Agent.GOAL: {"goal", "listener thought", "recsys thought", "profiling"},
    Agent.LISTENER: {"recsys thought", "template"},
    Agent.RECSYS: {"goal", "listener thought", "profiling", "template"},
}


def planted(words: dict[str, str], turns: int = 3) -> tuple[dict[str, Any], ScriptedCalls]:
    """A state and answers with one canary in every private field."""
    state = first_state(turns=turns)
    state["tracks"] = {}
    for kind, ids in (("profiling", state["profiling_ids"]), ("pool", state["pool_ids"])):
        for number, track_id in enumerate(ids):
            made = card(f"{words[kind]}-{kind}", number).model_copy(update={"track_id": track_id})
            state["tracks"][track_id] = made.to_json()
    for entry in state["goal_templates"]:
        entry["listener_goal"] = f"{words['template']} {entry['template_id']}"

    def answer(request: Request, place: Place, attempt: int) -> dict[str, Any]:
        given = plain_answers(request, place, attempt)
        if request.agent is Agent.GOAL:
            given["listener_goal"] = given["initial_query_example_1"] = f"{words['goal']} wanted"
        if request.agent is Agent.LISTENER:
            given["thought"] = f"{words['listener thought']} on turn {place.turn}"
        if request.agent is Agent.RECSYS:
            given["thought"] = f"{words['recsys thought']} on turn {place.turn}"
        return given

    return state, ScriptedCalls(answer)
