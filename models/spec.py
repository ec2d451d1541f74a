"""`ModelSpec`: which model, with which parameters; never a key."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..core.errors import ConfigError
from .request import AnswerFormat

OFFLINE: Final = "offline"
SCHEMA_PROVIDERS: Final = frozenset({OFFLINE, "google_genai", "openai", "ollama"})
"""Providers that enforce a JSON schema on the answer; all others are asked for a YAML block."""

SEED_BITS: Final = {OFFLINE: 63, "google_genai": 31, "openai": 63, "ollama": 31}
"""Width of the `seed` parameter of the providers that take one."""

KEY_VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "google_genai": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "openai": ("OPENAI_API_KEY",),
}
"""Environment variables that may hold the key, in order of precedence."""


class ModelSpec(BaseModel):
    """One model and its parameters, as a value.

    Attributes:
        name: `offline`, or `provider:model` the LangChain way, such as `google_genai:gemini-2.5-flash`.
        temperature: None leaves it to the provider.
        thinking_budget: tokens that a model may think before it answers. 0 turns thinking off, -1 lets the
            model decide, None sends nothing. Gemini takes any number, Ollama on or off, others none.
        max_output_tokens: cap on the answer; None leaves it to the provider.
        base_url: another address of the same interface; no part of what a call is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = OFFLINE
    temperature: float | None = Field(default=None, ge=0, le=2)
    thinking_budget: int | None = Field(default=0, ge=-1)
    max_output_tokens: int | None = Field(default=2048, ge=16)
    base_url: str | None = None

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        provider, colon, model = name.partition(":")
        if name != OFFLINE and not (provider and colon and model):
            raise ValueError(
                f"{name!r} is neither 'offline' nor 'provider:model', such as 'google_genai:gemini-2.5-flash'"
            )
        return name

    @field_validator("base_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is not an address: it must start with http:// or https://")
        if url is not None and "@" in url.split("://", 1)[1].split("/", 1)[0]:
            raise ValueError("the address must not hold a name or a password")
        return url

    @model_validator(mode="after")
    def _budget_fits(self) -> ModelSpec:
        if self.provider not in {"google_genai", "ollama"} and self.thinking_budget not in {None, 0}:
            raise ValueError(f"a thinking budget cannot be set for provider {self.provider!r}")
        least = _least_budget(self.model)
        if self.provider == "google_genai" and self.thinking_budget is not None:
            _check_budget(self.model, self.thinking_budget, least)
        return self

    @classmethod
    def of(cls, name: str, **params: Any) -> Self:
        """A spec from what a user typed. Raises `ConfigError` that says what is wrong with which field."""
        try:
            return cls(name=name, **params)
        except ValidationError as error:
            # The name is what the message begins with.
            faults = (
                f"{'.'.join(str(at) for at in e['loc'] if at != 'name')} {e['msg'].removeprefix('Value error, ')}"
                for e in error.errors()
            )
            raise ConfigError(f"model {name!r}: {'; '.join(map(str.strip, faults))}") from None

    @property
    def provider(self) -> str:
        return self.name.partition(":")[0]

    @property
    def model(self) -> str:
        """The provider's own name of the model."""
        return self.name.partition(":")[2] or OFFLINE

    @property
    def price_name(self) -> str:
        """The name under which `prices.yaml` lists it."""
        return self.name

    @property
    def answer_format(self) -> AnswerFormat:
        return "json" if self.provider in SCHEMA_PROVIDERS else "yaml"

    @property
    def takes_seed(self) -> bool:
        return self.provider in SEED_BITS

    def seed(self, seed: int) -> int:
        """`seed` (63 bits) cut to what the provider takes."""
        return seed & ((1 << SEED_BITS[self.provider]) - 1)

    def params(self) -> dict[str, Any]:
        """What is sent and changes the answer, for the ledger's key: no address, no API key."""
        if self.provider == OFFLINE:
            return {}
        named: dict[str, Any] = {
            "temperature": self.temperature,
            "max_output_tokens": self.max_output_tokens,
        }
        if self.provider in {"google_genai", "ollama"}:
            named["thinking_budget"] = self.thinking_budget
        return {name: value for name, value in named.items() if value is not None}


Off = Literal["can", "cannot"]


def _least_budget(model: str) -> tuple[int, Off]:
    """Smallest positive budget and whether 0 is taken, as the Gemini API documents them for 2.5 models."""
    if model.startswith("gemini-2.5-pro"):
        return 128, "cannot"
    if model.startswith("gemini-2.5-flash-lite"):
        return 512, "can"
    return 1, "can"


def _check_budget(model: str, budget: int, least: tuple[int, Off]) -> None:
    smallest, off = least
    if budget == 0 and off == "cannot":
        raise ValueError(
            f"{model} always thinks: it refuses a thinking budget of 0; set {smallest} or more, or -1"
        )
    if 0 < budget < smallest:
        raise ValueError(f"{model} takes a thinking budget of at least {smallest} tokens, not {budget}")
