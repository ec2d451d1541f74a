"""`segue walk sessions`: simulated listening sessions, to play conversations on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...core.tables import counted
from .. import arguments
from .conversations import From, Least
from .group import app


@app.command("sessions")
def sessions(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="New folder, a catalogue.")],
    catalog: From = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="playlist, session, artist, tag, era or album; again for more. Artist, tag and era when left out.",
        ),
    ] = None,
    least: Least = 5,
    count: Annotated[int, typer.Option(help="Sessions.")] = 100,
    turns: Annotated[int, typer.Option(help="Slates of a session.")] = 7,
    slate: Annotated[int, typer.Option(help="Tracks of a slate.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sessions.")] = 0,
    as_json: arguments.OneJson = False,
) -> None:
    """Write a catalogue's tracks with simulated listening sessions in place of its own."""
    from ...api.walk.sessions import COMMON_SOURCES, walk_sessions
    from ..output import print_json, say

    made = walk_sessions(
        out,
        count,
        catalog,
        sources=tuple(source or COMMON_SOURCES),
        least=least,
        turns=turns,
        slate=slate,
        seed=seed,
    )
    if as_json:
        print_json(made.to_json())
        return
    say(f"{counted(made.tracks, 'track')} and {counted(made.sessions, 'session')} written to {out}")
    say(
        f"{made.qualifying:,} of them can be played on: `segue run --catalog {out} --sessions {made.qualifying}`"
    )
