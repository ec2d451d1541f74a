"""The text of an experiment's plan: YAML that is read strictly, and faults that name file, line and field."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError

from ...core.errors import ConfigError
from ...core.yaml_errors import NOT_YAML, yaml_problem
from ..settings.plan_file import PlanLoader, line_of

Location = tuple[str | int, ...]


@dataclass(frozen=True)
class PlanText:
    """What a plan says, and where.

    Attributes:
        name: in errors.
        hint: what to type for one to start from.
    """

    name: str
    data: dict[str, Any]
    tree: yaml.Node | None
    hint: str

    @classmethod
    def read(cls, path: Path, hint: str) -> Self:
        """The plan in a file. Raises `ConfigError`: it cannot be read; and see `parse`."""
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ConfigError(f"{path}: the plan cannot be read: {error.strerror}", hint=hint) from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: the plan cannot be read: {error}", hint=hint) from error
        return cls.parse(text, str(path), hint)

    @classmethod
    def parse(cls, text: str, name: str, hint: str) -> Self:
        """The plan in `text`. Raises `ConfigError`: it is no YAML, or no mapping."""
        try:
            tree = yaml.compose(text, Loader=PlanLoader)
            data = yaml.load(text, Loader=PlanLoader)
        except NOT_YAML as error:
            raise ConfigError(f"{name}: not YAML: {yaml_problem(error)}", hint=hint) from error
        if not isinstance(data, dict):
            raise ConfigError(f"{name}: must hold `field: value` lines", hint=hint)
        return cls(name, data, tree, hint)

    def fault(self, location: Location, problem: str) -> ConfigError:
        """The error, with file, line and field."""
        path = [part for part in location if part != "[key]"]
        field = ".".join(map(str, path))
        line = line_of(self.tree, path)
        return ConfigError(f"{self.name}, line {line}, field {field!r}: {problem}", hint=self.hint)

    def invalid(self, error: ValidationError) -> ConfigError:
        """The error for the first thing that pydantic finds wrong."""
        first = error.errors()[0]
        unknown = first["type"] == "extra_forbidden"
        said = "there is no such field" if unknown else str(first["msg"]).removeprefix("Value error, ")
        return self.fault(first["loc"], said)
