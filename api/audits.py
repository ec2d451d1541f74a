"""Audits: the proof of the partition for stored conversations, and the known faults of data sets counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..catalog.catalog import Catalog
from ..catalog.opening import open_catalog
from ..checkpoints.store.threads import Thread
from ..core.errors import ConfigError, NotFoundError
from ..core.tables import Table
from ..dataset.opening import DataSet, open_dataset
from ..dataset.threads import dataset_of
from ..evaluation.audits.comparison import MetricDifference, compare
from ..evaluation.audits.gates import GateResult, judge, read_gates
from ..evaluation.audits.gates import example_gates as example_gates
from ..evaluation.audits.partition import PartitionAudit, partition_result
from ..evaluation.audits.published import published
from ..evaluation.audits.report import report_json
from ..evaluation.audits.subset import DataSetSubset
from ..evaluation.audits.suite import DataAudit, audit_dataset, choose
from ..evaluation.audits.tables import audit_blocks, difference_blocks, gate_blocks
from ..evaluation.partition_audit import AuditReport
from ..evaluation.partition_proof import proof_json as proof_json
from ..evaluation.partition_proof import prove_partition
from .store import DEFAULT_STORE, OpenStore, using


def audit(
    threads: Sequence[str] = (), *, run: str | None = None, store: OpenStore | str = DEFAULT_STORE
) -> AuditReport:
    """Prove the partition: render every request again from the stored views, and search the bytes sent.

    Args:
        threads: ids, or starts of them; all conversations that were played here, or all of `run`, by default.

    Raises:
        NotFoundError: no such store or thread.
        InputError: a thread was imported.
    """
    with using(store) as opened:
        found = opened.played(threads, run=run)
        return prove_partition(found, opened.reader.threads, opened.reader.saver, opened.reader.ledger)


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
        return [(one.name, verdict) for one, judged in pairs for verdict in judged if not verdict.met]

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
    data: Sequence[str] = (),
    *,
    threads: Sequence[str] = (),
    run: str | None = None,
    catalog: str | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    gates: str | Path | None = None,
    rows: int = 20,
    store: OpenStore | str = DEFAULT_STORE,
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
        NotFoundError: no such store, run or finished thread.
        CatalogError: a data set or the catalogue cannot be read.
    """
    names = choose(only, skip)
    limits = read_gates(Path(gates)) if gates is not None else []
    known = open_catalog(catalog) if catalog is not None else None
    with ExitStack() as stack:
        sources = _sources(stack, store, data, threads, run)
        audited = [_audited(source, names, known, rows) for source in sources]
    return DataAudits(
        audited,
        [compare(audited[0], other) for other in audited[1:]],
        [judge(limits, one) for one in audited] if limits else [],
    )


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
    stack: ExitStack, store: OpenStore | str, data: Sequence[str], threads: Sequence[str], run: str | None
) -> list[_Source]:
    """The data sets asked for, in order: paths and runs, then a run or threads of the store."""
    stored = [name for name in data if not Path(name).exists()]
    if data and not stored and not threads and run is None:
        return [_Source(open_dataset(Path(name))) for name in data]
    for name in stored:
        if "/" in name or "." in name:
            raise ConfigError(f"--data {name}: there is no such file or folder, and no run is named so")
    opened = stack.enter_context(using(store))
    return list(_opened(opened, data, stored, threads, run))


def _opened(
    store: OpenStore, data: Sequence[str], stored: Sequence[str], threads: Sequence[str], run: str | None
) -> Iterator[_Source]:
    of_runs = {name: _of_run(store, name) for name in stored}
    for name in data:
        yield of_runs.get(name) or _Source(open_dataset(Path(name)))
    if run is not None:
        yield _of_run(store, run)
    if threads or not (data or run is not None):
        yield _of_threads(store, threads)


def _of_run(store: OpenStore, run: str) -> _Source:
    threads = store.reader.threads.list(run=run)
    if not threads:
        raise NotFoundError(
            f"--data {run}: no file, folder or run of that name",
            hint="`segue runs` lists the runs of the store",
        )
    done = [thread for thread in threads if thread.status == "done"]
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
    played = [thread for thread in source.threads if "partition" in thread.config]
    if source.store is None or not played:
        return one
    store = source.store
    report = prove_partition(played, store.reader.threads, store.reader.saver, store.reader.ledger)
    proof = partition_result(report, published().get(PartitionAudit.name, {}), rows)
    return replace(one, results=tuple(proof if r.name == proof.name else r for r in one.results))
