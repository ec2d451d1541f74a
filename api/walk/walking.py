"""Talk the Walk: collections of tracks to walk through, and systems scored on conversations between people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.settings import blaming, require_bounds
from ...core.suggestions import choices
from ...evaluation.walk.evaluating import evaluate_cpcd
from ...evaluation.walk.report import CpcdReport as CpcdReport
from ...recommenders.walk.collections import SOURCES, CollectionSource, collections_of_catalog
from ...recommenders.walk.collections import FoundCollections as FoundCollections
from ...recommenders.walk.collections import collections_of_dialogs as _of_dialogs
from ...recommenders.walk.cpcd.dialogs import read_dialogs
from ...recommenders.walk.cpcd.items import CpcdItems


def walk_collections(
    catalog: str | Path | None = None,
    *,
    cpcd: str | Path | None = None,
    sources: Sequence[str] = (),
    least: int = 5,
) -> FoundCollections:
    """Collections of a catalogue's tracks, or of CPCD's: playlists, sessions, and what shares a tag, an artist, a
    decade or an album, with the words that each is told by.

    Args:
        catalog: folder or file; the demo catalogue by default.
        cpcd: CPCD's dialogs in place of a catalogue; of them the playlists count, never what was said.
        sources: of `playlist`, `session`, `artist`, `tag`, `era`, `album`, `goal`; all by default.
        least: tracks of a collection; smaller ones are left out and counted.

    Raises:
        InputError: nothing can be read, there is no such source, or no collection is left.
    """
    require_bounds("least", least, 1, 500)
    with blaming("source"):
        wanted = _sources(sources)
    if cpcd is not None:
        if catalog is not None:
            raise ConfigError("--catalog and --cpcd: give one of the two")
        dialogs = read_dialogs(Path(cpcd))
        return _of_dialogs(dialogs, CpcdItems.of_dialogs(dialogs), wanted, least=least)
    opened = open_catalog(None if catalog is None else str(catalog))
    return collections_of_catalog(opened, wanted, least=least)


def _sources(names: Sequence[str]) -> tuple[CollectionSource, ...]:
    unknown = next((name for name in names if name not in SOURCES), None)
    if unknown is not None:
        known = choices(unknown, SOURCES, what="one of")
        raise ConfigError(f"there is no source of collections {unknown!r}", hint=known)
    return tuple(each for each in SOURCES if not names or each in names)


def walk_evaluate(
    cpcd: str | Path,
    systems: Sequence[str] = ("bm25",),
    *,
    with_clusters: bool = False,
    seed: int = 0,
) -> CpcdReport:
    """Score systems on CPCD, as its authors do: what people came to like, sought after every turn.

    Args:
        cpcd: a file of its dialogs, or a folder of them, of either release.
        systems: `bm25`, `dense`, `hybrid`, or files of predictions; the others are compared with the first.
        with_clusters: only conversations that say which tracks are versions of one song.
        seed: of the bootstrap.

    Raises:
        InputError: a file cannot be read or scored, or there is no such system.
    """
    return evaluate_cpcd(Path(cpcd), systems, with_clusters=with_clusters, seed=seed)
