"""`segue runs`: which runs the store holds, what each covers and how far it is, and what failed of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from .. import completion

if TYPE_CHECKING:
    from ... import Failures, OpenStore

_MOST = 6
"""Values of one kind in a line."""


def register(app: typer.Typer) -> None:
    app.command("runs")(runs)


def runs(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(
            help="A run's name, its id, or a unique start of it; all runs otherwise.",
            autocompletion=completion.runs,
        ),
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
    from ... import open_store
    from ...core.errors import ConfigError

    if run is None and (failures or status):
        raise ConfigError("--failures and --status are about one run", hint="`segue runs` lists them")
    with open_store(context.obj["store"], read_only=True) as store:
        if run is None:
            _print_runs(store, as_json)
        elif failures:
            _print_failures(store, run, as_json)
        else:
            _print_sessions(store, run, status or [], as_json)


def _print_runs(store: OpenStore, as_json: bool) -> None:
    from ... import STANDINGS
    from ..output import print_rows

    print_rows(
        [run.to_json() for run in store.runs()],
        ["run", "name", "created", "conversations", *STANDINGS, "catalogue"],
        lambda row: [
            row["run"],
            ", ".join(row["names"]),
            row["created"][:16],
            row["conversations"],
            *(row[standing] for standing in STANDINGS),
            row["catalog"],
        ],
        right=["conversations", *STANDINGS],
        as_json=as_json,
    )


def _print_sessions(store: OpenStore, name: str, statuses: list[str], as_json: bool) -> None:
    """The sessions in order, a line each; the run itself on stderr for people."""
    from ... import STANDINGS
    from ..output import print_json_line, print_line, say

    sessions = store.sessions(name, statuses=statuses)
    if not as_json:
        run = store.run(name)
        counts = ", ".join(f"{run.counts[each]} {each}" for each in STANDINGS if each in run.counts)
        say(
            f"run {' '.join([run.run_id, *run.names])}, begun {run.created[:16]}: {counts or 'no conversations'}"
        )
    leases = store.leases(name)
    for entry in sessions:
        if as_json:
            worker, until = leases.get(entry.thread_id, (None, None))
            row = {"position": entry.position, **asdict(entry), "worker": worker, "lease_until": until}
            print_json_line(row)
        else:
            print_line(f"{entry.position:>6}  {entry.thread_id}  {entry.status:<7}  {entry.session_id}")


def _print_failures(store: OpenStore, name: str, as_json: bool) -> None:
    """All shares as one table, or as one document."""
    from ..output import print_json, print_table

    found = store.failures(name)
    if as_json:
        print_json({"run": store.run(name).run_id, **found.to_json()})
        return
    rows = [
        [kind, share.value, share.failed, share.ended, f"{100 * share.share:.1f} %"]
        for kind, shares in found.by_kind().items()
        for share in shares
    ]
    if found.ended:
        whole = f"{100 * found.failed / found.ended:.1f} %"
        rows.insert(0, ["all", "", found.failed, found.ended, whole])
    print_table(["by", "value", "failed", "ended", "share"], rows, right=["failed", "ended", "share"])


def failure_lines(failures: Failures) -> Iterator[str]:
    """The shares of one run: each kind on a line, its values that have failures, the largest share first."""
    whole = 100 * failures.failed / failures.ended
    yield f"failed so far: {failures.failed} of the {failures.ended} that ended ({whole:.1f} %)"
    for kind, shares in failures.by_kind().items():
        told = [f"{s.value} {s.failed}/{s.ended} ({100 * s.share:.1f} %)" for s in shares if s.failed]
        more = f", and {len(told) - _MOST} more" if len(told) > _MOST else ""
        yield f"  by {kind}: {', '.join(told[:_MOST])}{more}"
