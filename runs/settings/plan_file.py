"""Plan files: YAML whose every key has a line, so that an error can name it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ...catalog.opening import DEMO
from ...core.errors import ConfigError, InputError, NotFoundError, SettingError
from ...core.settings import Settings, items, settings_of
from ...core.suggestions import closest
from ...core.yaml_errors import NOT_YAML, yaml_problem

HINT = "`segue init` writes a plan to start from"


SCHEMA = "https://json-schema.org/draft/2020-12/schema"
PRINTED = {
    "show": "Print the conversations when they are done.",
    "json": "One JSON object a line.",
}
"""Keys of what is printed of a run, which are no settings of the run itself, and what they do."""


class PlanLoader(yaml.SafeLoader):
    """Keys are texts as written: `no` is not False, `1` is no number. None comes twice, and nothing holds itself."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        node = super().compose_node(parent, index)
        if node is not None and node.end_mark is None:  # what is not at its end yet is around this place
            raise yaml.composer.ComposerError(None, None, "it holds itself", node.start_mark)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = [key for key, _ in node.value if keys.count(key.value) > 1 and key.value != "<<"]
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"{twice[1].value!r} is there twice", twice[1].start_mark
            )
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep=deep)


def line_of(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """1-based line of the deepest part of `path` that is there."""
    line = node.start_mark.line if node else 0
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


@dataclass(frozen=True)
class PlanFile:
    """What a plan file says.

    Attributes:
        values: option -> value, with _ for - in the names.
        lines: option -> 1-based line.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]
    hint: str | None = HINT

    def fault(self, key: str, problem: str) -> ConfigError:
        """The error that names file, line and key."""
        return ConfigError(f"{self.path}, line {self.lines[key]}, key {key!r}: {problem}", hint=self.hint)

    def settings(self, section: type[Settings]) -> dict[str, Any]:
        """What it says of how conversations are played; paths in it are seen from its folder.

        Raises:
            ConfigError: a key is no setting of `section`, nor says what is printed.
        """
        known = settings_of(section)
        for key in self.values:
            if key not in known and key not in PRINTED:
                options = ", ".join(sorted({*known, *PRINTED}))
                near = closest(key, [*known, *PRINTED])
                meant = f"did you mean {near}? " if near else ""
                raise self.fault(key, f"there is no such option; {meant}one of {options}")
        return {
            key: self._placed(value, named=known[key].repeatable) if known[key].about.path else value
            for key, value in self.values.items()
            if key in known
        }

    def printed(self) -> dict[str, bool]:
        """What it says of what is printed. Raises `ConfigError` for what is neither true nor false."""
        found = {key: self.values[key] for key in PRINTED if key in self.values}
        for key, value in found.items():
            if not isinstance(value, bool):
                raise self.fault(key, f"must be true or false, not {value!r}")
        return found

    def typed(self, key: str, *, path: bool, named: bool = False) -> tuple[str, ...]:
        """What would have to be typed in place of a key: one value, or those of a list or mapping.

        Args:
            path: it names files, which are seen from its folder.
            named: it names them as NAME=FILE.

        Raises:
            ConfigError: it is no value that could be typed.
        """
        value = self.values[key]
        try:
            found: tuple[str, ...] = items(self._placed(value, named=named) if path else value)
        except ValueError as error:
            raise self.fault(key, str(error)) from error
        return found

    def beside(self, value: object) -> bool:
        """Whether it names a folder, seen from the plan's own."""
        return isinstance(value, str) and (self.path.parent / value).is_dir()

    @contextmanager
    def locating(self, keys: Collection[str] | None = None) -> Iterator[None]:
        """Errors of user input inside name file, line and key, where the plan gave the setting to blame.

        Args:
            keys: those that the plan decided; all of its own by default.
        """
        try:
            yield
        except InputError as error:
            key = error.setting
            if key is None or key not in (self.lines if keys is None else keys):
                raise
            problem = error.problem if isinstance(error, SettingError) else error.message
            kind = NotFoundError if isinstance(error, NotFoundError) else ConfigError
            where = f"{self.path}, line {self.lines[key]}, key {key!r}"
            raise kind(f"{where}: {problem}", hint=error.hint or self.hint) from error

    def _placed(self, value: Any, *, named: bool) -> Any:
        """Paths are seen from the plan's folder, in mappings too, and in NAME=FILE where that is what is `named`."""
        if isinstance(value, Mapping):
            return {name: self._placed(item, named=False) for name, item in value.items()}
        if isinstance(value, list):
            return [self._placed(item, named=named) for item in value]
        if not isinstance(value, str) or value == DEMO:
            return value
        name, equals, file = value.partition("=") if named and "=" in value else ("", "", value)
        return f"{name}{equals}{self.path.parent / file}"


def read_plan_file(path: Path, hint: str = HINT) -> PlanFile:
    """The plan in a file.

    Raises:
        ConfigError: it cannot be read, is not YAML, is no mapping, or has a key twice or without a value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the plan cannot be read: {error}", hint=hint) from error
    plan = parse_options(text, path, hint=hint)
    if not plan.values:
        raise ConfigError(f"{path}: must hold `option: value` lines", hint=hint)
    for key, value in plan.values.items():
        if value is None:
            raise plan.fault(key, "it has no value; give one, or leave the line out")
    return plan


def parse_options(text: str, path: Path, *, hint: str | None) -> PlanFile:
    """The `option: value` lines in a text that stood in `path`.

    Raises:
        ConfigError: as of `read_plan_file`; an empty text has no lines.
    """
    try:
        tree = yaml.compose(text, Loader=PlanLoader)
        data = yaml.load(text, Loader=PlanLoader)
    except NOT_YAML as error:
        raise ConfigError(f"{path}: not YAML: {yaml_problem(error)}", hint=hint) from error
    if not isinstance(data, dict) and data is not None:
        raise ConfigError(f"{path}: must hold `option: value` lines", hint=hint)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for written, value in (data or {}).items():
        key = written.replace("-", "_")
        line = line_of(tree, [written])
        if key in values:
            raise ConfigError(f"{path}, line {line}: {key!r} is there twice", hint=hint)
        values[key], lines[key] = value, line
    return PlanFile(path, values, lines, hint)


def plan_schema(section: type[Settings]) -> dict[str, Any]:
    """The JSON schema of plans that hold the settings of `section`, for editors."""
    schema = section.model_json_schema()
    for name, setting in settings_of(section).items():
        field = schema["properties"][name]
        kinds = [kind for kind in field.pop("anyOf", []) if kind != {"type": "null"}]
        field |= {"anyOf": kinds} if len(kinds) > 1 else dict(*kinds)
        if setting.default is None:
            del field["default"]  # a key without a value is refused
        field["description"] = setting.about.help
    for name, about in PRINTED.items():
        schema["properties"][name] = {"type": "boolean", "description": about, "default": False}
    told = "Every option of `segue run` under its own name, with _ between the words."
    return {"$schema": SCHEMA, **schema, "title": "A plan for segue run", "description": told}
