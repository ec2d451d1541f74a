"""torch and transformers, imported where they are needed."""

from __future__ import annotations

from typing import Any, Final

from ....core.packages import Need, require, require_all

_NEEDED_BY: Final = "TalkPlay's language model"
NEEDS: Final = tuple(Need(name, "talkplay", _NEEDED_BY) for name in ("torch", "transformers", "tokenizers"))


def require_language_models() -> None:
    """Raises `ConfigError` that names every package that is missing."""
    require_all(NEEDS)


def torch() -> Any:
    """The module torch. Raises `ConfigError` where it is not installed."""
    return require("torch", extra="talkplay", needed_by=_NEEDED_BY)


def transformers() -> Any:
    """The module transformers, quiet. Raises `ConfigError` where it is not installed."""
    found = require("transformers", extra="talkplay", needed_by=_NEEDED_BY)
    found.logging.set_verbosity_error()
    found.logging.disable_progress_bar()
    return found
