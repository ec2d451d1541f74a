"""The nodes: channels to view, view to agent, answer to channels."""

from __future__ import annotations

from typing import Any, cast

from langgraph.runtime import Runtime

from ..agents.goal import choose_goal
from ..agents.listener import speak
from ..agents.profile import infer_profile
from ..agents.recsys import recommend
from ..state.values import Agent
from ..state.views import GoalView, ListenerView, ProfileView, RecsysView, build_view
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
    return {"goal": goal.to_json(), "records": [outcome.to_record(desk.place)]}


async def listener_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(ListenerView, build_view(Agent.LISTENER, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.LISTENER, view.turn)
    said, outcome = await speak(view, desk)
    note = {"turn": view.turn, "thought": said.thought}
    if said.progress is not None:
        note["progress"] = said.progress.value
    update: Update = {"listener_notes": [note], "records": [outcome.to_record(desk.place)]}
    if said.message is not None:
        update["messages"] = [{"turn": view.turn, "author": Agent.LISTENER.value, "text": said.message}]
    return update


async def recsys_node(state: dict[str, Any], runtime: Runtime[Context]) -> Update:
    view = cast(RecsysView, build_view(Agent.RECSYS, state, runtime.context.partition))
    desk = runtime.context.desk(Agent.RECSYS, view.turn)
    outcome = await recommend(view, desk)
    pick = outcome.answer
    reply = {
        "turn": view.turn,
        "author": Agent.RECSYS.value,
        "text": pick.message,
        "track_id": pick.track_id,
    }
    return {
        "messages": [reply],
        "recsys_notes": [{"turn": view.turn, "thought": pick.thought}],
        "records": [outcome.to_record(desk.place)],
    }
