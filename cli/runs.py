"""`segue runs`: which runs the store holds, what each covers and how far it is, and what failed of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..checkpoints.roster import Roster, StoredRun


def register(app: typer.Typer) -> None:
    app.command("runs")(runs)


def runs(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(help="A run's name, its id, or a unique start of it; all runs otherwise.")
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help="Only sessions that are pending, running, done, failed or stopped; may be repeated."
        ),
    ] = None,
    failures: Annotated[
        bool, typer.Option("--failures", help="The share of failures by topic, country and so on.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line; with --failures one document.")
    ] = False,
) -> None:
    """List the runs, or the sessions that one run covers with the standing of each."""
    from ..checkpoints.roster import Roster
    from ..core.errors import ConfigError
    from .reading import open_reading

    if run is None and (failures or status):
        raise ConfigError("--failures and --status are about one run", hint="`segue runs` lists them")
    with open_reading(context) as reading:
        roster = Roster(reading.store)
        if run is None:
            _print_runs(roster.runs(), as_json)
        elif failures:
            _print_failures(roster, roster.find(run), as_json)
        else:
            _print_run(roster, roster.find(run), status or [], as_json)


def _print_runs(found: list[StoredRun], as_json: bool) -> None:
    from .output import print_json_line, print_table

    if as_json:
        for run in found:
            print_json_line(_document(run))
        return
    from ..checkpoints.roster import STANDINGS

    print_table(
        ["run", "name", "created", "conversations", *STANDINGS, "catalogue"],
        [
            [
                run.run_id,
                ", ".join(run.names),
                run.created[:16],
                sum(run.counts.values()),
                *(run.counts.get(standing, 0) for standing in STANDINGS),
                run.catalog,
            ]
            for run in found
        ],
        right=["conversations", *STANDINGS],
    )


def _document(run: StoredRun) -> dict[str, Any]:
    from ..checkpoints.roster import STANDINGS

    return {
        "run": run.run_id,
        "names": list(run.names),
        "created": run.created,
        "catalog": run.catalog,
        "conversations": sum(run.counts.values()),
        **{standing: run.counts.get(standing, 0) for standing in STANDINGS},
    }


def _print_run(roster: Roster, run_id: str, statuses: list[str], as_json: bool) -> None:
    """The sessions in order, a line each; the run itself on stderr for people."""
    from ..checkpoints.roster import STANDINGS
    from ..core.errors import ConfigError
    from .output import print_json_line, say

    foreign = [status for status in statuses if status not in STANDINGS]
    if foreign:
        raise ConfigError(f"--status {foreign[0]!r}: it must be one of {', '.join(STANDINGS)}")
    wanted = [standing for standing in STANDINGS if standing in statuses] or list(STANDINGS)
    if not as_json:
        run = roster.runs(run_id)[0]
        counts = ", ".join(
            f"{run.counts[standing]} {standing}" for standing in STANDINGS if standing in run.counts
        )
        say(f"run {' '.join([run_id, *run.names])}, begun {run.created[:16]}: {counts or 'no conversations'}")
    for entry in roster.entries(run_id, statuses=wanted):
        if as_json:
            print_json_line({"position": entry.position, **asdict(entry)})
        else:
            print(f"{entry.position:>6}  {entry.thread_id}  {entry.status:<7}  {entry.session_id}")


def _print_failures(roster: Roster, run_id: str, as_json: bool) -> None:
    from ..runs.failures import failures_of
    from .failing import print_failures
    from .output import print_json

    found = failures_of(roster.standings(run_id))
    if as_json:
        print_json({"run": run_id, **found.to_json()})
    else:
        print_failures(found)
