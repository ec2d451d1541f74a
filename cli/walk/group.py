"""The group of commands `segue walk`."""

from __future__ import annotations

import typer

app = typer.Typer(
    name="walk",
    help="Make conversations from collections of tracks, and test retrievers on people's own words.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
