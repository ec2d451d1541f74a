"""Defaults from the config file, below flags and environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from ..core.errors import ConfigError

DEFAULT_STORE = "sqlite:///segue.db"
DEFAULT_CONFIG = "segue.yaml"


def load_defaults(context: typer.Context, path: str, store: str) -> None:
    """Put the file's values under the options of every command, and the store's URL into `context.obj`.

    Raises:
        ConfigError: for a file that was named and is not there, is not YAML, or names no option.
    """
    values = _read(Path(path), required=path != DEFAULT_CONFIG)
    source = context.get_parameter_source("store")
    if source is not None and source.name == "DEFAULT":
        store = str(values.get("store", store))
    values.pop("store", None)
    commands = getattr(context.command, "commands", {})
    known = {p.name for command in commands.values() for p in command.params}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(
            f"{path}: unknown option {unknown[0]!r}",
            hint="options are named as on the command line, with _ for -, such as `base_url`",
        )
    context.default_map = {name: _values_for(command, values) for name, command in commands.items()}
    context.obj = {"store": store}


def _values_for(command: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as the command takes them: one value of a repeatable option is a list of one."""
    repeatable = {p.name for p in command.params if getattr(p, "multiple", False)}
    return {n: [v] if n in repeatable and not isinstance(v, list) else v for n, v in values.items()}


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    if not path.exists() and not required:
        return {}
    import yaml

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}", hint="check --config") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path}: must hold `option: value` lines")
    return {str(name).replace("-", "_"): value for name, value in loaded.items()}
