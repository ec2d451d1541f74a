"""`segue audit`: proof of the partition for stored conversations; with --data the audits of data sets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..checkpoints.threads import Thread
    from ..evaluation.partition_audit import AuditReport
    from .reading import Reading

LEAK = 1


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    context: typer.Context,
    threads: Annotated[
        list[str] | None, typer.Argument(help="Thread ids; all of the store when none is given.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="Only threads of this run.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="A data set (folder or file) or a run of the store; several are compared."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="For threads too every audit, not the partition alone.")
    ] = False,
    catalog: Annotated[
        str | None,
        typer.Option(help="What the data were made from: its tracks, its sessions; `demo` for ours."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this audit; may be repeated.")] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Not this audit; may be repeated.")] = None,
    gates: Annotated[
        Path | None, typer.Option(help="YAML file with limits; exit code 5 if one is not met.")
    ] = None,
    example: Annotated[bool, typer.Option("--example-gates", help="Print a file of gates and stop.")] = False,
    rows: Annotated[int, typer.Option(min=0, help="Rows to show of those that an audit found.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Prove the partition of stored conversations, or (--data, --all) count the known faults of data sets.

    The proof renders every request again from the stored views, compares digests and searches the bytes for
    private values. The audits need no model; each stands beside the figures of published data.
    """
    if example:
        from ..evaluation.audits.gates import example_gates

        print(example_gates(), end="")
    elif data or every or only or skip or gates or catalog:
        from .auditing import Asked, audit_data

        chosen = (threads or (), run, data or (), catalog, only or (), skip or (), gates, rows, as_json)
        audit_data(context, Asked(*chosen))
    else:
        _prove_partition(context, threads, run, as_json)


def _prove_partition(
    context: typer.Context, threads: list[str] | None, run: str | None, as_json: bool
) -> None:
    from .output import print_json
    from .reading import open_reading

    with open_reading(context) as reading:
        if threads:
            found = [reading.played(thread) for thread in threads]
        else:
            found = reading.all_played(run)
        report = prove(reading, found)
    if as_json:
        print_json(report_json(report))
    else:
        _print(report)
    if not report.sound:
        raise typer.Exit(LEAK)


def prove(reading: Reading, threads: Iterable[Thread]) -> AuditReport:
    """The proof of the partition for these threads."""
    from ..evaluation.partition_audit import AuditReport

    report = AuditReport()
    for thread in threads:
        _audit(report, reading, thread)
    return report


def _audit(report: AuditReport, reading: Any, thread: Any) -> None:
    """Add one thread; what it shares with its parents is judged under their settings."""
    from ..checkpoints.timeline import steps
    from ..evaluation.partition_audit import audit_thread
    from ..runs.experiments.replay import segments
    from ..state.partition import Partition
    from .wiring import prompts_of

    line = list(steps(reading.saver, thread.thread_id))
    for owner, part in segments(reading.threads, thread, line):
        audit_thread(
            report,
            thread.thread_id,
            part[1:],
            reading.ledger,
            prompts_of(owner.config),
            Partition.from_json(owner.config["partition"]),
        )


def report_json(report: AuditReport) -> dict[str, Any]:
    """The report with stable keys."""
    from dataclasses import asdict

    from ..state.partition import TABLE, cell
    from ..state.values import Agent

    matrix = {
        agent.value: {
            rule.information.value: {
                "rule": cell(agent, rule.information),
                "searched": report.searched[agent.value, rule.information.value],
                "too_short": report.skipped[agent.value, rule.information.value],
                "disclosed": report.disclosed[agent.value, rule.information.value],
            }
            for rule in TABLE
        }
        for agent in Agent
    }
    return {
        "sound": report.sound,
        "threads": report.threads,
        "requests": {agent.value: report.requests[agent.value] for agent in Agent},
        "rendered_equal": {agent.value: report.rendered[agent.value] for agent in Agent},
        "matrix": matrix,
        "findings": [asdict(finding) for finding in report.findings],
    }


def _print(report: AuditReport) -> None:
    from ..state.partition import TABLE
    from ..state.values import Agent
    from .output import console, print_table

    rows = [
        [rule.information.value, *(_cell(report, agent, rule.information) for agent in Agent)]
        for rule in TABLE
    ]
    print_table(["information", *(agent.value for agent in Agent)], rows)
    out = console()
    out.print()
    checked, equal = report.requests.total(), report.rendered.total()
    out.print(f"{report.threads} conversations, {checked} requests, {equal} equal to their view's rendering")
    out.print(f"{report.searched.total()} private values searched for in the bytes sent", end="")
    out.print(f", {report.skipped.total()} too short to search for")
    if report.disclosed.total():
        out.print(f"{report.disclosed.total()} of them are public: said aloud, or in what the agent may read")
    for finding in report.findings:
        where = f"conversation {finding.thread_id}, turn {finding.turn}, agent {finding.agent}"
        out.print(f"{finding.kind}: {where}: {finding.detail}", markup=False)
    out.print("the partition holds" if report.sound else f"{len(report.findings)} findings")


def _cell(report: AuditReport, agent: Any, information: Any) -> str:
    from ..state.partition import cell

    words = cell(agent, information)
    searched = report.searched[agent.value, information.value]
    leaks = sum(
        f.kind == "leak" and f.agent == agent.value and f.information == information.value
        for f in report.findings
    )
    if leaks:
        return f"{words}: {leaks} LEAKED"
    return f"{words} ({searched} searched, 0 found)" if searched else words
