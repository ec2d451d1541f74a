"""`segue delete`, `copy` and `rename`: what the store is rid of, what others get of it, what its runs are called."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ...api.settings import RunConfig
from ...core.tables import counted
from .. import arguments
from ..settings import WAITING, takes

if TYPE_CHECKING:
    from ... import Deletion

_SHOWN = 10
"""Ids in a line."""


def register(app: typer.Typer) -> None:
    for command in (delete, copy, rename):
        app.command()(command)


@takes(also=WAITING)
def delete(
    context: typer.Context,
    config: RunConfig,
    names: Annotated[
        list[str], typer.Argument(help="Threads and runs: ids, unique starts of them, or names of runs.")
    ],
    with_branches: Annotated[
        bool, typer.Option("--with-branches", help="Also what was branched from the conversations.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it only says what would go.")] = False,
    as_json: arguments.OneJson = False,
) -> None:
    """Delete conversations or whole runs, with their calls and judgements. What others need of them stays.

    Says what would go first. Nothing is deleted without --yes, or a yes on a terminal.
    """
    from ... import open_store
    from ..output import print_json

    with open_store(context.obj["store"], read_only=True) as store:
        found = store.delete(names, with_branches=with_branches)
    if not as_json:
        _print(found)
    if yes or (not as_json and _is_told_to()):
        with open_store(context.obj["store"], lock_seconds=config.lock_seconds) as store:
            found = store.delete(names, with_branches=with_branches, really=True)
        if not as_json:
            _print_done(found)
    if as_json:
        print_json(asdict(found))


@takes(also=WAITING)
def copy(
    context: typer.Context,
    config: RunConfig,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Threads and runs: ids, unique starts of them, or names of runs; all by default."
        ),
    ] = None,
    to: Annotated[
        str, typer.Option(help="The other store, a URL or a path; made where it is not there.")
    ] = "",
    as_json: arguments.OneJson = False,
) -> None:
    """Copy conversations and runs into another store, with what they were branched from, their calls and judgements.

    Without names everything is copied, human studies with their ratings, too. What is there already is left as it is:
    the same command goes on with a copy that was cut off.
    """
    from ... import open_store
    from ...core.errors import ConfigError
    from ..output import Terminal, print_json, print_line

    if not to:
        raise ConfigError(
            "--to is missing: the store to copy into", hint="--to sqlite:///other.db, or a server's URL"
        )
    with Terminal() as terminal, open_store(context.obj["store"], read_only=True) as store:
        found = store.copy(to, names or None, lock_seconds=config.lock_seconds, events=terminal)
    if as_json:
        print_json(asdict(found))
        return
    print_line(
        f"copied {counted(len(found.threads), 'conversation')} with {counted(found.checkpoints, 'checkpoint')}, "
        f"{counted(found.calls, 'call')} and {counted(found.judgements, 'judgement')}; {len(found.known):,} were there"
    )
    if found.studies:
        print_line(f"copied with their ratings: study {', study '.join(found.studies)}")


@takes(also=WAITING)
def rename(
    context: typer.Context,
    config: RunConfig,
    run: Annotated[str, typer.Argument(help="A run's name; or its id, or a unique start of it.")],
    name: Annotated[str, typer.Argument(help="The new name.")],
) -> None:
    """Give a run another name."""
    from ... import open_store
    from ..output import say

    with open_store(context.obj["store"], lock_seconds=config.lock_seconds) as store:
        found = store.rename(run, name)
    say(f"run {found.run_id} is called {', '.join(found.names)}")


def _print(found: Deletion) -> None:
    from ..output import print_line

    parts = [(found.runs, "run"), (found.threads, "conversation")]
    for ids, what in parts:
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            print_line(f"{counted(len(ids), what)}: {', '.join(ids[:_SHOWN])}{more}")
    if found.branches:
        hang = "hangs" if len(found.branches) == 1 else "hang"
        print_line(f"{len(found.branches):,} of them {hang} on the others as branches")
    print_line(
        f"with {counted(found.checkpoints, 'checkpoint')}, {counted(found.calls, 'call')}, "
        f"{counted(found.judgements, 'judgement')} and {counted(found.texts, 'text')}: {found.bytes / 1e6:.2f} MB"
    )
    if found.handed_over:
        print_line(f"{found.handed_over} calls stay, as other conversations rest on them")


def _print_done(found: Deletion) -> None:
    from ..output import say

    say("deleted; the store uses the space for what comes next")
    if found.unswept is not None:
        say(f"its values still take room, as others cannot be read: {found.unswept}; see `segue store check`")


def _is_told_to() -> bool:
    from ..output import confirm, say

    told = confirm("Delete all this?")
    if not told:
        say("nothing was deleted" + ("; --yes does it" if told is None else ""))
    return bool(told)
