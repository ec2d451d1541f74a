"""A plan file in the place of flags: each value checked by the flag that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from ..runs.plan_file import PlanFile

_NOT_IN_PLANS = frozenset({"plan", "example", "help"})
_PATHS = frozenset({"prices"})
"""Options that are files."""
_DEMO = "demo"


@dataclass(frozen=True)
class Decided:
    """What a plan decides: parameter -> value, and parameter -> line."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]


def plan_values(context: typer.Context, path: Path) -> Decided:
    """What the plan says and the command line does not.

    A run of a plan has a name: the one that the plan gives it, or the file's.

    Raises:
        ConfigError: names file, line and key of the first thing wrong.
    """
    from ..runs.plan_file import read_plan_file

    plan = read_plan_file(path)
    own, known = _options(context.command), _options(_run_command(context))
    values: dict[str, Any] = {"name": context.params.get("name") or path.stem}
    lines: dict[str, int] = {}
    for key, value in plan.values.items():
        if key not in known:
            raise plan.fault(key, f"there is no such option; one of {', '.join(sorted(known))}")
        checked = _checked(context, plan, key, value, known[key])
        # What only playing needs, such as the engine, is no concern of an estimate.
        if key in own and not _typed(context, known[key].name):
            values[known[key].name] = checked
            lines[known[key].name] = plan.lines[key]
    return Decided(values, lines)


def _run_command(context: typer.Context) -> Any:
    """`segue run`, whose options a plan may hold; another command reads the plan for what they share."""
    group: Any = context.find_root().command
    return group.commands["run"]


def _options(command: Any) -> Mapping[str, Any]:
    """Name as typed, with _ for -, -> the parameter."""
    named = {
        name.removeprefix("--").replace("-", "_"): parameter
        for parameter in command.params
        for name in parameter.opts
        if name.startswith("--")
    }
    return {name: parameter for name, parameter in named.items() if parameter.name not in _NOT_IN_PLANS}


def _typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _checked(context: typer.Context, plan: PlanFile, key: str, value: Any, parameter: Any) -> Any:
    """`value` as the command line would have given it."""
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise plan.fault(key, f"must be true or false, not {value!r}")
        return value
    items = _items(plan, key, value) if parameter.multiple else [_scalar(plan, key, value)]
    placed = [_placed(plan, key, item) for item in items]
    try:
        return parameter.process_value(context, placed if parameter.multiple else placed[0])
    except typer.BadParameter as error:
        raise plan.fault(key, error.message) from error


def _items(plan: PlanFile, key: str, value: Any) -> list[str]:
    """A repeatable option's values, from one value, a list, or a mapping of what would be NAME=VALUE."""
    if isinstance(value, Mapping):
        return [f"{name}={_joined(plan, key, item)}" for name, item in value.items()]
    if not isinstance(value, list):
        return [_scalar(plan, key, value)]
    items = [_scalar(plan, key, item) for item in value]
    if key == "modalities" and not any("=" in item for item in items):
        return [",".join(items)]
    return items


def _joined(plan: PlanFile, key: str, value: Any) -> str:
    return ",".join(_scalar(plan, key, item) for item in (value if isinstance(value, list) else [value]))


def _scalar(plan: PlanFile, key: str, value: Any) -> str:
    """The value as one would type it, for the flag's own check to judge."""
    if isinstance(value, (list, dict)) or value is None:
        raise plan.fault(key, "must be one value")
    if isinstance(value, bool):
        raise plan.fault(key, f"must not be {str(value).lower()}; put the word in quotes if it is one")
    return str(value)


def _placed(plan: PlanFile, key: str, item: str) -> str:
    """Paths are seen from the plan's folder."""
    folder = plan.path.parent
    if key in _PATHS or (key == "catalog" and item != _DEMO):
        return str(folder / item)
    name, equals, file = item.partition("=")
    return f"{name}={folder / file}" if key == "prompt" and equals else item
