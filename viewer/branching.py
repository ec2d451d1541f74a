"""What a form asks of a branch: checked, as the command that plays it, and as the call that does."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..core.errors import ConfigError

Text = Annotated[str, Field(max_length=20_000)]

_CHANGES: Final = ("say", "track", "model", "recsys", "modalities", "seed", "reason")
"""Fields that stand in the command where they are given, in its order."""


class BranchForm(BaseModel):
    """The fields of the form; empty ones change nothing.

    Attributes:
        max_cost: USD at which playing stops; asked for only where it is played from here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    turn: Annotated[int, Field(ge=1)]
    agent: Literal["listener", "recsys"]
    say: Text = ""
    track: Text = ""
    model: Text = ""
    recsys: Text = ""
    modalities: Text = ""
    seed: int | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 1
    reason: Text = ""
    max_cost: Annotated[float, Field(gt=0)] | None = None

    @field_validator("seed", "max_cost", mode="before")
    @classmethod
    def _empty(cls, value: object) -> object:
        return None if value == "" else value

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Self:
        """The form as a browser sends it.

        Raises:
            ConfigError: names the first field that cannot be so.
        """
        try:
            return cls.model_validate(dict(fields))
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "the form"
            raise ConfigError(f"{name}: {first['msg']}") from error

    def words(self, thread: str) -> Iterator[str]:
        """The command's words behind `segue`."""
        yield from ("branch", thread, "--turn", str(self.turn), "--agent", self.agent)
        for name in _CHANGES:
            value = getattr(self, name)
            if value not in ("", None):
                yield from (f"--{name}", str(value))
        if self.count > 1:
            yield from ("--count", str(self.count))
        if self.max_cost is not None:
            yield from ("--max-cost", f"{self.max_cost:g}")

    def command(self, thread: str, store: str) -> str:
        """The command to type."""
        return shlex.join(["segue", "--store", store, *self.words(thread)])

    def arguments(self) -> dict[str, Any]:
        """What `api.playing.branch` takes."""
        given = {name: getattr(self, name) for name in _CHANGES if getattr(self, name) not in ("", None)}
        if "modalities" in given:
            given["modalities"] = [given["modalities"]]
        return {"turn": self.turn, "agent": self.agent, "count": self.count, **given}
