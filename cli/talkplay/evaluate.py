"""`segue talkplay evaluate`: systems on the next track of conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...core.tables import counted
from .. import arguments
from ..overwriting import Overwrite


def register(app: typer.Typer) -> None:
    app.command("evaluate")(evaluate)


def evaluate(
    data: Annotated[
        Path, typer.Argument(metavar="DIR", help="Training data, as `segue talkplay data` writes them.")
    ],
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="bm25, dense, popularity, clap, talkplay:DIR, walk:DIR or python:package.module:Class; again for "
            "more, the first four when left out. The first is compared with.",
        ),
    ] = None,
    catalog: Annotated[str | None, typer.Option(help="Where the tracks are, if not where they were.")] = None,
    part: Annotated[str, typer.Option(metavar="test|validation", help="What is asked.")] = "test",
    seed: Annotated[int, typer.Option(help="Of the bootstrap, and of what tuning draws.")] = 0,
    plot: Annotated[
        Path | None, typer.Option(help="Draw MRR and Hit@10 by turn into this .png, .svg or .pdf file.")
    ] = None,
    overwrite: Overwrite = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Score systems on the track that is played next, among all tracks of the catalogue, turn by turn."""
    from ...api.talkplay.evaluating import BASELINES, talkplay_evaluate
    from ..experiments import require_plot
    from ..output import print_json, print_line, print_tables, say

    require_plot(plot, overwrite=overwrite)
    report = talkplay_evaluate(data, tuple(system or BASELINES), catalog=catalog, part=part, seed=seed)
    if plot is not None:
        report.plot().save(plot)
        say(f"wrote {plot}")
    if as_json:
        print_json(report.to_json())
        return
    print_tables(report.tables())
    told = report.to_json()
    counts = {name: counted(told[f"{name}s"], name) for name in ("turn", "conversation", "session", "track")}
    print_line()
    print_line("{turn} of {conversation} on {session}, {track}".format(**counts))
