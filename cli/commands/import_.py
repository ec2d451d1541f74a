"""`segue import`: conversations of a published data set as threads to read."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ...api.settings import RunConfig
from ...core.tables import counted
from .. import arguments
from ..settings import WAITING, takes


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


@takes(also=WAITING)
def import_(
    context: typer.Context,
    config: RunConfig,
    source: Annotated[
        Path, typer.Argument(metavar="PATH", help="An export's folder, or parquet or JSONL of that schema.")
    ],
    name: Annotated[str | None, typer.Option(help="What to call it; the file's or folder's name.")] = None,
    as_json: arguments.OneJson = False,
) -> None:
    """Bring published conversations into the store: to show, measure, judge and export, not to play or branch."""
    from ... import import_ as bring
    from ...api.store import shown_url
    from ..output import print_json, say

    url = context.obj["store"]
    brought = bring(source, name=name, store=url, lock_seconds=config.lock_seconds)
    verb = "is" if brought.conversations == 1 else "are"
    say(f"{counted(brought.conversations, 'conversation')} of {brought.name} {verb} in {shown_url(url)}")
    if brought.tracks_lacking:
        say(f"of {brought.tracks_lacking} of their tracks nothing is known: {source} has no metadata of them")
    say(f"`segue threads --run {brought.run}` lists them")
    if as_json:
        told = asdict(brought)
        told.pop("name")
        print_json(told)
