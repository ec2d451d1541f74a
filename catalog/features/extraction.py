"""Features of a whole catalogue: recordings handed out to processes, results kept as they come."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Final

from ...core.errors import CatalogError
from ...core.hashing import file_digest
from ...core.packages import Need, require_all
from ..catalog import Catalog
from .cache import FeatureCache
from .record import FROM_SIGNAL, METHODS, Feature, FeatureRecord
from .sound import Unusable

LISTENING: Final = Need("librosa", extra="music", needed_by="hearing features of recordings")

COMPILED: Final = "compiled"
"""Folder in the cache for functions that numba has compiled."""

_WAITING: Final = 4
"""Recordings handed out for each process: enough to keep it busy, few enough to stop soon."""


@dataclass(frozen=True)
class ExtractionOutcome:
    """What became of one track.

    Attributes:
        path: its recording; None where the catalogue says that there is one and there is none.
        record: its features; None when there is `trouble`.
        known: whether all of it had been analysed before.
    """

    track_id: str
    path: Path | None
    record: FeatureRecord | None = None
    trouble: Unusable | None = None
    known: bool = False


@dataclass(frozen=True)
class Extraction:
    """How a catalogue is to be analysed.

    Attributes:
        cache: where results are kept and looked for.
        wanted: some of `FROM_SIGNAL`.
        workers: processes; 1 works in this one.
        force: analyse what was analysed before.
    """

    cache: FeatureCache
    wanted: tuple[Feature, ...] = FROM_SIGNAL
    workers: int = 1
    force: bool = False

    def run(self, catalog: Catalog, track_ids: Collection[str]) -> Iterator[ExtractionOutcome]:
        """The outcome of each of these tracks, as it is done. What is done stays done if this is stopped.

        Raises:
            ConfigError: librosa is not installed.
            CatalogError: a process died, which a recording that breaks the decoder can bring about.
        """
        require_all([LISTENING])
        if self.workers == 1:
            for track_id, path in _recordings(catalog, track_ids):
                yield _located(self, track_id, path)
        else:
            yield from self._in_processes(catalog, track_ids)

    def analysed(self, track_id: str, path: Path) -> ExtractionOutcome:
        """The features of one recording, from the cache where they are there."""
        # libsndfile and librosa are loaded only where there is something to listen to.
        from .analysis import analyse

        try:
            audio = file_digest(path)
        except OSError as error:
            return ExtractionOutcome(
                track_id, path, trouble=Unusable("missing", f"cannot be opened: {error.strerror}")
            )
        known = self.cache.find(audio)
        lacking = known.lacks(self._methods) if known and not self.force else self.wanted
        if known and not lacking:
            return ExtractionOutcome(track_id, path, record=known, known=True)
        made = analyse(path, audio, lacking)
        if isinstance(made, Unusable):
            return ExtractionOutcome(track_id, path, trouble=made)
        return ExtractionOutcome(track_id, path, record=self.cache.keep(made))

    @property
    def _methods(self) -> dict[Feature, str]:
        return {feature: METHODS[feature] for feature in self.wanted}

    def _in_processes(self, catalog: Catalog, track_ids: Collection[str]) -> Iterator[ExtractionOutcome]:
        # Forked copies of a process in which polars runs threads can stand still for ever.
        context = get_context("spawn")
        compiled = (self.cache.folder / COMPILED, context.Value("i", 0))
        pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_begin, initargs=compiled)
        running: dict[Future[ExtractionOutcome], str] = {}
        try:
            for track_id, path in _recordings(catalog, track_ids):
                if isinstance(path, Unusable) or path is None:
                    yield _located(self, track_id, path)
                    continue
                running[pool.submit(self.analysed, track_id, path)] = track_id
                if len(running) >= _WAITING * self.workers:
                    yield from _finished(running)
            while running:
                yield from _finished(running)
        except BrokenProcessPool as error:
            raise CatalogError(
                f"a process died while it analysed one of the tracks {', '.join(running.values())}",
                hint="what was analysed is kept; run again with --workers 1 to see which recording it is",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(folder: Path, begun: Synchronized[int]) -> None:
    """In each process: leave Ctrl-C to the parent, arithmetic on one core, and compiled functions in a place apart.

    Processes that write numba's cache side by side can leave a function in it under the types of another, and whoever
    calls that dies.

    Args:
        begun: how many processes have begun.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with begun.get_lock():
        number, begun.value = begun.value, begun.value + 1
    place = Path(os.environ.get("NUMBA_CACHE_DIR") or folder)
    os.environ["NUMBA_CACHE_DIR"] = str(place / f"process-{number}")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)


def _finished(running: dict[Future[ExtractionOutcome], str]) -> Iterator[ExtractionOutcome]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        outcome = future.result()
        del running[future]
        yield outcome


def _located(extraction: Extraction, track_id: str, path: Path | Unusable | None) -> ExtractionOutcome:
    if path is None:
        return ExtractionOutcome(track_id, None, trouble=Unusable("missing", "the track has no recording"))
    if isinstance(path, Unusable):
        return ExtractionOutcome(track_id, None, trouble=path)
    return extraction.analysed(track_id, path)


def _recordings(catalog: Catalog, track_ids: Collection[str]) -> Iterator[tuple[str, Path | Unusable | None]]:
    """Each track and where its recording lies, or why it does not."""
    for track_id in track_ids:
        try:
            yield track_id, catalog.media_path(catalog.track(track_id), "audio")
        except CatalogError as error:
            yield track_id, Unusable("missing", error.message)
