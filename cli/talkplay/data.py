"""`segue talkplay data`: conversations as training data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from .. import arguments
from ..overwriting import Overwrite


def register(app: typer.Typer) -> None:
    app.command("data")(data)


PlayedOn = Annotated[
    str | None,
    typer.Option(help="What the conversations were played on; the demo catalogue when left out."),
]
More = Annotated[
    list[Path] | None,
    typer.Option(help="A data set of other sessions, to learn from alone; again for more."),
]


@dataclass(frozen=True)
class Divided:
    """What conversations are for; see `talkplay_data`."""

    test_share: Annotated[float, typer.Option(help="Of the sessions, to test on.")] = 0.2
    validation_share: Annotated[float, typer.Option(help="Of the sessions, to choose by while training.")] = (
        0.1
    )
    cold_share: Annotated[
        float, typer.Option(help="Of the tracks tested on, to hide from training on purpose.")
    ] = 0.05
    seed: Annotated[int, typer.Option(help="Decides which sessions and tracks.")] = 0


@arguments.grouped
def data(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    dataset: Annotated[
        Path | None,
        typer.Option("--data", help="A data set (folder or file) in place of the store."),
    ] = None,
    more: More = None,
    run: arguments.OfRun = None,
    catalog: PlayedOn = None,
    divided: Divided,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Write conversations as training data, divided by session: to learn from, to choose by, to test on."""
    from ...api.talkplay.data import talkplay_data
    from ..output import print_json, print_tables, say

    summary = talkplay_data(
        out,
        data=dataset,
        more=more or (),
        run=run,
        catalog=catalog,
        overwrite=overwrite,
        store=context.obj["store"],
        **vars(divided),
    )
    if as_json:
        print_json(summary.to_json())
        return
    print_tables(summary.tables())
    counts = summary.origin.counts
    say(f"{counts['playlists']:,} playlists and {counts['warm_tracks']:,} tracks to learn from, in {out}")
    if counts["held_out_tracks"]:
        say(f"{counts['held_out_tracks']:,} tracks are hidden from training on purpose")
