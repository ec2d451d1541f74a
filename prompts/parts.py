"""What a rendered prompt is made of: messages of text and media parts, media by digest only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from ..core.hashing import canonical_json, digest
from ..state.values import Medium

Role = Literal["system", "human", "ai"]


@dataclass(frozen=True)
class Text:
    """A stretch of text, as sent."""

    text: str

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text}


@dataclass(frozen=True)
class Media:
    """A clip or a cover at this place of the prompt; `medium.digest` names its bytes."""

    medium: Medium

    def to_json(self) -> dict[str, Any]:
        return {"medium": self.medium.to_json()}


Part = Text | Media


@dataclass(frozen=True)
class Message:
    """One message of a chat. `ai` messages hold an agent's own earlier answers."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, joined; media leave no trace in it."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    def to_json(self) -> dict[str, Any]:
        return {"role": self.role, "parts": [part.to_json() for part in self.parts]}


@lru_cache(1024)
def encoded(message: Message) -> bytes:
    """The message as canonical JSON. Remembered: a prefix that is sent every turn is written out once."""
    return canonical_json(message.to_json())


@lru_cache(1024)
def message_digest(message: Message) -> str:
    """Digest of `encoded`."""
    return digest(encoded(message))


def message(role: Role, *parts: Part | str) -> Message:
    """A message from parts; plain strings become text parts."""
    return Message(role, tuple(Text(p) if isinstance(p, str) else p for p in parts))
