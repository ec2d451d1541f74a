"""Packages that come with an extra: imported where they are needed, and named where they are not installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .errors import ConfigError


def require(module: str, *, extra: str, needed_by: str, instead: str = "") -> Any:
    """The module, of a package that `segue[extra]` installs.

    Args:
        needed_by: what cannot be done without it.
        instead: what else helps, for the hint.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise ConfigError(
            f"{needed_by} needs {package}, which is not installed",
            hint=f"pip install 'segue[{extra}]'{f', or {instead}' if instead else ''}",
        ) from error
