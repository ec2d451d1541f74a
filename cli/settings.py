"""From the settings of `runs/settings/config.py` to flags: a command names the sections that it takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand

from ..api.settings import SECTIONS, RunConfig, Setting, Settings, settings_of
from ..core.errors import ConfigError, SettingError

if TYPE_CHECKING:
    from ..api.planning.plans import PlanFile

Command = Callable[..., None]

WAITING: Final = ("lock_seconds",)
"""The settings of commands that write to a store and play nothing."""

_PLAN = inspect.Parameter(
    "plan",
    inspect.Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[
        Path | None,
        typer.Argument(help="YAML file with options by name; `segue init` writes one. Flags win."),
    ],
)
PLAN: Final = "segue.plan"
"""Under which the context of a command keeps its plan; see `decided_by_plan`."""
_PRINTED = {"show": "show", "json": "as_json"}
"""Key of a plan -> the command's own parameter."""


class SettingsCommand(TyperCommand):
    """A command whose help shows what matters first, and the rest of its settings by section."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
                panels.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append(record)
        for title, records in panels.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def takes(
    *sections: type[Settings], also: Collection[str] = (), plan: bool = False, into: str = "config"
) -> Callable[[Command], Command]:
    """Give a command the flags of the sections; it is called with `into`, made of what was given: a `RunConfig`
    where they are sections of one, or else the only one that is named.

    Flags win over the plan, that over the environment, and that over the config file. Settings that the command
    does not take keep their defaults.

    Args:
        also: single settings of other sections.
        plan: whether a plan file may stand in place of flags.
        into: the command's parameter.
    """
    wanted = {*also, *(name for section in sections for name in settings_of(section))}
    kind = RunConfig if all(issubclass(RunConfig, section) for section in sections) else sections[0]
    taken = {name: setting for name, setting in settings_of(kind).items() if name in wanted}
    panels = {n: _panel(section) for section in SECTIONS for n in settings_of(section) if kind is RunConfig}

    def decorate(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters
        mine = {name: parameter for name, parameter in own.items() if name != into}
        flags = {name: _flag(setting, panels.get(name)) for name, setting in taken.items()}
        shown = {"plan": _PLAN, **flags} if plan else flags

        @functools.wraps(command)
        def called(**given: Any) -> None:
            path = given.pop("plan") if plan else None
            with _told(kind, given, taken, path) as (config, printed):
                rest = {name: given[name] for name in own if name in given}
                command(**{**rest, **{n: v for n, v in printed.items() if n in own}, into: config})

        parameters = [mine.pop("context"), *shown.values(), *mine.values()]
        called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        )
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return decorate


def _panel(section: type[Settings]) -> str:
    return inspect.cleandoc(section.__doc__ or "").partition("\n")[0].rstrip(".")


def _flag(setting: Setting, panel: str | None) -> inspect.Parameter:
    """The parameter that typer makes the flag of."""
    kind: Any = list[str] if setting.repeatable else setting.kind
    default = None if setting.repeatable else setting.default
    option = typer.Option(
        setting.declaration,
        envvar=setting.env,
        help=setting.about.help,
        min=setting.least,
        max=setting.most,
        hidden=setting.about.hidden,
        rich_help_panel=None if setting.about.first else panel,
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind if default is not None else kind | None, option],
    )


@contextmanager
def _told(
    kind: type[Settings], given: Mapping[str, Any], taken: Mapping[str, Setting], path: Path | None
) -> Iterator[tuple[Settings, Mapping[str, bool]]]:
    """The configuration, and what the plan says of printing; errors inside name the flag, or the plan's line."""
    context: typer.Context = given["context"]
    values: dict[str, Any] = {
        name: _value(given[name]) for name in taken if _source(context, name) != "DEFAULT"
    }
    typed = {name for name in given if _source(context, name) == "COMMANDLINE"}
    printed: dict[str, bool] = {}
    plan, decided = None, dict[str, Any]()
    if path is not None:
        plan = _read_plan(path)
        decided = {name: value for name, value in plan.settings(kind).items() if name not in typed}
        values = {"name": plan.path.stem, **values, **decided}
        printed = {
            _PRINTED[key]: value for key, value in plan.printed().items() if _PRINTED[key] not in typed
        }
    with _naming_flags(context, taken), plan.locating(decided) if plan else nullcontext():
        yield kind(**values), printed


def decided_by_plan(context: typer.Context) -> tuple[PlanFile | None, Mapping[str, str]]:
    """The plan of a `PlannedCommand`, if one was given, and what it decided: parameter -> key."""
    found: tuple[PlanFile | None, Mapping[str, str]] = context.meta.get(PLAN, (None, {}))
    return found


def _value(value: Any) -> Any:
    """A list is what was repeated; in files, a list may be one value."""
    return tuple(value) if isinstance(value, list) else value


def _read_plan(path: Path) -> PlanFile:
    from ..api.planning.plans import read_plan_file

    return read_plan_file(path)


def _source(context: typer.Context, name: str) -> str:
    source = context.get_parameter_source(name)
    return "DEFAULT" if source is None else str(source.name)


@contextmanager
def _naming_flags(context: typer.Context, taken: Mapping[str, Setting]) -> Iterator[None]:
    try:
        yield
    except SettingError as error:
        if (
            error.setting is None
            or error.setting not in taken
            or error.setting in decided_by_plan(context)[1]
        ):
            raise
        flag = taken[error.setting].flag
        raise ConfigError(f"{flag}: {error.problem}", hint=f"see `{context.command_path} --help`") from error


def printing(text: Callable[[], str]) -> Callable[[bool], None]:
    """Callback of a flag that prints a text and ends the command."""

    def callback(asked: bool) -> None:
        if asked:
            from .output import print_file

            print_file(text())
            raise typer.Exit

    return callback
