"""Numbers that may differ from provider to provider, or from server to server, as they are typed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...core.errors import ConfigError
from ...core.settings import blaming, refuse_twice


def per_provider(setting: str, items: Sequence[str]) -> dict[str, float]:
    """Provider or HOST:PORT -> number, from items such as `google_genai=1000`; a bare number is for `""`, all others.

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
            flag = setting.replace("_", "-")
            with blaming(setting):
                raise ConfigError(
                    f"--{flag} {item!r}: it must be a number of 1 or more, or PROVIDER=NUMBER",
                    hint=f"such as --{flag} 1000, or --{flag} google_genai=1000",
                )
        found[provider] = value
    refuse_twice(setting, [item.rpartition("=")[0] for item in items])
    return found
