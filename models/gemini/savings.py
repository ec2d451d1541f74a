"""When a cache of a prompt's beginning pays: tokens by kind, prices, expected calls and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ...prompts.parts import Media, Message
from ..costs.prices import PER, Price, Tokens
from ..usage import CHARACTERS_A_TOKEN, IMAGE_TOKENS, clip_tokens

LEAST_TOKENS: Final = {"gemini-2.5-pro": 4096, "gemini-2.5": 1024}
"""Smallest cache that the provider takes, by the beginning of the model's name; a refusal raises it."""
LEAST_ELSEWHERE: Final = 4096


@dataclass(frozen=True)
class TokenCounts:
    """Tokens of a stretch of a prompt, by kind."""

    text: float = 0
    image: float = 0
    audio: float = 0

    @property
    def total(self) -> float:
        return self.text + self.image + self.audio

    def __sub__(self, other: TokenCounts) -> TokenCounts:
        return TokenCounts(self.text - other.text, self.image - other.image, self.audio - other.audio)

    def full_usd(self, price: Price) -> float:
        """USD for sending it once."""
        return (self.text * price.text + self.image * price.image + self.audio * price.audio) / PER

    def read_usd(self, price: Price) -> float:
        """USD for reading it once from a cache."""
        return (
            self.text * price.cached_text + self.image * price.cached_image + self.audio * price.cached_audio
        ) / PER


@dataclass(frozen=True)
class Savings:
    """What an explicit cache comes to, in USD. The provider bills its making as input."""

    creation: float
    reads: float
    storage: float
    without: float

    @property
    def net(self) -> float:
        """Saved; negative where it costs more than it saves."""
        return self.without - self.creation - self.reads - self.storage


def least_tokens(model: str) -> int:
    """The smallest cache that the provider takes for the model."""
    return next((n for name, n in LEAST_TOKENS.items() if model.startswith(name)), LEAST_ELSEWHERE)


def token_counts(messages: Iterable[Message], characters_a_token: float = CHARACTERS_A_TOKEN) -> TokenCounts:
    """Tokens of the messages, text by its length."""
    characters, images, audio = 0, 0, 0
    for part in (part for message in messages for part in message.parts):
        if not isinstance(part, Media):
            characters += len(part.text)
        elif part.medium.kind == "image":
            images += 1
        else:
            audio += clip_tokens(part.medium.seconds or 0.0)
    return TokenCounts(characters / characters_a_token, images * IMAGE_TOKENS, audio)


def plan_savings(prefix: TokenCounts, uses: int, price: Price, seconds: float) -> Savings:
    """What it comes to when `uses` calls read `prefix` from a cache that is kept for `seconds`."""
    storage = prefix.total * (price.storage or 0.0) * seconds / 3600 / PER
    full = prefix.full_usd(price)
    return Savings(full, uses * prefix.read_usd(price), storage, uses * full)


def cached_tokens(text: float, image: float, audio: float, held: TokenCounts) -> Tokens:
    """The tokens of one call's input as they are billed, `held` of them read from a cache."""
    return Tokens(text, image, audio, held.text, held.image, held.audio)


def best_start(
    now: TokenCounts, growth: TokenCounts, held: TokenCounts | None, calls: int, price: Price, gap: float
) -> bool:
    """Whether a cache of `now`, made with this call, belongs to the cheapest plan for the next `calls`.

    The prompt's beginning grows by `growth` from call to call. With each call it may be cached anew as far as it
    then goes, or the old cache is read and the rest sent in full. Every plan is weighed, from the last call
    back to this one.

    Args:
        held: what the present cache holds, None without one.
        gap: expected seconds between two calls.
    """
    full, step = now.full_usd(price), growth.full_usd(price)
    share = now.read_usd(price) / full if full else 1.0
    keep_rate = plan_savings(now, 0, price, gap).storage / full if full else 0.0
    reach = [held.full_usd(price) if held else 0.0, *(full + step * j for j in range(calls))]
    after = [0.0] * len(reach)
    made_now = kept_now = 0.0
    for call in reversed(range(calls)):
        here = full + step * call
        made_now = here * (1 + share + keep_rate) + after[call + 1]
        costs = [
            here - held_usd * (1 - share - keep_rate) + after[i] if held_usd <= here else float("inf")
            for i, held_usd in enumerate(reach)
        ]
        kept_now = costs[0]
        after = [min(cost, made_now) for cost in costs]
    return made_now < kept_now
