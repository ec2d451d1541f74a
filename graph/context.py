"""`Context`: what LangGraph's `Runtime` hands to the nodes; nothing in it is part of the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..agents.asking import REPAIRS, Calls, Desk
from ..agents.chair.chair import Chair
from ..core.errors import ConfigError, Place
from ..prompts.library import PromptLibrary
from ..state.partition import Partition
from ..state.values import Agent
from ..state.views import RecsysView


class Shortlister(Protocol):
    """Finds what the recsys may pick from, in a pool that is too large to be shown."""

    async def __call__(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        """Track id -> card as JSON, the best first.

        Args:
            view: what the recsys knows; its pool is empty still, or of a turn that is played differently.
        """
        ...


@dataclass(frozen=True)
class Context:
    """Dependencies of one conversation's nodes.

    Attributes:
        calls: the way to the models, bound to this conversation's random stream and ledger.
        retries: how often the conversation failed before (see `agents.asking.Desk`).
        chair: who recommends in place of the recsys's model; None where that does.
        shortlister: None where the whole pool is shown.
    """

    thread_id: str
    prompts: PromptLibrary
    calls: Calls
    partition: Partition
    repairs: int = REPAIRS
    retries: int = 0
    chair: Chair | None = None
    shortlister: Shortlister | None = None

    async def shortlist(self, view: RecsysView, session_id: str) -> Mapping[str, dict[str, Any]]:
        """See `Shortlister`. Raises `ConfigError` where there is none."""
        if self.shortlister is None:
            raise ConfigError(f"conversation {self.thread_id} has a pool that nobody searches")
        return await self.shortlister(view, session_id)

    def desk(self, agent: Agent, turn: int) -> Desk:
        return Desk(
            prompts=self.prompts,
            calls=self.calls,
            place=Place(self.thread_id, turn, agent.value),
            repairs=self.repairs,
            retries=self.retries,
            chair=self.chair if agent is Agent.RECSYS else None,
        )
