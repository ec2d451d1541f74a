"""Plan files for commands whose options are their own: what a plan says is taken as if it were typed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args

import typer

from ..api.settings import RunConfig, settings_of
from ..core.suggestions import closest
from .settings import PLAN, Command, SettingsCommand, decided_by_plan

if TYPE_CHECKING:
    from ..api.planning.plans import PlanFile

_OWN: Final = ("help", "example", "store")
"""Options that are no part of a plan: those that end the command, and the place where all is kept."""


class PlannedCommand(SettingsCommand):
    """A command that takes a plan: its options by name, over the environment and below flags.

    Raises:
        ConfigError: the plan cannot be read; or names file, line and key of what is no option or has a wrong value.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        typed, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        path = typed.get("plan")
        if ctx.resilient_parsing or not isinstance(path, str) or typed.get("help"):
            return super().parse_args(ctx, args)
        from ..api.planning.plans import read_plan_file

        plan = read_plan_file(Path(path), f"`{_called(ctx)} --example` prints a plan to start from")
        options = {key: _option(plan, key, self.get_params(ctx)) for key in plan.values}
        left = {key: option for key, option in options.items() if option.name not in typed}
        kinds = inspect.signature(self.callback or (lambda: None)).parameters
        words = [
            word
            for key, option in left.items()
            for word in _words(plan, key, option, kinds[option.name].annotation)
        ]
        ctx.meta[PLAN] = plan, {option.name: key for key, option in left.items()}
        try:
            return super().parse_args(ctx, [*words, *args])
        except typer.BadParameter as error:
            key = next((k for k, option in left.items() if option is error.param), None)
            if key is None:
                raise
            raise plan.fault(key, error.message) from error


def planned(command: Command) -> Command:
    """Give a command of `PlannedCommand` the argument of a plan, and `--example`."""
    own = inspect.signature(command, eval_str=True).parameters

    @functools.wraps(command)
    def called(**given: Any) -> None:
        given = {name: value for name, value in given.items() if name in own}
        plan, names = decided_by_plan(given["context"])
        if plan is None:
            command(**given)
            return
        with plan.locating(names):
            command(**given)

    context, *rest = own.values()
    added = [
        inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=d, annotation=a) for n, d, a in _ADDED
    ]
    parameters = [context, added[0], *rest, added[1]]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _example(context: typer.Context, asked: bool) -> None:
    if asked:
        from .output import print_file

        print_file("\n".join(_lines(context)) + "\n")
        raise typer.Exit


_ADDED: Final = (
    ("plan", None, Annotated[Path | None, typer.Argument(help="YAML file with options by name. Flags win.")]),
    (
        "example",
        False,
        Annotated[
            bool,
            typer.Option(
                "--example", is_eager=True, callback=_example, help="Print a commented plan and end."
            ),
        ],
    ),
)


def _lines(context: typer.Context) -> Iterator[str]:
    from ..api.planning.plans import plan_line

    yield f"# A plan for `{_called(context)}`: its options under their own names. One that is typed wins over"
    yield "# the plan. Paths are seen from the plan's folder."
    for name, option in _named(context.command.get_params(context)).items():
        value = option.default
        if isinstance(value, bool):
            value = not value
        elif option.required or value in (None, [], ()):
            value = name if option.required else "..."
        yield from plan_line(name, value, option.help or "", said=option.required)


def _called(context: Any) -> str:
    """The command as it is typed."""
    names = [context.info_name]
    while (context := context.parent).parent is not None:
        names.insert(0, context.info_name)
    return " ".join(["segue", *names])


def _named(parameters: Collection[Any]) -> dict[str, Any]:
    """Key of a plan -> option."""
    options = [each for each in parameters if each.param_type_name == "option" and each.name not in _OWN]
    return {_key(each): each for each in options}


def _key(option: Any) -> str:
    """How an option is typed, as a key: `json` of `--json`."""
    flags: list[str] = [flag for flag in option.opts if flag.startswith("--")]
    return flags[0].removeprefix("--").replace("-", "_")


def _option(plan: PlanFile, key: str, parameters: Collection[Any]) -> Any:
    known = _named(parameters)
    if key not in known:
        near = closest(key, list(known))
        meant = f"did you mean {near}? " if near else ""
        raise plan.fault(key, f"there is no such option; {meant}one of {', '.join(sorted(known))}")
    return known[key]


def _words(plan: PlanFile, key: str, option: Any, kind: Any) -> list[str]:
    """What would have to be typed. `kind`: as which it is declared."""
    value = plan.values[key]
    if option.is_flag:
        if not isinstance(value, bool):
            raise plan.fault(key, f"must be true or false, not {value!r}")
        return [*option.opts[:1]] if value else [*option.secondary_opts[:1]]
    named, words = _names_files(option), (option.metavar or "").split("|")
    path = named or _is_path(kind) or "PATH" in words or ("FOLDER" in words and plan.beside(value))
    given = plan.typed(key, path=path and value not in words, named=named)
    if len(given) != 1 and not option.multiple:
        raise plan.fault(key, "must be one value")
    return [f"{option.opts[0]}={each}" for each in given]


def _is_path(kind: Any) -> bool:
    return kind is Path or any(map(_is_path, get_args(kind)))


def _names_files(option: Any) -> bool:
    """Whether it takes NAME=FILE, as a setting of the same name does."""
    setting: Mapping[str, Any] = settings_of(RunConfig)
    return option.name in setting and option.multiple and bool(setting[option.name].about.path)
