"""`Request`: one question to a model, as a value with a digest; and the content key of a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..core.hashing import digest_of
from ..prompts.parts import Media, Message, message_digest
from ..state.values import Asker, Medium

AnswerFormat = Literal["json", "yaml"]
"""What a prompt asks for."""

Form = Literal["schema", "json", "yaml"]
"""How an answer's form is asked for: JSON that the provider holds to the schema, any JSON, a YAML block."""


@dataclass(frozen=True)
class Request:
    """What one agent asks of its model.

    Attributes:
        agent: who asks: one of the four, or the judge.
        messages: system message first; media by digest.
        schema: JSON schema of the answer, enforced by the provider where it can be.
        answer_format: `json`, with the schema enforced where the provider can, or a `yaml` block.
        templates: name -> digest of every template that was rendered; not part of the key.
        warmer: by how many steps the call is to be warmer than usual; what comes of it is among the call's parameters.
        recommender: the name of what is asked in place of the agent's model; None where the model is.
    """

    agent: Asker
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    answer_format: AnswerFormat = "json"
    templates: Mapping[str, str] = field(default_factory=dict)
    warmer: int = 0
    recommender: str | None = None

    def head(self) -> dict[str, Any]:
        """What is sent besides the messages, as plain JSON."""
        return {
            "agent": self.agent.value,
            "answer_format": self.answer_format,
            "schema": dict(self.schema),
            **({} if self.recommender is None else {"recommender": self.recommender}),
        }

    def to_json(self) -> dict[str, Any]:
        """Everything that is sent, as plain JSON."""
        return {**self.head(), "messages": [m.to_json() for m in self.messages]}

    @cached_property
    def digest(self) -> str:
        """Digest of everything that is sent."""
        return digest_of({**self.head(), "messages": [message_digest(m) for m in self.messages]})

    @property
    def media(self) -> tuple[Medium, ...]:
        """Every clip and cover in the request, in order, repeats kept."""
        return tuple(p.medium for m in self.messages for p in m.parts if isinstance(p, Media))


def call_key(request: Request, *, model: str, params: Mapping[str, Any], stream: str, attempt: int) -> str:
    """The content key under which the ledger keeps a call: equal keys mean the same question."""
    return digest_of(
        {
            "request": request.digest,
            "model": model,
            "params": dict(params),
            "stream": stream,
            "attempt": attempt,
        }
    )
