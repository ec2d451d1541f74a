"""Systems named by a user, scored on CPCD beside one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ...core.errors import ConfigError, InputError
from ...core.suggestions import choices
from ...recommenders.walk.cpcd.dialogs import CpcdDialog, read_dialogs
from ...recommenders.walk.cpcd.items import CpcdItems
from ...recommenders.walk.fusion import FusedScorer
from ...recommenders.walk.items import ItemTable
from ...recommenders.walk.queries import ItemScorer
from ...recommenders.walk.searching import SearchScorer
from .cpcd import CpcdTask, Rankings
from .encoders import encoded_rankings
from .report import CpcdReport
from .reranked import reranked
from .systems import rankings_of, read_rankings

UNTRAINED: Final = ("bm25", "dense", "hybrid")
"""Systems that need no training: words, static embeddings, and the reciprocal ranks of both."""

TRAINED: Final = ("walk", "walk-hybrid", "walk-rerank")
"""Systems that a folder is named for, after a colon: a dual encoder that `segue walk train` made, its scores
beside those of words, and both put in a better order by what other dialogs teach."""


def evaluate_cpcd(
    cpcd: Path, systems: Sequence[str], *, with_clusters: bool = False, seed: int = 0
) -> CpcdReport:
    """Scores of systems on all conversations of CPCD at `cpcd`.

    Args:
        systems: names of `UNTRAINED`, `NAME:FOLDER` with those of `TRAINED`, or files of predictions.
        with_clusters: only conversations that say which tracks are versions of one song (the current release).

    Raises:
        CatalogError: a file cannot be read.
        ConfigError: there is no such system, one is named twice, or an encoder knows the playlists that are sought.
        InputError: a file of predictions lacks a turn, or holds too few tracks.
    """
    _require_different(systems)
    task = task_of(read_dialogs(cpcd), cpcd, with_clusters=with_clusters)
    rankings = {name: _rankings(task, name, seed) for name in systems}
    return scored(task, rankings, seed=seed)


def task_of(dialogs: Sequence[CpcdDialog], cpcd: Path, *, with_clusters: bool = False) -> CpcdTask:
    """What is asked of some conversations, read from `cpcd`, and what there is to be found: all tracks that these
    conversations say something of.

    Args:
        with_clusters: see `evaluate_cpcd`.

    Raises:
        InputError: none of them can be scored.
    """
    asked = tuple(filter(_has_clusters, dialogs)) if with_clusters else tuple(dialogs)
    if not asked:
        raise InputError(f"{cpcd}: no conversation says which tracks are versions of one song")
    task = CpcdTask(asked, CpcdItems.of_dialogs(asked))
    if not task.turns:
        raise InputError(f"{cpcd}: no conversation came to a playlist, so that nothing can be scored")
    return task


def scored(task: CpcdTask, rankings: Mapping[str, Rankings], *, seed: int = 0) -> CpcdReport:
    """Scores of rankings by system. Raises `InputError` where one cannot be scored."""
    found = {}
    for name, ranked in rankings.items():
        try:
            found[name] = task.score(ranked)
        except ValueError as error:
            raise InputError(f"{name}: {error}") from error
    return CpcdReport(found, len(task.items.table.ids), seed)


def untrained(name: str, items: ItemTable) -> ItemScorer:
    """A system of `UNTRAINED`. Raises `ConfigError` where a package is missing."""
    if name == "hybrid":
        return FusedScorer([SearchScorer(items, "bm25"), SearchScorer(items, "dense")])
    return SearchScorer(items, "bm25" if name == "bm25" else "dense")


def _rankings(task: CpcdTask, name: str, seed: int) -> Rankings:
    if name in UNTRAINED:
        return rankings_of(task, untrained(name, task.items.table))
    kind, colon, folder = name.partition(":")
    if colon and kind == "walk-rerank":
        return reranked(task, Path(folder), seed=seed)
    if colon and kind in TRAINED:
        return encoded_rankings(task, Path(folder), with_words=kind == "walk-hybrid")
    if not Path(name).exists():
        known = choices(name, UNTRAINED, what="one of")
        hint = f"{known}, walk:FOLDER, walk-hybrid:FOLDER, walk-rerank:FOLDER, or a file of predictions"
        raise ConfigError(f"there is no system {name!r}", hint=hint)
    return read_rankings(Path(name))


def _require_different(systems: Sequence[str]) -> None:
    again = next((name for place, name in enumerate(systems) if name in systems[:place]), None)
    if again is not None or not systems:
        raise ConfigError(f"the system {again!r} is named twice" if systems else "no system is named")


def _has_clusters(dialog: CpcdDialog) -> bool:
    return any(track.track_cluster_ids is not None for track in dialog.tracks.values())
