"""`Hitches`: the offline model, with failures on chosen calls; and a count of every question it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from segue.models.content import Outgoing
from segue.models.factory import ChatModel, open_model
from segue.models.spec import ModelSpec

Hitch = Callable[[int], Exception | str | None]
"""From the number of a question, from 0, to what comes instead of its answer; None for the answer."""


@dataclass
class Hitches:
    """Opens models (as `Stage.opening`) that all share one count of questions."""

    hitch: Hitch = lambda number: None
    asked: list[str] = field(default_factory=list)

    def open(self, spec: ModelSpec) -> ChatModel:
        return HitchedModel(spec, open_model(spec).chat, hitches=self)


@dataclass(frozen=True)
class HitchedModel(ChatModel):
    """The model of `spec`, as long as `hitches` has nothing against it."""

    hitches: Hitches = field(default_factory=Hitches)

    async def ask(
        self, messages: list[BaseMessage] | Outgoing, schema: Any, *, seed: int | None = None
    ) -> AIMessage:
        number = len(self.hitches.asked)
        sent = messages.messages if isinstance(messages, Outgoing) else messages
        self.hitches.asked.append(f"{sent[-1].text} {seed}")
        instead = self.hitches.hitch(number)
        if isinstance(instead, Exception):
            raise instead
        answer = await super().ask(messages, schema, seed=seed)
        return answer if instead is None else answer.model_copy(update={"content": instead})
