"""What `segue audit` does with data sets: opens them, runs the suite, prints figures, differences and gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..catalog.opening import open_catalog
from ..core.errors import ConfigError, NotFoundError
from ..dataset.opening import DataSet, open_dataset
from ..dataset.threads import Stored, dataset_of
from ..evaluation.audits.chosen import ChosenDataSet
from ..evaluation.audits.comparison import compare
from ..evaluation.audits.gates import Verdict, judge, read_gates
from ..evaluation.audits.partition import PartitionAudit, partition_result
from ..evaluation.audits.published import published
from ..evaluation.audits.report import report_json
from ..evaluation.audits.suite import DataAudit, audit_dataset, choose
from ..models.prices import load_prices
from .audit_tables import print_audit, print_differences, print_verdicts
from .output import print_json, say
from .reading import Reading, open_reading

if TYPE_CHECKING:
    from ..checkpoints.threads import Thread

UNMET = 5
LEAK = 1


@dataclass(frozen=True)
class Asked:
    """The options of `segue audit` that have to do with data sets."""

    threads: Sequence[str]
    run: str | None
    data: Sequence[str]
    catalog: str | None
    only: Sequence[str]
    skip: Sequence[str]
    gates: Path | None
    rows: int
    as_json: bool


def audit_data(context: typer.Context, asked: Asked) -> None:
    """Audit every data set that is asked for; end with `UNMET` when a gate is not met."""
    names = choose(asked.only, asked.skip)
    gates = read_gates(asked.gates) if asked.gates is not None else []
    catalog = open_catalog(asked.catalog) if asked.catalog is not None else None
    kept = max(asked.rows, 20) if asked.as_json else asked.rows
    audited: list[DataAudit] = []
    with _sources(context, asked) as sources:
        for source in sources:
            one = audit_dataset(source.data, names, catalog=catalog, rows_kept=kept)
            audited.append(_with_partition(one, source, kept) if PartitionAudit.name in names else one)
    verdicts = [judge(gates, one) for one in audited] if gates else []
    differences = [compare(audited[0], other) for other in audited[1:]]
    if asked.as_json:
        print_json(report_json(audited, differences, verdicts))
    else:
        for one in audited:
            print_audit(one, rows=asked.rows, alone=len(audited) == 1)
        for other, found in zip(audited[1:], differences, strict=True):
            print_differences(audited[0], other, found)
        for one, judged in zip(audited, verdicts, strict=False):
            print_verdicts(one, judged)
    _leave(audited, verdicts)


def _leave(audited: Sequence[DataAudit], verdicts: Sequence[Sequence[Verdict]]) -> None:
    unmet = [
        (one.name, v) for one, judged in zip(audited, verdicts, strict=False) for v in judged if not v.met
    ]
    for name, verdict in unmet:
        value = "no value" if verdict.value is None else f"{verdict.value:.4g}"
        say(
            f"segue: gate not met: {name}: {verdict.gate.audit} {verdict.gate.metric}: {value}, {verdict.reason}"
        )
    if unmet:
        raise typer.Exit(UNMET)
    proofs = (one.result(PartitionAudit.name) for one in audited)
    if any(proof is not None and proof.found_total for proof in proofs):
        raise typer.Exit(LEAK)


@dataclass(frozen=True)
class _Source:
    """A data set, and the threads behind it when it is one of the store."""

    data: DataSet
    reading: Reading | None = None
    threads: Sequence[Thread] = ()


@contextmanager
def _sources(context: typer.Context, asked: Asked) -> Iterator[list[_Source]]:
    """The data sets asked for, in order: paths first, then threads or a run of the store."""
    paths = [name for name in asked.data if Path(name).exists()]
    stored = [name for name in asked.data if name not in paths]
    if asked.data and not stored and not asked.threads and asked.run is None:
        yield [_Source(open_dataset(Path(name))) for name in asked.data]
        return
    if stored:
        _refuse_paths(stored)
    with open_reading(context) as reading:
        found = {name: _of_run(reading, name) for name in stored}
        sources = [found.get(name) or _Source(open_dataset(Path(name))) for name in asked.data]
        if asked.run is not None:
            sources.append(_of_run(reading, asked.run))
        if asked.threads or not sources:
            sources.append(_of_threads(reading, asked.threads))
        yield sources


def _refuse_paths(names: Sequence[str]) -> None:
    for name in names:
        if "/" in name or "." in name:
            raise ConfigError(f"--data {name}: there is no such file or folder, and no run is named so")


def _of_run(reading: Reading, run: str) -> _Source:
    threads = [thread for thread in reading.threads.list() if thread.run_id.startswith(run)]
    if not threads:
        raise NotFoundError(
            f"--data {run}: no file, folder or run of that name",
            hint="`segue runs` lists the runs of the store",
        )
    done = [thread for thread in threads if thread.status == "done"]
    return _Source(dataset_of(_stored(reading), run=run, include_altered=True), reading, done)


def _of_threads(reading: Reading, names: Sequence[str]) -> _Source:
    data = dataset_of(_stored(reading), include_altered=True)
    if not names:
        return _Source(data, reading, [t for t in reading.threads.list() if t.status == "done"])
    threads = [reading.threads.get(name) for name in names]
    sessions = {thread_id: session for session, thread_id in data.thread_ids.items()}
    for thread in threads:
        if thread.thread_id not in sessions:
            raise NotFoundError(
                f"conversation {thread.thread_id} is {thread.status}: only finished ones are audited as data",
                hint="`segue audit` without --all proves the partition of any",
            )
    chosen = [sessions[thread.thread_id] for thread in threads]
    return _Source(ChosenDataSet(data, chosen), reading, threads)


def _stored(reading: Reading) -> Stored:
    return Stored(reading.store, reading.threads, reading.ledger, load_prices(), reading.state)


def _with_partition(one: DataAudit, source: _Source, rows_kept: int) -> DataAudit:
    """The proof of the partition in place of the suite's stand-in, for conversations played in the store."""
    from .audit import prove

    played = [thread for thread in source.threads if "partition" in thread.config]
    if source.reading is None or not played:
        return one
    report = prove(source.reading, played)
    proof = partition_result(report, published().get(PartitionAudit.name, {}), rows_kept)
    results = tuple(proof if result.name == proof.name else result for result in one.results)
    return replace(one, results=results)


def gates_example() -> str:
    """The file that `--example-gates` prints."""
    from ..evaluation.audits.gates import example_gates

    return example_gates()
