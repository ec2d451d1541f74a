"""`segue store`: the database itself: checked, backed up, pruned, found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..checkpoints import Store

app = typer.Typer(
    name="store",
    help="Check, back up and prune the database.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

JSON = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def register(root: typer.Typer) -> None:
    root.add_typer(app, name="store")


def _open(context: typer.Context) -> Store:
    from ..checkpoints import Store
    from .reading import require_store

    url = context.obj["store"]
    require_store(url)
    return Store.open(url)


@app.command("path")
def path(context: typer.Context) -> None:
    """Print where the store is: a file's path, or the server's address without its password."""
    from ..checkpoints.database import parse_url

    url = parse_url(context.obj["store"])
    is_file = url.get_backend_name() == "sqlite"
    print(Path(str(url.database)).resolve() if is_file else url.render_as_string(hide_password=True))


@app.command("check")
def check(context: typer.Context, as_json: JSON = False) -> None:
    """Read everything and compare it with its digests; say which threads any damage touches."""
    from ..checkpoints.maintenance import check as check_store
    from .output import print_json

    with _open(context) as store:
        report = check_store(store)
        where = store.url
    if as_json:
        print_json(
            {
                "sound": report.sound,
                "lines": report.lines,
                "packs": report.packs,
                "unused_packs": report.unused_packs,
                "blobs": report.blobs,
                "threads": report.threads,
                "problems": [{"what": p.what, "threads": list(p.threads)} for p in report.problems],
            }
        )
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
    from ..checkpoints.maintenance import backup as copy_store
    from .output import say

    with _open(context) as store:
        copy_store(store, file)
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
    as_json: JSON = False,
) -> None:
    """Keep only the newest checkpoint of each thread. Pruned threads can be shown, but not replayed or branched.

    Nothing is removed without --really.
    """
    from ..checkpoints.maintenance import plan_prune, prune_threads, sweep, thread_ids
    from .output import print_json

    with _open(context) as store:
        ids = _ids(store, threads) if threads else thread_ids(store)
        removed = prune_threads(store, ids) if really else plan_prune(store, ids)
        swept = sweep(store) if really else None
    found: dict[str, Any] = {
        "removed": really,
        "threads": len(ids),
        "checkpoints": removed.checkpoints,
        "writes": removed.writes,
        "packs": swept,
    }
    if as_json:
        print_json(found)
        return
    verb = "removed" if really else "would remove"
    rest = f", {swept} packs" if really else "; add --really to do it"
    print(f"{verb} {removed.checkpoints} checkpoints and {removed.writes} writes of {len(ids)} threads{rest}")


def _ids(store: Store, threads: list[str]) -> list[str]:
    from ..checkpoints.threads import Threads

    known = Threads(store)
    return [known.get(thread).thread_id for thread in threads]
