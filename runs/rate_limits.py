"""How much goes on at once, and how fast each provider may be asked, from the settings of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from ..core.errors import ConfigError
from ..models.limits import Limits, ProviderLimits
from .config import ExecutionSettings, PlaySettings
from .events import Events
from .settings import blaming

ConfigT = TypeVar("ConfigT", bound=PlaySettings)

BATCH_WIDTH = 1000
"""Conversations at once in batch mode, unless more are asked for: a wave should be long."""


def provider_limits(config: ExecutionSettings) -> ProviderLimits:
    """Limits for each provider: those that were set for it, else those that were set for all.

    Raises:
        ConfigError: naming the flag that is wrong.
    """
    width, requests, tokens = (
        per_provider(name.replace("_", "-"), getattr(config, name))
        for name in ("concurrent_requests", "requests_per_minute", "tokens_per_minute")
    )

    def make(provider: str) -> Limits:
        most = width.get(provider, width.get("", config.concurrency))
        return Limits(
            min(config.concurrency, int(most)),
            requests_per_minute=requests.get(provider, requests.get("")),
            tokens_per_minute=tokens.get(provider, tokens.get("")),
        )

    return ProviderLimits(make)


def per_provider(flag: str, items: Sequence[str]) -> dict[str, float]:
    """Provider -> number, from items such as `google_genai=1000`; a bare number is for `""`, all others.

    Raises:
        ConfigError: for an item that is neither, or a number below 1.
    """
    found: dict[str, float] = {}
    for item in items:
        provider, equals, number = item.rpartition("=")
        try:
            value = float(number.replace("_", ""))
        except ValueError:
            value = math.nan
        if not value >= 1 or math.isinf(value) or (equals and not provider):
            with blaming(flag.replace("-", "_")):
                raise ConfigError(
                    f"--{flag} {item!r}: it must be a number of 1 or more, or PROVIDER=NUMBER",
                    hint=f"such as --{flag} 1000, or --{flag} google_genai=1000",
                )
        found[provider] = value
    return found


def widened(config: ConfigT, conversations: int, events: Events) -> ConfigT:
    """In batch mode, as many conversations at once as make a long wave."""
    if not config.batch:
        return config
    width = max(config.concurrency, min(conversations, BATCH_WIDTH))
    at_once = min(width, conversations)
    events.say(f"batch mode: {at_once} conversations advance wave by wave; a wave may take up to a day")
    events.say("Ctrl-C twice leaves the jobs to themselves; the same command takes up their answers")
    return config.changed(concurrency=width)
