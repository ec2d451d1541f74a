"""The nodes: channels to view, view to agent, answer to channels."""

from __future__ import annotations

from typing import Any, cast

from langgraph.runtime import Runtime

from ..agents.goal import choose_goal, truth_of
from ..agents.listener import speak
from ..agents.profile import infer_profile
from ..agents.recsys import recommend
from ..agents.single import WrittenTurn, write_conversation
from ..agents.verifier import verify
from ..state.single_view import build_single_view
from ..state.truth import Truth
from ..state.values import Agent
from ..state.verifier_view import build_verifier_view
from ..state.views import (
    GoalView,
    ListenerView,
    ProfileView,
    RecsysView,
    build_view,
)
from .context import Context

Update = dict[str, Any]


async def profile_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(ProfileView, build_view(Agent.PROFILE, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.PROFILE, 0)
    profile, outcome = await infer_profile(view, desk)
    return {"profile": profile.to_json(), "records": [outcome.to_record(desk.place)]}


async def goal_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(GoalView, build_view(Agent.GOAL, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.GOAL, 0)
    goal, outcome = await choose_goal(view, desk)
    truth = truth_of(goal, outcome.answer, view)
    known = {"truth": [truth.to_json()]} if truth else {}
    return {"goal": goal.to_json(), **known, "records": [outcome.to_record(desk.place)]}


async def listener_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(ListenerView, build_view(Agent.LISTENER, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.LISTENER, view.turn)
    said, outcome = await speak(view, desk)
    update: Update = {
        "listener_notes": [said.to_note(view.turn)],
        "records": [outcome.to_record(desk.place)],
    }
    if said.message is not None:
        update["messages"] = [{"turn": view.turn, "author": Agent.LISTENER.value, "text": said.message}]
    if said.new_goal:
        # What is fresh has no criteria: the listener does not know the tracks that there are.
        update["truth"] = [Truth(turn=view.turn, wanted_tracks=1).to_json()]
    return update


async def verifier_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    return {"verdicts": [verify(build_verifier_view(state)).to_json()]}


async def recsys_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(RecsysView, build_view(Agent.RECSYS, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.RECSYS, view.turn)
    outcome = await recommend(view, desk)
    done = outcome.answer
    reply = {"turn": view.turn, "author": Agent.RECSYS.value, "text": done.message, **done.played}
    return {
        "messages": [reply],
        "recsys_notes": [{"turn": view.turn, "thought": done.thought}],
        "records": [outcome.to_record(desk.place)],
    }


async def retriever_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    """What the recsys may pick from on this turn; no agent writes it."""
    view = cast(RecsysView, build_view(Agent.RECSYS, state, runtime.context.partition))
    found = await runtime.context.shortlist(view, state["setup"]["session_id"])
    earlier = [each for each in state.get("shortlists", ()) if each["turn"] != view.turn]
    return {
        "shortlists": [*earlier, {"turn": view.turn, "track_ids": list(found)}],
        "tracks": {**state["tracks"], **found},
    }


async def single_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    """The whole conversation; its one question is the recsys's model's, and stands before the first turn."""
    desk = runtime.context.desk(Agent.RECSYS, 0)
    turns, outcome = await write_conversation(build_single_view(state), desk)
    return {
        "messages": [
            message for number, turn in enumerate(turns, 1) for message in _both_sides(number, turn)
        ],
        "listener_notes": [_label(number, turn) for number, turn in enumerate(turns, 1)],
        "recsys_notes": [{"turn": number, "thought": None} for number in range(1, len(turns) + 1)],
        "records": [outcome.to_record(desk.place)],
    }


def _both_sides(number: int, turn: WrittenTurn) -> list[dict[str, Any]]:
    asked = {"turn": number, "author": Agent.LISTENER.value, "text": turn.said}
    played = {"turn": number, "author": Agent.RECSYS.value, "text": turn.replied, "track_id": turn.track_id}
    return [asked, played]


def _label(number: int, turn: WrittenTurn) -> dict[str, Any]:
    """Nobody thought aloud."""
    label = {"progress": turn.progress.value} if turn.progress is not None else {}
    return {"turn": number, "thought": None, **label}
