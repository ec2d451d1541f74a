"""Audits: the proof of the partition for stored conversations, and the known faults of data sets counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...catalog.catalog import Catalog
from ...catalog.opening import open_catalog
from ...checkpoints.store.threads import Thread
from ...core.errors import ConfigError, InputError, NotFoundError
from ...core.packages import require_all
from ...core.random import stream
from ...core.tables import Table
from ...dataset.opening import DataSet, needs_of, open_dataset
from ...dataset.threads import dataset_of
from ...evaluation.audits.partition import PartitionAudit, partition_result
from ...evaluation.audits.reporting.comparison import MetricDifference, compare
from ...evaluation.audits.reporting.gates import GateResult, judge, read_gates
from ...evaluation.audits.reporting.gates import example_gates as example_gates
from ...evaluation.audits.reporting.published import published
from ...evaluation.audits.reporting.report import report_json
from ...evaluation.audits.reporting.tables import audit_blocks, difference_blocks, gate_blocks
from ...evaluation.audits.subset import DataSetSubset
from ...evaluation.audits.suite import DataAudit, audit_dataset, choose, packages_of
from ...evaluation.partition_audit import AuditReport
from ...evaluation.partition_proof import is_partitioned
from ...evaluation.partition_proof import proof_json as proof_json
from ...evaluation.partition_workers import prove_partition
from ...runs.events import Events, Silent
from ..store import DEFAULT_STORE, Address, OpenStore, named, reading


def audit(
    threads: Sequence[str] | None = None,
    *,
    run: str | None = None,
    sample: int | None = None,
    seed: int = 0,
    workers: int = 1,
    store: OpenStore | Address = DEFAULT_STORE,
    events: Events | None = None,
) -> AuditReport:
    """Prove the partition: render every request again from the stored views, and search the bytes sent.

    Args:
        threads: ids, or starts of them; all conversations that were played here, or all of `run`, by default.
        sample: only so many of them, drawn with `seed`.
        workers: processes to spread them over; the report is the same.

    Raises:
        NotFoundError: no such store, run or thread, or no conversation at all.
        InputError: a thread was imported, or one model wrote it, or all of them.
        ConfigError: a sample of less than one, or fewer workers.
        WorkerLostError: a process ended without a word.
    """
    for name, number in (("sample", sample), ("workers", workers)):
        if number is not None and number < 1:
            raise ConfigError(f"--{name} {number}: it must be 1 or more")
    told = events or Silent()
    with reading(store) as opened:
        every = _partitioned(opened.played(threads, run=run), named=threads is not None)
        if not every:
            raise NotFoundError("there is no conversation to audit", hint="`segue run` makes some")
        drawn = range(len(every)) if sample is None else _drawn(len(every), sample, seed)
        told.begin(len(drawn), "conversations")
        found = [every[at] for at in drawn]
        report = prove_partition(found, opened.reader, workers=workers, ended=told.ended)
    report.drawn_of = len(every) if len(found) < len(every) else None
    return report


def _partitioned(found: Sequence[Thread], *, named: bool) -> list[Thread]:
    """Those that have a partition to prove; where threads are named, all of them must."""
    kept = [thread for thread in found if is_partitioned(thread)]
    without = next((thread for thread in found if not is_partitioned(thread)), None)
    if without is not None and (named or not kept):
        raise InputError(
            f"conversation {without.thread_id} was written by one model in one call (--pipeline single): there is no "
            "partition to prove",
            hint="`segue audit --data` counts the known faults of such data, too",
        )
    return kept


def _drawn(count: int, sample: int, seed: int) -> list[int]:
    """Which of so many are drawn, in order."""
    return sorted(stream(seed, "audit").sample(range(count), min(sample, count)))


@dataclass(frozen=True)
class DataAudits:
    """Several data sets audited.

    Attributes:
        audited: one for each data set, in the order asked for.
        differences: of each further one with the first.
        verdicts: of the gates on each; empty without gates.
    """

    audited: Sequence[DataAudit]
    differences: Sequence[Sequence[MetricDifference]]
    verdicts: Sequence[Sequence[GateResult]]

    @property
    def unmet(self) -> list[tuple[str, GateResult]]:
        """(data set, verdict) of the gates that are not met."""
        pairs = zip(self.audited, self.verdicts, strict=False)
        return [(one.name, verdict) for one, judged in pairs for verdict in judged if verdict.met is False]

    @property
    def leaking(self) -> bool:
        """Whether the proof of the partition found something in any of them."""
        proofs = (one.result(PartitionAudit.name) for one in self.audited)
        return any(proof is not None and proof.found_total for proof in proofs)

    def blocks(self, rows: int = 3) -> Iterator[str | Table]:
        """All of it to read, line by line and table by table, with so many of the rows that an audit points at."""
        for one in self.audited:
            yield from audit_blocks(one, rows=rows, alone=len(self.audited) == 1)
        for other, differences in zip(self.audited[1:], self.differences, strict=True):
            yield from difference_blocks(self.audited[0], other, differences)
        for one, verdicts in zip(self.audited, self.verdicts, strict=False):
            yield from gate_blocks(one, verdicts)

    def to_json(self) -> dict[str, Any]:
        """The document of `segue audit --data --json`."""
        return report_json(self.audited, self.differences, self.verdicts)


def audit_data(
    data: Sequence[str] | None = None,
    *,
    threads: Sequence[str] | None = None,
    run: str | None = None,
    catalog: str | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    gates: str | Path | None = None,
    rows: int = 20,
    store: OpenStore | Address = DEFAULT_STORE,
) -> DataAudits:
    """Count the known faults of data sets; no model is asked. Several are compared with the first.

    Args:
        data: folders or files in the published schema, or runs of the store; the store's finished conversations
            when nothing at all is named.
        threads, run: finished conversations of the store, as one data set more.
        catalog: what the data were made from; `demo` for ours.
        only, skip: names of audits.
        gates: YAML file with limits.
        rows: how many of the rows that an audit points at are kept.

    Raises:
        ConfigError: a name is no audit, or the file of gates is wrong.
        NotFoundError: no such store, run or finished thread, or a list that was given is empty.
        CatalogError: a data set or the catalogue cannot be read.
    """
    names = choose(only, skip)
    limits = read_gates(Path(gates)) if gates is not None else []
    known = open_catalog(catalog) if catalog is not None else None
    given = named(data, "data set") or ()
    require_all([*packages_of(names), *(need for name in given for need in needs_of(Path(name)))])
    with ExitStack() as stack:
        sources = _sources(stack, store, given, named(threads, "thread") or (), run)
        audited = [_audited(source, names, known, rows) for source in sources]
    differences = [compare(audited[0], other) for other in audited[1:]]
    return DataAudits(audited, differences, [judge(limits, one) for one in audited] if limits else [])


@dataclass(frozen=True)
class _Source:
    """A data set, and the threads behind it when it is one of the store."""

    data: DataSet
    store: OpenStore | None = None
    threads: Sequence[Thread] = ()


def _audited(source: _Source, names: Sequence[str], known: Catalog | None, rows: int) -> DataAudit:
    one = audit_dataset(source.data, names, catalog=known, rows_kept=rows)
    return _with_proof(one, source, rows) if PartitionAudit.name in names else one


def _sources(
    stack: ExitStack, store: OpenStore | Address, data: Sequence[str], threads: Sequence[str], run: str | None
) -> list[_Source]:
    """The data sets asked for, in order: paths and runs, then a run or threads of the store."""
    stored = [name for name in data if not Path(name).exists()]
    if data and not stored and not threads and run is None:
        return [_Source(open_dataset(Path(name))) for name in data]
    with _no_such_data(stored):
        opened = stack.enter_context(reading(store))
    return list(_opened(opened, data, stored, threads, run))


@contextmanager
def _no_such_data(names: Sequence[str]) -> Iterator[None]:
    """What is not found inside is no run either, of the first of `names`, which are no files."""
    try:
        yield
    except NotFoundError as error:
        if not names:
            raise
        said = f"--data {names[0]}: there is no such file or folder, and {error.message}"
        path_like = "/" in names[0] or "." in names[0]
        raise (ConfigError if path_like else NotFoundError)(said, hint=error.hint) from error


def _opened(
    store: OpenStore, data: Sequence[str], stored: Sequence[str], threads: Sequence[str], run: str | None
) -> Iterator[_Source]:
    of_runs = {}
    for name in stored:
        with _no_such_data([name]):
            of_runs[name] = _of_run(store, name)
    for name in data:
        yield of_runs.get(name) or _Source(open_dataset(Path(name)))
    if run is not None:
        yield _of_run(store, run)
    if threads or not (data or run is not None):
        yield _of_threads(store, threads)


def _of_run(store: OpenStore, run: str) -> _Source:
    done = store.reader.threads.list(run=store.reader.runs.find(run), status="done")
    return _Source(dataset_of(store.reader, store.prices(), run=run, include_altered=True), store, done)


def _of_threads(store: OpenStore, names: Sequence[str]) -> _Source:
    data = dataset_of(store.reader, store.prices(), include_altered=True)
    if not names:
        return _Source(data, store, store.reader.threads.list(status="done"))
    threads = [store.reader.threads.get(name) for name in names]
    sessions = {thread_id: session for session, thread_id in data.thread_ids.items()}
    for thread in threads:
        if thread.thread_id not in sessions:
            raise NotFoundError(
                f"conversation {thread.thread_id} is {thread.status}: only finished ones are audited as data",
                hint="`segue audit` without --all proves the partition of any",
            )
    return _Source(DataSetSubset(data, [sessions[thread.thread_id] for thread in threads]), store, threads)


def _with_proof(one: DataAudit, source: _Source, rows: int) -> DataAudit:
    """The proof of the partition in place of the suite's stand-in, for conversations played in the store."""
    played = [thread for thread in source.threads if is_partitioned(thread)]
    if source.store is None or not played:
        return one
    report = prove_partition(played, source.store.reader)
    proof = partition_result(report, published().get(PartitionAudit.name, {}), rows)
    return replace(one, results=tuple(proof if r.name == proof.name else r for r in one.results))
