"""`segue import`: conversations of a published data set as threads to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    context: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="PATH", help="An export's folder, or parquet or JSONL of that schema.")
    ],
    name: Annotated[str | None, typer.Option(help="What to call it; the file's or folder's name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Bring published conversations into the store: to show, measure, judge and export, not to play or branch."""
    from ..checkpoints import Store
    from ..dataset.importing import import_dataset
    from ..dataset.opening import open_dataset
    from .output import print_json, say
    from .reading import shown_url

    dataset = open_dataset(source)
    url = context.obj["store"]
    with Store.open(url) as store:
        brought = import_dataset(dataset, store, name=name)
    say(f"{brought.conversations} conversations of {name or dataset.name} are in {shown_url(url)}")
    if brought.lacking:
        say(f"of {brought.lacking} of their tracks nothing is known: {source} has no metadata of them")
    say(f"`segue threads --run {brought.run_id}` lists them")
    if as_json:
        print_json(
            {
                "run": brought.run_id,
                "conversations": brought.conversations,
                "tracks": brought.tracks,
                "tracks_lacking": brought.lacking,
            }
        )
