"""What tests of single agents share: a desk with scripted calls, and views of a conversation under way."""

from __future__ import annotations

from typing import Any

from segue.agents.asking import REPAIRS, Desk
from segue.core.errors import Place
from segue.prompts.library import PromptLibrary
from segue.prompts.template_files import Rules
from segue.state.values import Agent
from segue.state.views import AnyView, build_view

from ..state.playing import play
from ..state.states import first_state
from .scripted import Answering, ScriptedCalls, plain_answers


def desk_of(
    agent: Agent,
    answering: Answering = plain_answers,
    *,
    turn: int = 1,
    repairs: int = REPAIRS,
    retries: int = 0,
    rules: Rules = 1,
) -> tuple[Desk, ScriptedCalls]:
    """A desk for `agent` on `turn`, and the calls that it makes."""
    calls = ScriptedCalls(answering)
    return Desk(PromptLibrary(rules=rules), calls, Place("t1", turn, agent.value), repairs, retries), calls


async def view_of(agent: Agent, *, after: int = 0, turns: int = 8, **changes: Any) -> AnyView:
    """The agent's view when it is about to act after `after` whole turns; `changes` replace channels."""
    if agent in (Agent.PROFILE, Agent.GOAL):
        return build_view(agent, first_state(turns=turns, **changes))
    played = await play(first_state(turns=max(after, 1)), ScriptedCalls(plain_answers))
    lists = {name: [e for e in played[name] if e["turn"] <= after] for name in ("messages", "listener_notes")}
    channels = {**played, **lists, "setup": {**played["setup"], "turns": turns}}
    channels["recsys_notes"] = [note for note in played["recsys_notes"] if note["turn"] <= after]
    if agent is Agent.RECSYS:
        asked = {"turn": after + 1, "author": "listener", "text": f"listener message {after + 1}"}
        channels["messages"] = [*channels["messages"], asked]
    return build_view(agent, {**channels, **changes})
