"""`segue audit`: proof of the partition for stored conversations; with --data the audits of data sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.tables import counted
from .. import arguments, completion

if TYPE_CHECKING:
    from ...api.evaluation.audits import DataAudits

LEAK, UNMET = 1, 5


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


@dataclass(frozen=True)
class AuditOptions:
    """What is audited, and how it is told."""

    threads: Annotated[
        list[str] | None,
        typer.Argument(
            help="Thread ids; all of the store when none is given.", autocompletion=completion.threads
        ),
    ] = None
    run: arguments.OfRun = None
    sample: Annotated[
        int | None, typer.Option(help="For the proof of the partition: only so many conversations, drawn.")
    ] = None
    seed: Annotated[int, typer.Option(help="Of the sample's draw.")] = 0
    workers: Annotated[
        int, typer.Option(help="For the proof of the partition: processes to spread the conversations over.")
    ] = 1
    data: Annotated[
        list[str] | None,
        typer.Option(help="A data set (folder or file) or a run of the store; several are compared."),
    ] = None
    every: Annotated[
        bool, typer.Option("--all", help="For threads too every audit, not the partition alone.")
    ] = False
    catalog: Annotated[
        str | None,
        typer.Option(help="What the data were made from: its tracks, its sessions; `demo` for ours."),
    ] = None
    only: Annotated[list[str] | None, typer.Option(help="Only this audit; may be repeated.")] = None
    skip: Annotated[list[str] | None, typer.Option(help="Not this audit; may be repeated.")] = None
    gates: Annotated[
        Path | None, typer.Option(help="YAML file with limits; exit code 5 if one is not met.")
    ] = None
    example: Annotated[bool, typer.Option("--example-gates", help="Print a file of gates and stop.")] = False
    rows: Annotated[int, typer.Option(min=0, help="Rows to show of those that an audit found.")] = 3
    as_json: arguments.OneJson = False


@arguments.grouped
def audit(context: typer.Context, options: AuditOptions) -> None:
    """Prove the partition of stored conversations, or (--data, --all) count the known faults of data sets.

    The proof renders every request again from the stored views, compares digests and searches the bytes for
    private values. The audits need no model; each stands beside the figures of published data.
    """
    from ...core.errors import ConfigError

    store = context.obj["store"]
    if options.example:
        from ...api.evaluation.audits import example_gates
        from ..output import print_file

        print_file(example_gates())
    elif any([options.data, options.every, options.only, options.skip, options.gates, options.catalog]):
        for name, given in (("sample", options.sample is not None), ("workers", options.workers != 1)):
            if given:
                raise ConfigError(
                    f"--{name} is for the proof of the partition, without --data, --all and the like"
                )
        _audit_data(options, store)
    else:
        _prove(options, store)


def _audit_data(options: AuditOptions, store: str) -> None:
    from ...api.evaluation.audits import audit_data

    found = audit_data(
        options.data or None,
        threads=options.threads or None,
        run=options.run,
        catalog=options.catalog,
        only=options.only or (),
        skip=options.skip or (),
        gates=options.gates,
        rows=max(options.rows, 20) if options.as_json else options.rows,
        store=store,
    )
    _report_data(found, options.rows, options.as_json)


def _prove(options: AuditOptions, store: str) -> None:
    from ...api.evaluation.audits import audit as prove
    from ...api.evaluation.audits import proof_json
    from ..output import Terminal, print_json

    with Terminal() as events:
        report = prove(
            options.threads or None,
            run=options.run,
            sample=options.sample,
            seed=options.seed,
            workers=options.workers,
            store=store,
            events=events,
        )
    document = proof_json(report)
    if options.as_json:
        print_json(document)
    else:
        _print(document)
    if not document["sound"]:
        raise typer.Exit(LEAK)


def _print(proof: dict[str, Any]) -> None:
    from ..output import print_line, print_table

    matrix, findings = proof["matrix"], proof["findings"]
    agents = list(matrix)
    information = list(matrix[agents[0]])
    rows = [[name, *(_cell(proof, agent, name) for agent in agents)] for name in information]
    print_table(["information", *agents], rows)
    print_line()
    cells = [cell for of_agent in matrix.values() for cell in of_agent.values()]
    searched, short, disclosed = (
        sum(cell[kind] for cell in cells) for kind in ("searched", "too_short", "disclosed")
    )
    checked, equal = sum(proof["requests"].values()), sum(proof["rendered_equal"].values())
    print_line(
        f"{counted(proof['threads'], 'conversation')}, {counted(checked, 'request')}, "
        f"{equal:,} equal to their view's rendering"
    )
    if "drawn_of" in proof:
        print_line(f"a sample: {proof['threads']:,} of {counted(proof['drawn_of'], 'conversation')}")
    if unfinished := sum(proof["unfinished"].values()):
        print_line(f"{unfinished:,} of the requests are of nodes that failed or were stopped")
    looked_for = counted(searched, "private value")
    print_line(f"{looked_for} searched for in the bytes sent, {short:,} too short to search for")
    if disclosed:
        print_line(f"{disclosed:,} of them are public: said aloud, or in what the agent may read")
    for found in findings:
        where = f"conversation {found['thread_id']}, turn {found['turn']}, agent {found['agent']}"
        print_line(f"{found['kind']}: {where}: {found['detail']}")
    print_line("the partition holds" if proof["sound"] else counted(len(findings), "finding"))


def _cell(proof: dict[str, Any], agent: str, information: str) -> str:
    cell = proof["matrix"][agent][information]
    leak = ("leak", agent, information)
    leaks = sum((f["kind"], f["agent"], f["information"]) == leak for f in proof["findings"])
    if leaks:
        return f"{cell['rule']}: {leaks} LEAKED"
    return f"{cell['rule']} ({cell['searched']} searched, 0 found)" if cell["searched"] else cell["rule"]


def _report_data(found: DataAudits, rows: int, as_json: bool) -> None:
    """Print figures, differences and gates; end with `UNMET` when a gate is not met."""
    from ..output import print_blocks, print_json, say

    if as_json:
        print_json(found.to_json())
    else:
        print_blocks(found.blocks(rows))
    for name, verdict in found.unmet:
        value = "no value" if verdict.value is None else f"{verdict.value:.4g}"
        say(
            f"segue: gate not met: {name}: {verdict.gate.audit} {verdict.gate.metric}: {value}, {verdict.reason}"
        )
    if found.unmet:
        raise typer.Exit(UNMET)
    if found.leaking:
        raise typer.Exit(LEAK)
