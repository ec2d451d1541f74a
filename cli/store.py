"""`segue store`: the database itself: checked, backed up, pruned, found."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from . import arguments

app = typer.Typer(
    name="store",
    help="Check, back up and prune the database.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="store")


@app.command("path")
def path(context: typer.Context) -> None:
    """Print where the store is: a file's path, or the server's address without its password."""
    from ..api.store import place_of

    print(place_of(context.obj["store"]))


@app.command("check")
def check(context: typer.Context, as_json: arguments.OneJson = False) -> None:
    """Read everything and compare it with its digests; say which threads any damage touches."""
    from .. import open_store
    from .output import print_json

    with open_store(context.obj["store"]) as store:
        report, where = store.check(), store.url
    if as_json:
        counted = asdict(report)
        problems = counted.pop("problems")
        print_json({"sound": report.sound, **counted, "threads": report.threads, "problems": problems})
    else:
        print(f"{where}: {report.lines} lines, {report.packs} packs, {report.blobs} blobs")
        for problem in report.problems:
            touched = ", ".join(problem.threads) or "no thread"
            print(f"damaged: {problem.what} (touches {touched})")
        print("sound" if report.sound else f"{len(report.problems)} problems; restore a backup")
    if not report.sound:
        raise typer.Exit(1)


@app.command("backup")
def backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="The copy; must not exist yet.")]
) -> None:
    """Copy a SQLite store while others go on using it."""
    from .. import open_store
    from .output import say

    with open_store(context.obj["store"]) as store:
        store.backup(file)
    say(f"wrote {file}")


@app.command("prune")
def prune(
    context: typer.Context,
    threads: Annotated[
        list[str] | None, typer.Argument(help="Thread ids; all threads when none is given.")
    ] = None,
    really: Annotated[
        bool, typer.Option("--really", help="Remove; without it only counts what would go.")
    ] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Keep only the newest checkpoint of each thread. Pruned threads can be shown, but not replayed or branched.

    Nothing is removed without --really.
    """
    from .. import open_store
    from .output import print_json

    with open_store(context.obj["store"]) as store:
        found = store.prune(threads or (), really=really)
    if as_json:
        print_json(asdict(found))
        return
    verb = "removed" if really else "would remove"
    rest = f", {found.packs} packs" if really else "; add --really to do it"
    print(
        f"{verb} {found.checkpoints} checkpoints and {found.writes} writes of {found.threads} threads{rest}"
    )
