"""The root of the command line: global options, and the commands in the order people need them."""

from __future__ import annotations

import functools
import importlib
from typing import Annotated

import typer

from .. import DEFAULT_STORE
from .config import DEFAULT_CONFIG, load_defaults

app = typer.Typer(
    name="segue",
    help="Simulate conversations about music; replay, branch and audit them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

MODULES = (
    "run",
    "runs",
    "threads",
    "replay",
    "branch",
    "estimate",
    "cost",
    "compare",
    "ablate",
    "judge",
    "audit",
    "metrics",
    "stats",
    "export",
    "import_",
    "catalog",
    "store",
)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        typer.echo(f"segue {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    store: Annotated[
        str, typer.Option(envvar="SEGUE_STORE", help="Database, as an SQLAlchemy URL.")
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


@functools.cache
def build() -> typer.Typer:
    """The app with every command registered. Command modules import nothing heavy until they are called."""
    for name in MODULES:
        module = importlib.import_module(f".{name}", __package__)
        module.register(app)
    return app
