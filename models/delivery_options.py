"""`DeliveryOptions`: how the user wants calls to travel; light, so that a configuration can name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..core.errors import ConfigError

MediaMode = Literal["auto", "inline", "upload"]
CacheMode = Literal["auto", "explicit", "implicit", "off"]


@dataclass(frozen=True)
class DeliveryOptions:
    """What the user wants. None of it changes what is asked, only what it costs.

    Raises:
        ConfigError: what is wanted does not go together.
    """

    media: MediaMode = "auto"
    cache: CacheMode = "auto"
    batch: bool = False

    def __post_init__(self) -> None:
        if self.batch and self.cache == "explicit":
            raise ConfigError(
                "--cache explicit does not go with --batch: providers refuse caches in batch jobs",
                hint="leave --cache out; a batch costs half as it is",
            )
