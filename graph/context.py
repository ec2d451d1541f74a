"""`Context`: what LangGraph's `Runtime` hands to the nodes; nothing in it is part of the state."""

from __future__ import annotations

from dataclasses import dataclass

from ..agents.asking import REPAIRS, Calls, Desk
from ..core.errors import Place
from ..prompts.library import PromptLibrary
from ..state.partition import Partition
from ..state.values import Agent


@dataclass(frozen=True)
class Context:
    """Dependencies of one conversation's nodes.

    Attributes:
        calls: the way to the models, bound to this conversation's random stream and ledger.
        retries: how often the conversation failed before (see `agents.asking.Desk`).
    """

    thread_id: str
    prompts: PromptLibrary
    calls: Calls
    partition: Partition
    repairs: int = REPAIRS
    retries: int = 0

    def desk(self, agent: Agent, turn: int) -> Desk:
        return Desk(
            prompts=self.prompts,
            calls=self.calls,
            place=Place(self.thread_id, turn, agent.value),
            repairs=self.repairs,
            retries=self.retries,
        )
