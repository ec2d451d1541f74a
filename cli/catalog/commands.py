"""`segue catalog`: write the demo catalogue, look into one, import one, hear its features."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...api.data.catalogues import Kind
from .. import arguments
from . import features as catalog_features
from . import importing as catalog_import

PRICED_MODEL = "google_genai:gemini-2.5-flash"
"""What the check asks the cost of, unless told otherwise."""

app = typer.Typer(
    name="catalog",
    help="Look into catalogues of tracks and sessions, and import them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="catalog")


@app.command("demo")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    media: Annotated[bool, typer.Option("--media", help="With audio and covers (takes a minute).")] = False,
    kind: Annotated[Kind, typer.Option("--format", help="Files to write.")] = "jsonl",
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
) -> None:
    """Write the demo catalogue as a folder, to look at or to start one's own from."""
    from ...api.data.catalogues import write_demo

    tracks, sessions = write_demo(folder, format=kind, media=media, force=force)
    catalog_import.say_written(folder, tracks, sessions)


catalog_import.register(app)


@app.command("check")
def check(
    path: Annotated[str, typer.Argument(metavar="PATH", help="File or folder; demo for the demo catalogue.")],
    session_gap: Annotated[
        int | None, typer.Option(min=1, help="Minutes of silence that end a session; a UTC day otherwise.")
    ] = None,
    cost: Annotated[
        bool, typer.Option("--cost/--no-cost", help="What a conversation on each session would cost.")
    ] = True,
    model: Annotated[
        str, typer.Option(envvar="SEGUE_MODEL", help="For the cost; offline costs nothing.")
    ] = PRICED_MODEL,
    as_json: arguments.OneJson = False,
) -> None:
    """What a catalogue is good for and what is wrong with it. Exit code 1 when no session can be played."""
    from ...api.data.catalogues import check_catalog
    from ...api.planning.estimates import estimate_catalogue
    from ..output import print_json
    from .reading import print_health

    health = check_catalog(path, session_gap=session_gap)
    wanted = cost and health.qualifying
    spent = estimate_catalogue(path, model, session_gap=session_gap).summary_json(model) if wanted else None
    if as_json:
        print_json({**health.to_json(), "cost": spent})
    else:
        print_health(health, spent)
    if not health.qualifying:
        raise typer.Exit(1)


@app.command("find")
def find(
    criteria: Annotated[
        str, typer.Argument(help="Such as 'tag: soul | funk; year: 1970..1979; not artist: Chic'.")
    ],
    path: Annotated[
        str, typer.Option("--catalog", help="File or folder; the demo catalogue when left out.")
    ] = "demo",
    limit: Annotated[int, typer.Option(min=0, help="Tracks that are shown; 0 for all.")] = 20,
    as_json: arguments.OneJson = False,
) -> None:
    """Tracks that meet criteria, as goals have them. Exit code 1 when there is none."""
    from ...api.data.catalogues import find_tracks, found_table
    from ..output import print_json, print_line, print_tables

    found = find_tracks(criteria, path)
    if as_json:
        print_json(found.to_json())
    else:
        if found.cards:
            print_tables([found_table(found, limit)])
            print_line()
        print_line(str(found))
    if not found.cards:
        raise typer.Exit(1)


catalog_features.register(app)
