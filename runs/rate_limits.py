"""How much goes on at once, and how fast each provider may be asked, from the settings of a run."""

from __future__ import annotations

from typing import TypeVar

from ..models.limits import Limits, ProviderLimits
from .events import Events
from .settings.config import ExecutionSettings, PlaySettings
from .settings.provider_numbers import per_provider

ConfigT = TypeVar("ConfigT", bound=PlaySettings)

BATCH_WIDTH = 1000
"""Conversations at once in batch mode, unless more are asked for: a wave should be long."""


def provider_limits(config: ExecutionSettings) -> ProviderLimits:
    """Limits for each server: those that were set for its address, else for its provider, else for all.

    Two addresses of one provider are two servers, each with limits of its own.

    Raises:
        ConfigError: naming the flag that is wrong.
    """
    width, requests, tokens = (
        per_provider(name, getattr(config, name))
        for name in ("concurrent_requests", "requests_per_minute", "tokens_per_minute")
    )

    def make(name: str) -> Limits:
        provider, _, address = name.partition("@")
        most, a_minute, tokens_a_minute = (
            next((numbers[n] for n in (address, provider, "") if n in numbers), None)
            for numbers in (width, requests, tokens)
        )
        return Limits(
            min(config.concurrency, int(most or config.concurrency)),
            requests_per_minute=a_minute,
            tokens_per_minute=tokens_a_minute,
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
