"""Settings that may differ from model to model, as they are typed: VALUE for all, AGENT=VALUE or PROVIDER=VALUE."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import ConfigError
from ...core.settings import blaming, refuse_twice
from ...models.providers import OFFLINE, SEED_BITS

_ASKERS = ("profile", "goal", "listener", "recsys", "judge")
_PROVIDERS = tuple(provider for provider in SEED_BITS if provider != OFFLINE)
_NAMED = re.compile(r"\s*([\w.-]+)\s*=\s*(.+)", re.DOTALL)


def per_model(setting: str, items: Sequence[str], providers: Mapping[str, str]) -> dict[str, str | None]:
    """Who asks -> the value for its model: the asker's own, else its provider's, else that of all, else None.

    Args:
        items: as they are typed.
        providers: who asks -> its model's provider.

    Raises:
        ConfigError: an item names neither an agent nor a provider.
    """
    named: dict[str, str] = {}
    parts = [(match[1], match[2]) if (match := _NAMED.fullmatch(item)) else ("", item) for item in items]
    refuse_twice(setting, [who for who, _ in parts])
    for who, value in parts:
        if who and who not in (*_ASKERS, *_PROVIDERS, *providers.values()):
            flag = setting.replace("_", "-")
            with blaming(setting):
                raise ConfigError(
                    f"--{flag} {who}=…: {who!r} is no agent, and no provider of a model that is asked",
                    hint=f"a value for all, or NAME=VALUE with one of {', '.join((*_ASKERS, *_PROVIDERS))}",
                )
        named[who] = value.strip()
    return {asker: named.get(asker, named.get(of, named.get(""))) for asker, of in providers.items()}


def bodies(value: Any) -> Any:
    """Items of JSON text, from objects as YAML and Python have them, by agent or provider or for all."""
    if isinstance(value, Mapping):
        every = value and all(isinstance(each, Mapping) for each in value.values())
        if every and value.keys() <= {*_ASKERS, *_PROVIDERS}:
            return tuple(f"{name}={json.dumps(each)}" for name, each in value.items())
        return (json.dumps(value),)
    if isinstance(value, (list, tuple)):
        return tuple(json.dumps(each) if isinstance(each, Mapping) else each for each in value)
    return value
