"""Routing: who acts next, read off the public transcript alone."""

from __future__ import annotations

from typing import Any, Literal

from ..state.actions import replies_of
from ..state.values import Agent

Next = Literal["recsys", "__end__"]


def after_listener(state: dict[str, Any]) -> Next:
    """A message wants a recommendation; a verdict without a message is the end."""
    spoken = sum(m["author"] == Agent.LISTENER for m in state["messages"])
    answered = len(state["messages"]) - spoken
    return "recsys" if spoken > answered else "__end__"


def after_recsys(state: dict[str, Any]) -> Literal["verifier", "listener", "__end__"]:
    """A track is verified. Where none was played the listener speaks, who at the end has nothing left to judge."""
    replies = replies_of(state)
    if "track_id" in replies[-1]:
        return "verifier"
    return "__end__" if len(replies) >= state["setup"]["turns"] else "listener"
