"""The root of the command line: global options, and what they do for the command that was asked for."""

from __future__ import annotations

import copy
from typing import Annotated, Any

import typer

from .. import DEFAULT_STORE
from .command_list import CommandList
from .config import DEFAULT_CONFIG, load_defaults

app = typer.Typer(
    name="segue",
    cls=CommandList,
    help="Simulate conversations about music; replay, branch and audit them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__
        from .output import print_line

        print_line(f"segue {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    store: Annotated[
        str, typer.Option(envvar="SEGUE_STORE", help="A SQLite file, or a SQLAlchemy URL.")
    ] = DEFAULT_STORE,
    config: Annotated[
        str, typer.Option(envvar="SEGUE_CONFIG", help="YAML file with defaults for options.")
    ] = DEFAULT_CONFIG,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Flags win over SEGUE_* variables, those over the config file, and that over the defaults."""
    load_defaults(context, config, store)
    group: Any = context.command
    option = next(each for each in group.params if each.name == "store")
    _accept_store(group.commands[context.invoked_subcommand], option)


def _accept_store(command: Any, option: Any) -> None:
    """Take the store after a command's name, too, where it is looked for; help shows it once, before all commands."""
    after = copy.copy(option)
    after.default, after.envvar, after.hidden = None, None, True
    after.expose_value, after.callback = False, _named_after
    command.params.append(after)
    for below in getattr(command, "commands", {}).values():
        _accept_store(below, option)


def _named_after(context: typer.Context, _: object, store: str | None) -> None:
    if store is None:
        return
    root_source = context.find_root().get_parameter_source("store")
    if root_source is not None and root_source.name == "COMMANDLINE" and context.obj["store"] != store:
        raise typer.BadParameter("it is given twice")
    context.obj["store"] = store
