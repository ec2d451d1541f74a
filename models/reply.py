"""What comes back from a model: the text as received, why it ended, and what it used."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

Finish = Literal["stop", "length", "blocked", "empty", "other"]


class Usage(BaseModel):
    """Tokens of one call, by kind.

    Input is text + image + audio; `cached` is the part of it that was read from a cache. Thinking tokens are
    not counted in `output`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: int = 0
    image: int = 0
    audio: int = 0
    cached: int = 0
    thinking: int = 0
    output: int = 0

    @property
    def input(self) -> int:
        return self.text + self.image + self.audio

    @property
    def total(self) -> int:
        return self.input + self.thinking + self.output

    def __add__(self, other: Usage) -> Usage:
        mine, theirs = self.model_dump(), other.model_dump()
        return Usage(**{name: mine[name] + theirs[name] for name in mine})


_RARE = ("replaced", "not_sent", "model", "estimated")
"""Said only where there is something to say, so that other replies are kept as they always were."""


class Reply(BaseModel):
    """One answer of a model.

    Attributes:
        text: as received, before any parsing, but for what is `replaced`.
        finish: `stop` is the only good end. `length`: cut off; `blocked`: a safety filter; `empty`: no text.
        finish_reason: in the provider's own word.
        latency: seconds; not part of any comparison.
        replaced: characters of the text that no store holds, such as half a surrogate pair; U+FFFD stands for each.
        not_sent: what the provider does not take of what was asked, and answered without: parameters by their names on
            the wire, or `enumeration`.
        model: by its provider's name, the model that answered; empty where nobody said.
        estimated: nobody counted the tokens of `usage`, which are reckoned from lengths.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    finish: Finish
    finish_reason: str = ""
    usage: Usage
    latency: float = 0.0
    replaced: int = 0
    not_sent: tuple[str, ...] = ()
    model: str = ""
    estimated: bool = False

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={name for name in _RARE if not getattr(self, name)})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.model_validate(data)
