"""How much goes on at once, and how fast each provider may be asked, from the settings of a run."""

from __future__ import annotations

from typing import TypeVar

from ..models.limits import Limits, ProviderLimits
from .config import ExecutionSettings, PlaySettings
from .events import Events
from .provider_numbers import per_provider

ConfigT = TypeVar("ConfigT", bound=PlaySettings)

BATCH_WIDTH = 1000
"""Conversations at once in batch mode, unless more are asked for: a wave should be long."""


def provider_limits(config: ExecutionSettings) -> ProviderLimits:
    """Limits for each provider: those that were set for it, else those that were set for all.

    Raises:
        ConfigError: naming the flag that is wrong.
    """
    width, requests, tokens = (
        per_provider(name, getattr(config, name))
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


def widened(config: ConfigT, conversations: int, events: Events) -> ConfigT:
    """In batch mode, as many conversations at once as make a long wave."""
    if not config.batch:
        return config
    width = max(config.concurrency, min(conversations, BATCH_WIDTH))
    at_once = min(width, conversations)
    events.say(f"batch mode: {at_once} conversations advance wave by wave; a wave may take up to a day")
    events.say("Ctrl-C twice leaves the jobs to themselves; the same command takes up their answers")
    return config.changed(concurrency=width)
