"""Reports on what a store holds: conversations compared, money counted, data sets described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ...checkpoints.store.run_sessions import RunSessions
from ...checkpoints.store.usage_queries import Chosen
from ...core.drawing import drawing_need
from ...core.errors import ConfigError, NotFoundError
from ...core.packages import require_all
from ...core.settings import items
from ...dataset.measuring.plots import draw_pictures
from ...dataset.measuring.side_by_side import CountRow as CountRow
from ...dataset.measuring.side_by_side import SideBySide as SideBySide
from ...dataset.measuring.statistics import Statistics as Statistics
from ...dataset.measuring.statistics import measure
from ...dataset.opening import needs_of, open_dataset
from ...dataset.threads import dataset_of
from ...evaluation.comparison import Compared as Compared
from ...evaluation.comparison import Comparison as Comparison
from ...evaluation.comparison import compare as compare_threads
from ...runs.costs.bill import CostReport as CostReport
from ...runs.costs.bill import cost_report
from ...runs.costs.tables import agents_table as agents_table
from ...runs.costs.tables import kinds_table as kinds_table
from ...runs.costs.tables import parts_table as parts_table
from ...runs.costs.tables import usd as usd
from ..store import DEFAULT_STORE, Address, OpenStore, named, reading

File = str | Path


def compare(
    threads: Sequence[str], *, store: OpenStore | Address = DEFAULT_STORE, prices: File | None = None
) -> Comparison:
    """Hold conversations against each other from where they part: words, picks, labels and numbers.

    Args:
        threads: two ids or more, or unique starts of them.
        prices: YAML file with prices of other models.

    Raises:
        NotFoundError: no such store or thread.
        InputError: fewer than two different threads.
    """
    with reading(store) as opened:
        get = opened.reader.threads.get
        found = [get(thread) for thread in items(threads)]
        return compare_threads(found, get, opened.reader.state, opened.reader.ledger, opened.prices(prices))


def cost(
    which: Sequence[str] | None = None,
    *,
    run: str | None = None,
    store: OpenStore | Address = DEFAULT_STORE,
    prices: File | None = None,
) -> CostReport:
    """What was paid, by agent, kind of token, model and turn; `to_json()` has it in USD.

    A thread's calls are those behind its whole line, a branch's shared beginning included; each counts once.

    Args:
        which: runs and threads by name or id; the whole store by default.
        run: a run by name or id, in place of them.
        prices: YAML file with prices of other models.

    Raises:
        NotFoundError: no such store; a name is of no run and no thread, or of several; or the list is empty.
        ConfigError: the file of prices cannot be used, or a run is given beside names.
    """
    if run is not None and which is not None:
        raise ConfigError(
            "--run is one run, and others are named beside it", hint="name them all, without --run"
        )
    with reading(store) as opened:
        if run is not None:
            chosen = Chosen(runs=[opened.reader.runs.find(run)])
        else:
            chosen = _chosen(opened, named(which, "run or thread"))
        return cost_report(opened.store, chosen, opened.prices(prices))


def _chosen(store: OpenStore, names: Sequence[str] | None) -> Chosen:
    if names is None:
        return Chosen(everything=True)
    run_sessions, runs, threads, keys = RunSessions(store.store), list[str](), list[str](), list[str]()
    for name in names:
        try:
            runs.append(run_sessions.find(name))
        except NotFoundError as error:
            found = _thread(store, name, error)
            threads.append(found)
            keys += [key for r in store.conversation(found).document["records"] for key in r["calls"]]
    return Chosen(runs=runs, thread_ids=threads, keys=keys)


def _thread(store: OpenStore, name: str, no_run: NotFoundError) -> str:
    """The id of the thread that `name`, which is of no run, stands for."""
    try:
        return store.reader.threads.get(name).thread_id
    except NotFoundError as error:
        if "several" in no_run.message:
            raise no_run from None
        if "several" in error.message:
            raise
        hint = f"{no_run.hint}; `segue threads` lists threads"
        raise NotFoundError(f"no run and no thread {name!r}", hint=hint) from None


def stats(
    paths: Sequence[File] | None = None,
    *,
    runs: Sequence[str] | None = None,
    include_altered: bool = False,
    store: OpenStore | Address = DEFAULT_STORE,
) -> Iterator[Statistics]:
    """What data sets are made of: counts, lengths, distributions; one after the other.

    Args:
        paths: exports, or parquet or JSONL files of the published schema; the store when nothing is named.
        runs: runs of the store, by name or the start of their ids.
        include_altered: with conversations under a changed partition.

    Raises:
        CatalogError: a data set cannot be read.
        NotFoundError: no such store or run, or a list that was given is empty.
    """
    files, of_runs = named(paths, "data set"), named(runs, "run")
    for path in files or ():
        yield measure(open_dataset(Path(path)))
    if files is not None and of_runs is None:
        return
    wanted: Sequence[str | None] = of_runs or [None]
    with reading(store) as opened:
        for run in wanted:
            yield measure(
                dataset_of(opened.reader, opened.prices(), run=run, include_altered=include_altered)
            )


def require_statistics(paths: Sequence[File], *, pictures: bool) -> None:
    """Raises `ConfigError` with every package that is needed and not installed: to read the files, and to draw."""
    reading = [need for path in paths for need in needs_of(Path(path))]
    require_all([*dict.fromkeys(reading), *([drawing_need("a picture")] if pictures else [])])


def draw_statistics(found: Sequence[Statistics], folder: File) -> list[Path]:
    """Write pictures of the statistics into a folder; their paths.

    Raises:
        ConfigError: matplotlib is not installed, or a picture cannot be written.
    """
    return list(draw_pictures(found, Path(folder)))
