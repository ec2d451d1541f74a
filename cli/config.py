"""Defaults from the config file, below flags and environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..core.errors import ConfigError

if TYPE_CHECKING:
    from ..api.plans import PlanFile

DEFAULT_CONFIG = "segue.yaml"
_HINT = "options are named as on the command line, with _ for -, such as `base_url`"


def load_defaults(context: typer.Context, path: str, store: str) -> None:
    """Put the file's values under the options of every command, and the store's URL into `context.obj`.

    Raises:
        ConfigError: for a file that was named and is not there, is not YAML, names no option, or gives a setting a
            value that it cannot have.
    """
    file = _read(Path(path), required=path != DEFAULT_CONFIG)
    values = _checked(file) if file is not None else {}
    given = values.pop("store", None)
    source = context.get_parameter_source("store")
    if given is not None and source is not None and source.name == "DEFAULT":
        store = str(given)
    commands = getattr(context.command, "commands", {})
    known = {p.name for command in commands.values() for p in command.params}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(f"{path}: unknown option {unknown[0]!r}", hint=_HINT)
    context.default_map = {name: _values_for(command, values) for name, command in commands.items()}
    context.obj = {"store": store}


def _checked(file: PlanFile) -> dict[str, Any]:
    """The file's values; those of settings as they are when they are typed."""
    from ..api.settings import RunConfig

    values = {name: value for name, value in file.values.items() if value is not None}
    settings = {name: value for name, value in values.items() if name in RunConfig.model_fields}
    with file.locating():
        return {**values, **RunConfig.partly(settings)}


def _values_for(command: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as the command takes them: one value of a repeatable option is a list of one."""
    repeatable = {p.name for p in command.params if getattr(p, "multiple", False)}
    return {n: _listed(v) if n in repeatable else v for n, v in values.items()}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _read(path: Path, *, required: bool) -> PlanFile | None:
    if not path.exists() and not required:
        return None
    from ..api.plans import parse_options

    try:
        return parse_options(path.read_text(encoding="utf-8"), path, hint=_HINT)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", hint="check --config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
