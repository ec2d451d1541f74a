"""The price table and what a call costs by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from ...core.errors import ConfigError, SegueError
from ...core.yaml_errors import NOT_YAML, yaml_problem
from ..reply import Usage
from .published_prices import published_price, published_thresholds

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]

PER = 1_000_000
"""Tokens that a listed price is for."""

KINDS: Final = ("text", "image", "audio", "cached", "thinking", "output")
"""What a bill is divided into: fresh input by modality, input read from a cache, and what came back."""


@dataclass(frozen=True)
class Tokens:
    """Tokens as they are billed, of one call or summed over many of the same rates.

    `cached_*` are parts of `text`, `image` and `audio`, not further tokens.
    """

    text: float = 0
    image: float = 0
    audio: float = 0
    cached_text: float = 0
    cached_image: float = 0
    cached_audio: float = 0
    thinking: float = 0
    output: float = 0

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """Providers report cached input as one number; it is spread over the modalities as the input is."""
        share = usage.cached / usage.input if usage.input else 0.0
        return cls(
            text=usage.text,
            image=usage.image,
            audio=usage.audio,
            cached_text=share * usage.text,
            cached_image=share * usage.image,
            cached_audio=share * usage.audio,
            thinking=usage.thinking,
            output=usage.output,
        )

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(**{kind: amount + getattr(other, kind) for kind, amount in vars(self).items()})

    @property
    def input(self) -> float:
        return self.text + self.image + self.audio

    @property
    def cached(self) -> float:
        return self.cached_text + self.cached_image + self.cached_audio

    @property
    def total(self) -> float:
        return self.input + self.thinking + self.output


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

    def cost(self, tokens: Tokens) -> dict[str, float]:
        """USD by `KINDS`."""
        return {
            "text": (tokens.text - tokens.cached_text) * self.text / PER,
            "image": (tokens.image - tokens.cached_image) * self.image / PER,
            "audio": (tokens.audio - tokens.cached_audio) * self.audio / PER,
            "cached": self._cached(tokens, self.cached_text, self.cached_image, self.cached_audio),
            "thinking": tokens.thinking * self.output / PER,
            "output": tokens.output * self.output / PER,
        }

    def saved(self, tokens: Tokens) -> float:
        """USD that the same tokens would have cost more without a cache."""
        return self._cached(
            tokens,
            self.text - self.cached_text,
            self.image - self.cached_image,
            self.audio - self.cached_audio,
        )

    @staticmethod
    def _cached(tokens: Tokens, text: float, image: float, audio: float) -> float:
        return (tokens.cached_text * text + tokens.cached_image * image + tokens.cached_audio * audio) / PER


class Above(BaseModel):
    """Other rates for calls with more than `tokens` of input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: Annotated[int, Field(gt=0)]
    price: Rates


class PriceTerms(BaseModel):
    """What a model costs beside its rates.

    Attributes:
        storage: USD for keeping a million tokens in an explicit cache for an hour.
        batch: factor on all rates in the provider's batch mode; None where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    storage: Usd | None = None
    batch: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None


class Price(Rates, PriceTerms):
    """The rates and terms of one model."""

    above: Above | None = None

    def rates(self, input_tokens: float) -> Rates:
        """The rates that a call with so much input is billed by."""
        return self.above.price if self.above and input_tokens > self.above.tokens else self


class PriceTable(BaseModel):
    """Prices by model name, with the version and the source that a report should name.

    Attributes:
        models: whole prices, which go before those that `genai-prices` publishes. A name may end in `*`, for all
            models whose names begin so; an exact name comes first, then the longest.
        terms: what is added to a published price.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    source: str
    models: dict[str, Price] = Field(default_factory=dict)
    terms: dict[str, PriceTerms] = Field(default_factory=dict)
    _found: dict[str, Price | None] = PrivateAttr(default_factory=dict)

    def price(self, model: str) -> Price:
        """The price of a model.

        Raises:
            ConfigError: it is not listed: an unknown price is never taken for zero.
        """
        found = self._find(model)
        if found is None:
            raise ConfigError(
                f"no price is listed for model {model!r} (prices of {self.version})",
                hint="put its prices into a YAML file and name it with --prices FILE",
            )
        return found

    def lists(self, model: str) -> bool:
        """Whether there is a price for the model."""
        return self._find(model) is not None

    def changes_rates(self, model: str) -> bool:
        """Whether the model costs more from some size of input on."""
        price = self._find(model)
        return price is not None and price.above is not None

    def _find(self, model: str) -> Price | None:
        if model not in self._found:
            self._found[model] = self._look_up(model)
        return self._found[model]

    def _look_up(self, model: str) -> Price | None:
        if model in self.models:
            return self.models[model]
        patterns = [n for n in self.models if n.endswith("*") and model.startswith(n[:-1])]
        if patterns:
            return self.models[max(patterns, key=len)]
        published = published_price(model)
        if published is None:
            return None
        terms = self.terms.get(published.name, PriceTerms())
        return Price.model_validate({**published.rates, **terms.model_dump(), "above": published.above})

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Sizes of input at which some model changes its rates, in order."""
        own = {price.above.tokens for price in self.models.values() if price.above}
        return tuple(sorted(own | published_thresholds()))

    def extended(self, other: PriceTable) -> PriceTable:
        """This table with `other`'s models and terms over its own."""
        return PriceTable(
            version=f"{self.version}+{other.version}",
            source=f"{self.source} Extended by: {other.source}",
            models={**self.models, **other.models},
            terms={**self.terms, **other.terms},
        )


def load_prices(extra: Path | None = None) -> PriceTable:
    """The table that ships with segue, extended by the user's file.

    Raises:
        ConfigError: the file is missing, is no YAML, or has a wrong field; names file and field.
    """
    table = _parse(files(__package__).joinpath("prices.yaml").read_text("utf-8"), "prices.yaml")
    table = table.model_copy(update={"version": f"{table.version}, genai-prices {version('genai-prices')}"})
    if extra is None:
        return table
    try:
        text = extra.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{extra}: the price file cannot be read: {error}") from error
    return table.extended(_parse(text, str(extra)))


def cost_usd(usage: Usage, model: str, table: PriceTable) -> float:
    """USD for one call of `model`.

    Raises:
        ConfigError: `table` does not list the model.
    """
    return sum(table.price(model).rates(usage.input).cost(Tokens.of(usage)).values())


def require_prices(models: Iterable[str], table: PriceTable) -> None:
    """See to it that all of `models` have a price: what cannot be counted is not begun.

    Raises:
        SegueError: names all that have none.
    """
    unknown = sorted({model for model in models if not table.lists(model)})
    if unknown:
        raise SegueError(
            f"no price is listed for {', '.join(unknown)} (prices of {table.version})",
            hint="name its prices in a file with --prices FILE, or add --allow-unpriced to go on uncounted",
        )


def _parse(text: str, name: str) -> PriceTable:
    try:
        data = yaml.safe_load(text)
    except NOT_YAML as error:
        raise ConfigError(f"{name}: not YAML: {yaml_problem(error)}") from error
    try:
        return PriceTable.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(
            f"{name}: {faults}", hint="compare with segue's models/costs/prices.yaml"
        ) from error
