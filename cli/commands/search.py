"""`segue search`: where something was said or thought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ...core.tables import counted
from .. import arguments, completion

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ...api.reading.searching import FoundText, Kind, SearchPage, Who


def register(app: typer.Typer) -> None:
    app.command()(search)


@dataclass(frozen=True)
class SearchFlags:
    """What is looked for, where, and how it is told."""

    words: Annotated[
        list[str],
        typer.Argument(help="All of them in one text; '\"a phrase\"', begin* and (after --) -without."),
    ]
    run: arguments.OfRun = None
    session: Annotated[str | None, typer.Option(help="Only conversations on this session.")] = None
    thread: Annotated[
        str | None, typer.Option(help="Only this conversation.", autocompletion=completion.threads)
    ] = None
    who: Annotated[str | None, typer.Option(help="Only what the listener, or the recsys, says.")] = None
    kind: Annotated[str | None, typer.Option(help="Only each message, or each thought.")] = None
    limit: Annotated[int, typer.Option(help="Texts at most.")] = 20
    after: Annotated[str | None, typer.Option(metavar="KEY", help="Go on after the ones before.")] = None
    as_json: arguments.JsonLines = False


@arguments.grouped
def search(context: typer.Context, options: SearchFlags) -> None:
    """Find words in all messages and thoughts, those of the newest conversations first."""
    from ... import open_searchable
    from ..output import Terminal

    with open_searchable(context.obj["store"]) as store, Terminal() as events:
        found = store.search(
            " ".join(options.words),
            run=options.run,
            session=options.session,
            thread=options.thread,
            who=cast("Who | None", options.who),
            kind=cast("Kind | None", options.kind),
            limit=options.limit,
            after=options.after,
            events=events,
        )
    _print(found, as_json=options.as_json)


def _print(found: SearchPage, *, as_json: bool) -> None:
    from ..output import print_drawn, print_json_line, say

    if found.behind:
        changed = counted(found.behind, "conversation")
        say(f"{changed} changed since the index was brought up to date, which cannot be written here")
    if as_json:
        for hit in found.hits:
            print_json_line(hit.to_json())
    elif found.hits:
        print_drawn(*(block for hit in found.hits for block in _drawn(hit)))
    else:
        say("nothing was found")
    if found.after is not None:
        say(f"there is more: --after {found.after}")


def _drawn(hit: FoundText) -> Iterator[RenderableType]:
    """Where it stands, and the words around it."""
    from rich.padding import Padding

    from ..output import styled

    verb = "says" if hit.kind == "message" else "thinks"
    yield styled(f"{hit.thread_id}  turn {hit.turn}, {hit.who} {verb}", "dim")
    line = styled("")
    for text, found in hit.snippet.parts:
        line.append_text(styled(text, "bold yellow" if found else ""))
    yield Padding(line, (0, 0, 0, 2))
