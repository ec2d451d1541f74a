"""Defaults from the config file, below flags and environment variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer

from ..core.errors import ConfigError
from ..core.suggestions import closest
from .command_list import CommandList

if TYPE_CHECKING:
    from ..api.planning.plans import PlanFile

DEFAULT_CONFIG = "segue.yaml"
_HINT = "options are named as on the command line, with _ for -, such as `base_url`"


def load_defaults(context: typer.Context, path: str, store: str) -> None:
    """Put the file's values under the options of every command, and the store's URL into `context.obj`.

    Raises:
        ConfigError: for a file that was named and is not there, is not YAML, names no option, or gives a setting a
            value that it cannot have.
    """
    file = _read(Path(path), required=path != DEFAULT_CONFIG)
    context.obj = {"store": store}
    if file is None:
        return
    values = _checked(file)
    given = values.pop("store", None)
    source = context.get_parameter_source("store")
    if given is not None and source is not None and source.name == "DEFAULT":
        context.obj = {"store": str(given)}
    commands = cast(CommandList, context.command).all()
    names = {p.name for command in commands.values() for p in command.params}
    flags = {flag for command in commands.values() for p in command.params for flag in _flags(p)} - names
    unknown = sorted(set(values) - names - flags)
    if unknown:
        near = closest(unknown[0], sorted(names | flags))
        meant = f"; did you mean {near!r}?" if near else ""
        raise ConfigError(f"{path}: unknown option {unknown[0]!r}{meant}", hint=_HINT)
    context.default_map = {name: _values_for(command, values, flags) for name, command in commands.items()}


def _checked(file: PlanFile) -> dict[str, Any]:
    """The file's values; those of settings as they are when they are typed."""
    from ..api.settings import RunConfig

    values = {name: value for name, value in file.values.items() if value is not None}
    settings = {name: value for name, value in values.items() if name in RunConfig.model_fields}
    with file.locating():
        return {**values, **RunConfig.partly(settings)}


def _values_for(command: Any, values: Mapping[str, Any], flags: Collection[str]) -> dict[str, Any]:
    """`values` as the command takes them: under its parameters' own names, one value of a repeatable option as a list
    of one."""
    repeatable = {p.name for p in command.params if getattr(p, "multiple", False)}
    named = {flag: p.name for p in command.params for flag in _flags(p) if flag in flags}
    own = {named.get(name, name): value for name, value in values.items()}
    return {n: _listed(v) if n in repeatable else v for n, v in own.items()}


def _flags(parameter: Any) -> list[str]:
    """How an option is typed, as a key: `json` of `--json`."""
    return [flag.removeprefix("--").replace("-", "_") for flag in parameter.opts if flag.startswith("--")]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _read(path: Path, *, required: bool) -> PlanFile | None:
    if not path.exists() and not required:
        return None
    from ..api.planning.plans import parse_options

    try:
        return parse_options(path.read_text(encoding="utf-8"), path, hint=_HINT)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", hint="check --config") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
