"""The price table and what a call costs by it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.errors import ConfigError
from .reply import Usage

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]

PER = 1_000_000
"""Tokens that a listed price is for."""


class Rates(BaseModel):
    """USD per million tokens of each kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Usd
    image: Usd
    audio: Usd
    cached_text: Usd
    cached_image: Usd
    cached_audio: Usd
    output: Usd


class Above(BaseModel):
    """Other rates for calls with more than `tokens` of input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: Annotated[int, Field(gt=0)]
    price: Rates


class Price(Rates):
    """The rates of one model."""

    above: Above | None = None

    def rates(self, usage: Usage) -> Rates:
        """The rates that a call of this size is billed by."""
        return self.above.price if self.above and usage.input > self.above.tokens else self


class PriceTable(BaseModel):
    """Prices by model name, with the version and the source that a report should name.

    A name may end in `*`, for all models whose names begin so; an exact name comes first, then the longest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    source: str
    models: dict[str, Price]

    def price(self, model: str) -> Price:
        """Raises `ConfigError` for a model that is not listed: an unknown price is never taken for zero."""
        if model in self.models:
            return self.models[model]
        patterns = [n for n in self.models if n.endswith("*") and model.startswith(n[:-1])]
        if patterns:
            return self.models[max(patterns, key=len)]
        raise ConfigError(
            f"no price is listed for model {model!r} (prices of {self.version})",
            hint="put its prices into a YAML file laid out like segue's models/prices.yaml",
        )

    def extended(self, other: PriceTable) -> PriceTable:
        """This table with `other`'s models over its own."""
        return PriceTable(
            version=f"{self.version}+{other.version}",
            source=f"{self.source} Extended by: {other.source}",
            models={**self.models, **other.models},
        )


def load_prices(extra: Path | None = None) -> PriceTable:
    """The table that ships with segue, extended by the user's file.

    Raises:
        ConfigError: the file is missing, is no YAML, or has a wrong field; names file and field.
    """
    table = _parse(files(__package__).joinpath("prices.yaml").read_text("utf-8"), "prices.yaml")
    if extra is None:
        return table
    try:
        text = extra.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{extra}: the price file cannot be read: {error}") from error
    return table.extended(_parse(text, str(extra)))


def cost_usd(usage: Usage, model: str, table: PriceTable) -> float:
    """USD for one call of `model`.

    Providers report cached input as one number; it is spread over text, image and audio as the input is.

    Raises:
        ConfigError: `table` does not list the model.
    """
    rates = table.price(model).rates(usage)
    cached = usage.cached / usage.input if usage.input else 0.0
    fresh = 1.0 - cached
    return (
        usage.text * (fresh * rates.text + cached * rates.cached_text)
        + usage.image * (fresh * rates.image + cached * rates.cached_image)
        + usage.audio * (fresh * rates.audio + cached * rates.cached_audio)
        + (usage.output + usage.thinking) * rates.output
    ) / PER


def _parse(text: str, name: str) -> PriceTable:
    try:
        return PriceTable.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: not YAML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{name}: {faults}", hint="compare with segue's models/prices.yaml") from error
