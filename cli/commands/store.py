"""`segue store`: the database itself: checked, backed up, pruned, found."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ...api.settings import RunConfig
from ...core.tables import counted
from .. import arguments, completion
from ..overwriting import Overwrite, require_free
from ..settings import WAITING, takes

app = typer.Typer(
    name="store",
    help="Check, back up, upgrade and prune the database.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="store")


@app.command("path")
def path(context: typer.Context) -> None:
    """Print where the store is: a file's path, or the server's address without its password."""
    from ...api.store import place_of
    from ..output import print_line

    print_line(place_of(context.obj["store"]))


@app.command("check")
def check(context: typer.Context, as_json: arguments.OneJson = False) -> None:
    """Read everything and compare it with its digests; say which threads any damage touches."""
    from ... import open_store
    from ..output import print_json, print_line

    with open_store(context.obj["store"], read_only=True) as store:
        report, where = store.check(), store.url
    if as_json:
        told = asdict(report)
        problems = told.pop("problems")
        print_json({"sound": report.sound, **told, "threads": report.threads, "problems": problems})
    else:
        held = counted(report.lines, "line"), counted(report.packs, "pack"), counted(report.blobs, "blob")
        print_line(f"{where}: {', '.join(held)}")
        for problem in report.problems:
            touched = ", ".join(problem.threads) or "no thread"
            print_line(f"damaged: {problem.what} (touches {touched})")
        print_line(
            "sound" if report.sound else f"{counted(len(report.problems), 'problem')}; restore a backup"
        )
    if not report.sound:
        raise typer.Exit(1)


@app.command("backup")
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The copy.")],
    overwrite: Overwrite = False,
) -> None:
    """Copy a SQLite store while others go on using it."""
    from ... import open_store
    from ..output import say

    with open_store(context.obj["store"], read_only=True) as store:
        require_free([file if file.is_file() else None], overwrite=overwrite)
        store.backup(file, overwrite=True)
    say(f"wrote {file}")


@app.command("upgrade")
def upgrade(context: typer.Context) -> None:
    """Bring a store of an earlier version up to date. Whatever writes to it does the same."""
    from ... import open_store
    from ..output import say

    with open_store(context.obj["store"]) as store:
        say(f"{store.url} is up to date")


@app.command("prune")
@takes(also=WAITING)
def prune(
    context: typer.Context,
    config: RunConfig,
    threads: Annotated[
        list[str] | None,
        typer.Argument(help="Thread ids; all threads when none is given.", autocompletion=completion.threads),
    ] = None,
    really: Annotated[
        bool, typer.Option("--really", help="Remove; without it only counts what would go.")
    ] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Keep only the newest checkpoint of each thread. Pruned threads can be shown, but not replayed or branched.

    Nothing is removed without --really.
    """
    from ... import open_store
    from ..output import print_json, print_line

    with open_store(context.obj["store"], read_only=not really, lock_seconds=config.lock_seconds) as store:
        found = store.prune(threads or None, really=really)
    if as_json:
        print_json(asdict(found))
        return
    verb = "removed" if really else "would remove"
    rest = f", {counted(found.packs or 0, 'pack')}" if really else "; add --really to do it"
    print_line(
        f"{verb} {counted(found.checkpoints, 'checkpoint')} and {counted(found.writes, 'write')} "
        f"of {counted(found.threads, 'thread')}{rest}"
    )
