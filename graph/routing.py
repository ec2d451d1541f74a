"""Routing: who acts next, read off the public transcript alone."""

from __future__ import annotations

from typing import Any, Literal

from ..state.values import Agent

Next = Literal["recsys", "__end__"]


def after_listener(state: dict[str, Any]) -> Next:
    """A message wants a recommendation; a verdict without a message is the end."""
    spoken = sum(m["author"] == Agent.LISTENER for m in state["messages"])
    answered = len(state["messages"]) - spoken
    return "recsys" if spoken > answered else "__end__"
