"""Arguments that several reading commands take, and commands whose arguments stand in classes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from . import completion

Thread = Annotated[
    str, typer.Argument(help="Thread id, or a unique start of it.", autocompletion=completion.threads)
]
OfRun = Annotated[
    str | None,
    typer.Option(
        "--run", autocompletion=completion.runs, help="Only this run: its name, or the start of its id."
    ),
]
Thoughts = Annotated[bool, typer.Option("--thoughts", help="Show what both sides think.")]
Show = Annotated[bool, typer.Option("--show", help="Print the conversations when they are done.")]
Altered = Annotated[
    bool, typer.Option("--include-altered", help="With conversations under a changed partition.")
]
Prices = Annotated[
    Path | None, typer.Option(envvar="SEGUE_PRICES", help="YAML file with prices of other models.")
]
Plot = Annotated[Path | None, typer.Option(help="Draw the differences into this .png, .svg or .pdf file.")]
OneJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]
JsonLines = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the arguments that its dataclass parameters declare as fields; it is called with the values
    of these classes."""
    own = inspect.signature(command, eval_str=True).parameters
    groups: dict[str, Any] = {n: each.annotation for n, each in own.items() if is_dataclass(each.annotation)}
    declared = {name: _declared(group) for name, group in groups.items()}
    parameters = [each for name, parameter in own.items() for each in declared.get(name, [parameter])]

    @functools.wraps(command)
    def called(**given: Any) -> None:
        made = {
            n: group(**{each.name: given.pop(each.name) for each in declared[n]})
            for n, group in groups.items()
        }
        command(**given, **made)

    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    )
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


def _declared(group: Any) -> list[inspect.Parameter]:
    """The fields of a dataclass as parameters."""
    kinds = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=kinds[field.name],
        )
        for field in fields(group)
    ]
