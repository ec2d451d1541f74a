"""`segue walk collections`, `evaluate`: what conversations are walked to, and scores on people's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ...core.tables import counted
from .. import arguments
from .group import app

From = Annotated[
    Path | None,
    typer.Option("--catalog", help="Folder or file of tracks; the demo catalogue when left out."),
]
FromDialogs = Annotated[
    Path | None,
    typer.Option(
        "--cpcd", help="CPCD's dialogs in place of a catalogue: their playlists, not what was said."
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="playlist, session, artist, tag, era, album or goal; again for more. All when left out.",
    ),
]
Least = Annotated[int, typer.Option(help="Tracks of a collection, at least.")]


@app.command("collections")
def collections(
    catalog: From = None,
    cpcd: FromDialogs = None,
    source: Sources = None,
    least: Least = 5,
    as_json: arguments.OneJson = False,
) -> None:
    """Count the collections of tracks that conversations can be walked to, and what is left out."""
    from ...api.walk.walking import walk_collections
    from ..output import print_json, print_line, print_table

    found = walk_collections(catalog, cpcd=cpcd, sources=tuple(source or ()), least=least)
    if as_json:
        print_json(found.to_json())
        return
    rows = [[name, count, tracks] for name, (count, tracks) in found.by_source().items()]
    print_table(["source", "collections", "tracks"], rows, right=["collections", "tracks"])
    print_line()
    print_line(f"{counted(len(found.kept), 'collection')} of {counted(len(found.items.ids), 'track')}")
    for reason, count in found.left_out.items():
        print_line(f"left out: {count:,} with {reason}")
    if found.untitled:
        print_line(f"told by their tags alone: {counted(found.untitled, 'playlist')} without a telling title")


@dataclass(frozen=True)
class Collected:
    """What conversations are walked through; see `walk_collections`."""

    catalog: From = None
    cpcd: FromDialogs = None
    source: Sources = None
    least: Least = 5


@app.command("evaluate")
def evaluate(
    cpcd: Annotated[Path, typer.Option(help="A file of CPCD's dialogs, or a folder of them.")],
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="bm25, dense, hybrid; walk:, walk-hybrid: or walk-rerank:FOLDER of an encoder; or a file of "
            "predictions. Again for more; the first is compared with.",
        ),
    ] = None,
    with_clusters: Annotated[
        bool,
        typer.Option("--with-clusters", help="Only conversations that know versions of a song as one."),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    as_json: arguments.OneJson = False,
) -> None:
    """Score systems on conversations between people, as the authors of CPCD do."""
    from ...api.walk.walking import walk_evaluate
    from ..output import print_json, print_line, print_tables

    report = walk_evaluate(cpcd, tuple(system or ("bm25",)), with_clusters=with_clusters, seed=seed)
    if as_json:
        print_json(report.to_json())
        return
    print_tables(report.tables())
    first = next(iter(report.systems.values()))
    dialogs, turns = len(first.by_dialog), len(first.by_turn)
    print_line()
    print_line(f"{counted(dialogs, 'dialog')}, {counted(turns, 'turn')}, {counted(report.tracks, 'item')}")
