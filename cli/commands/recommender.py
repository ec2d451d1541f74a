"""`segue recommender`: what may sit in the recsys's chair, tried."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...core.tables import counted
from .. import arguments

if TYPE_CHECKING:
    from ...api.recommenders import RecommenderCheck, Tried

app = typer.Typer(
    name="recommender",
    help="Try a recommender of your own, or see what one must speak.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="recommender")


@app.command("check")
def check(
    recommender: Annotated[
        str,
        typer.Argument(
            metavar="SPEC", help="bm25, dense, popularity, random, python:package.module:Class or http://…"
        ),
    ],
    catalog: Annotated[
        str | None, typer.Option(help="Folder or file; the demo catalogue when left out.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds of a call.")] = 30.0,
    actions: Annotated[
        str, typer.Option(help="What it may answer: play, ask, no_match, set apart by commas.")
    ] = "play",
    as_json: arguments.OneJson = False,
) -> None:
    """Ask a recommender about several conversations, and say what came back. Exit code 1 where something is wrong."""
    from ... import check_recommender
    from ..output import print_json

    found = check_recommender(
        recommender,
        catalog=None if catalog is None else Path(catalog),
        timeout=timeout,
        actions=actions,
    )
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)
    if not found.sound:
        raise typer.Exit(1)


@app.command("openapi")
def openapi() -> None:
    """Print the OpenAPI document of what a recommender behind HTTP is sent, and may answer."""
    from ...api.recommenders import openapi
    from ..output import print_json

    print_json(openapi())


def _print(found: RecommenderCheck) -> None:
    from ..output import print_line, print_table, say

    if found.tried:
        rows = [_row(each) for each in found.tried]
        print_table(["view", "answer", "would be played", "its words", "ms"], rows, right=["ms"])
        same = {True: "the same", False: "another", None: "not to be told"}[found.deterministic]
        print_line()
        print_line(f"asked again on the same view, its answer is {same}")
        times = found.seconds
        print_line(
            f"a call took {1000 * statistics.median(times):.1f} ms at the median, {1000 * max(times):.1f} at most; "
            f"{len(found.at_once)} at once took {1000 * found.at_once_s:.1f}"
        )
    for problem in found.problems:
        print_line(f"wrong: {problem}")
    if found.hint:
        say(f"hint: {found.hint}")
    told = counted(len(found.problems), "problem")
    print_line("it can sit in the recsys's chair" if found.sound else f"{told}: it cannot sit there yet")


def _row(tried: Tried) -> tuple[str, ...]:
    time = f"{1000 * tried.seconds:.1f}"
    if tried.ranked is None:
        return tried.name, "none that can be used", "", "", time
    if tried.ranked.action != "play":
        what = "a question" if tried.ranked.asks else "no match"
        return tried.name, what, "", tried.ranked.reply or "none", time
    answer = counted(len(tried.ranked.track_ids), "id")
    return tried.name, answer, tried.title, tried.ranked.reply or "none", time
