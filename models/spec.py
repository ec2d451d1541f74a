"""`ModelSpec`: which model, with which parameters; never a key."""

from __future__ import annotations

import json
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from ..core.errors import ConfigError
from .providers import OFFLINE, SCHEMA_PROVIDERS, SEED_BITS, TAKERS
from .request import Form
from .thinking import check_budget, least_budget, most_thinking

_OURS: Final = {
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "num_predict"), "--max-output-tokens"),
    **dict.fromkeys(("repetition_penalty", "repeat_penalty"), "--repetition-penalty"),
    **dict.fromkeys(("response_format", "format", "guided_json", "grammar"), "--answer-format"),
    "model": "--model",
    "temperature": "--temperature",
    "top_p": "--top-p",
    "seed": "--seed",
    "think": "--thinking-budget",
    **dict.fromkeys(("messages", "stream", "stream_options", "n"), ""),
}
"""Field of a request that segue fills in itself -> the setting that decides it, where there is one."""

_SECRET: Final = frozenset({"apikey", "key", "token", "auth", "authorization", "password", "secret"})


WARMER: Final = 0.2
"""By which one step raises the temperature."""

_ONE_TEMPERATURE: Final = ("o1", "o3", "o4", "gpt-5")
"""Beginnings of the names of OpenAI's models that take no temperature."""

WARMEST: Final = 1.5
"""No step goes beyond."""


class ModelSpec(BaseModel):
    """One model and its parameters, as a value.

    Attributes:
        name: `offline`, or `provider:model` the LangChain way, such as `google_genai:gemini-2.5-flash`.
        temperature: None leaves it to the provider.
        thinking_budget: tokens that a model may think before it answers. 0 turns thinking off, -1 lets the
            model decide, None sends nothing. Gemini takes any number, Ollama on or off, others none.
        max_output_tokens: cap on the answer, thinking apart; None leaves it to the provider.
        top_p, repetition_penalty: None leaves it to the provider.
        extra_body: a JSON object whose fields are put into every request as they are (Ollama: `options`).
        answer_format: how firmly the answer's form is asked for; `auto`: as firmly as the model takes it.
        base_url: another address of the same interface; no part of what a call is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = OFFLINE
    temperature: float | None = Field(default=None, ge=0, le=2)
    thinking_budget: int | None = Field(default=0, ge=-1)
    max_output_tokens: int | None = Field(default=2048, ge=16)
    base_url: str | None = None
    top_p: float | None = Field(default=None, gt=0, le=1)
    repetition_penalty: float | None = Field(default=None, gt=0, le=10)
    extra_body: str | None = None
    answer_format: Literal["auto", "schema", "json", "yaml"] = "auto"

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
        if url is not None and "@" in url.rpartition("://")[2].split("/", 1)[0]:
            raise ValueError("the address must not hold a name or a password")
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is not an address: it must start with http:// or https://")
        return url

    @field_validator(*TAKERS)
    @classmethod
    def _taken(cls, value: Any, info: ValidationInfo) -> Any:
        provider = str(info.data.get("name", "")).partition(":")[0]
        if value is not None and provider not in TAKERS[str(info.field_name)]:
            raise ValueError(
                f"{info.field_name} cannot be set for provider {provider!r}: it has no place for it"
            )
        own = provider == "openai" and info.data.get("base_url") is None
        if value is not None and info.field_name == "repetition_penalty" and own:
            raise ValueError("OpenAI's own service has none; name another server's address with --base-url")
        return value

    @field_validator("extra_body")
    @classmethod
    def _body(cls, text: str | None) -> str | None:
        return None if text is None else _checked_body(text)

    @field_validator("answer_format")
    @classmethod
    def _enforced(cls, form: str, info: ValidationInfo) -> str:
        provider = str(info.data.get("name", "")).partition(":")[0]
        if form == "schema" and provider not in SCHEMA_PROVIDERS:
            raise ValueError(
                f"provider {provider!r} holds no answer to a schema; json or yaml can be asked for"
            )
        return form

    @model_validator(mode="after")
    def _budget_fits(self) -> ModelSpec:
        if self.provider not in {"google_genai", "ollama"} and self.thinking_budget not in {None, 0}:
            raise ValueError(f"a thinking budget cannot be set for provider {self.provider!r}")
        least = least_budget(self.model)
        if self.provider == "google_genai" and self.thinking_budget is not None:
            check_budget(self.model, self.thinking_budget, least)
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
    def form(self) -> Form:
        """How answers are asked for first; `auto` goes on to looser forms where a server takes no schema."""
        if self.answer_format != "auto":
            return self.answer_format
        return "schema" if self.provider in SCHEMA_PROVIDERS else "yaml"

    @property
    def takes_seed(self) -> bool:
        return self.provider in SEED_BITS

    def seed(self, seed: int) -> int:
        """`seed` (63 bits) cut to what the provider takes."""
        return seed & ((1 << SEED_BITS[self.provider]) - 1)

    def warmer(self, steps: int) -> float | None:
        """The temperature of a call that is to be so many steps warmer; None where it is left as it is.

        Where none is set, it starts from 1. Models that refuse any but their own are left alone.
        """
        if not steps or self.provider == OFFLINE or self.model.startswith(_ONE_TEMPERATURE):
            return None
        usual = 1.0 if self.temperature is None else self.temperature
        return round(max(usual, min(usual + WARMER * steps, WARMEST)), 2)

    def identity(self) -> dict[str, Any]:
        """What makes it another model for a run's fingerprint."""
        said = {} if self.answer_format == "auto" else {"answer_format": self.answer_format}
        return {"name": self.name, **self.params(), **said}

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
        named |= {"top_p": self.top_p, "repetition_penalty": self.repetition_penalty}
        named["extra_body"] = self.extra_fields or None
        return {name: value for name, value in named.items() if value is not None}

    @property
    def extra_fields(self) -> dict[str, Any]:
        """`extra_body` as an object."""
        found: dict[str, Any] = json.loads(self.extra_body or "{}")
        return found

    @property
    def limits_name(self) -> str:
        """The name of the limits that its calls share: the provider's, and at another address that server's."""
        return self.provider if self.base_url is None else f"{self.provider}@{urlsplit(self.base_url).netloc}"

    @property
    def thinking_room(self) -> int:
        """The most tokens of thinking on top of the answer, where a budget for them is sent that is known."""
        free = self.thinking_budget == -1 and self.provider == "google_genai"
        return most_thinking(self.model) if free else max(0, self.thinking_budget or 0)

    @model_serializer(mode="wrap")
    def _without_what_is_not_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Parameters that came later are written only where they are set: what was stored without them is the same."""
        fields = type(self).model_fields
        return {
            name: value
            for name, value in write(self).items()
            if name not in _LATER or value != fields[name].default
        }


_LATER: Final = frozenset({"top_p", "repetition_penalty", "extra_body", "answer_format"})


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _checked_body(text: str) -> str:
    """The JSON object in its canonical form, so that equal ones are equal text."""
    try:
        fields = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("extra_body is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"extra_body is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise ValueError("extra_body must be a JSON object")
    for name in fields:
        if name in _OURS:
            raise ValueError(f"extra_body must not hold {name!r}: {_OURS[name] or 'segue'} decides it")
        if name.lower().replace("_", "").replace("-", "") in _SECRET:
            raise ValueError(f"extra_body must not hold {name!r}: it is kept with the run, and no key may be")
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, allow_nan=False)
