"""Packages that come with an extra: imported where they are needed, and named where they are not installed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from .errors import ConfigError


@dataclass(frozen=True)
class Need:
    """A module of a package that `segue[extra]` installs.

    Attributes:
        needed_by: what cannot be done without it.
        instead: what else helps, for the hint.
    """

    module: str
    extra: str
    needed_by: str
    instead: str = ""

    @property
    def package(self) -> str:
        return self.module.partition(".")[0].replace("_", "-")


def require(module: str, *, extra: str, needed_by: str, instead: str = "") -> Any:
    """The module of a need. Raises `ConfigError` where its package is not installed."""
    require_all([Need(module, extra, needed_by, instead)])
    return import_module(module)


def require_all(needs: Iterable[Need]) -> None:
    """Import what is needed for one thing to be done, so that all that is missing is said at once.

    Raises:
        ConfigError: names every package that is not installed, and one command that installs them.
    """
    missing: dict[Need, ImportError] = {}
    for need in dict.fromkeys(needs):
        try:
            import_module(need.module)
        except ImportError as error:
            missing[need] = error
    if not missing:
        return
    told = [f"{need.needed_by} needs {need.package}" for need in missing]
    extras = ",".join(sorted({need.extra for need in missing}))
    instead = [need.instead for need in missing if need.instead]
    raise ConfigError(
        f"{'; '.join(told)}{', which is' if len(told) == 1 else ': they are'} not installed",
        hint=", or ".join([f"pip install 'segue[{extras}]'", *dict.fromkeys(instead)]),
    ) from next(iter(missing.values()))
