"""Talk the Walk: conversations made from collections of tracks, and systems scored on conversations between people."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.places import cache_folder
from ...core.settings import faults_of, require_bounds
from ...core.suggestions import choices
from ...evaluation.walk.evaluating import evaluate_cpcd
from ...evaluation.walk.report import CpcdReport as CpcdReport
from ...recommenders.embeddings.arrays import VectorTable
from ...recommenders.walk.building import sound_of, vectors_of
from ...recommenders.walk.collections import SOURCES, CollectionSource, collections_of_catalog
from ...recommenders.walk.collections import FoundCollections as FoundCollections
from ...recommenders.walk.collections import collections_of_dialogs as _of_dialogs
from ...recommenders.walk.cpcd.dialogs import read_dialogs
from ...recommenders.walk.cpcd.items import CpcdItems
from ...recommenders.walk.generating import Generator
from ...recommenders.walk.walk_rows import LAYOUTS, RowLayout
from ...recommenders.walk.walk_settings import WalkSettings as WalkSettings

_FOLDER = "walk"


@dataclass(frozen=True)
class WalkSummary:
    """What was written: `conversations` of `turns` together, in `file`."""

    conversations: int
    turns: int
    file: Path

    def to_json(self) -> dict[str, Any]:
        return {"conversations": self.conversations, "turns": self.turns, "file": str(self.file)}


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
    wanted = _sources(sources)
    if cpcd is not None:
        if catalog is not None:
            raise ConfigError("--catalog and --cpcd: give one of the two")
        dialogs = read_dialogs(Path(cpcd))
        return _of_dialogs(dialogs, CpcdItems.of_dialogs(dialogs), wanted, least=least)
    opened = open_catalog(None if catalog is None else str(catalog))
    return collections_of_catalog(opened, wanted, least=least)


def walk_generate(
    out: str | Path,
    count: int,
    catalog: str | Path | None = None,
    *,
    cpcd: str | Path | None = None,
    sources: Sequence[str] = (),
    least: int = 5,
    seed: int = 0,
    layout: str = "segue",
    workers: int | None = None,
    overwrite: bool = False,
    advance: Callable[[str], None] | None = None,
    **settings: Any,
) -> WalkSummary:
    """Walk conversations through collections, and write them one a line. The same seed gives the same bytes, on
    however many processes.

    Args:
        out: the file of lines to write; it appears when all are there.
        count: conversations.
        layout: `segue`, with slates and the target of each, or `cpcd`, as CPCD's dialogs are laid out.
        workers: processes; one for each processor by default.
        overwrite: replace `out` where it is there already.
        advance: called with a name for each 500 conversations written.
        settings: fields of `WalkSettings`. All else as `walk_collections` takes it.

    Raises:
        InputError: nothing can be read, or a setting is wrong.
        CacheError: the vectors cannot be kept.
    """
    require_bounds("count", count, 1, 1_000_000_000)
    require_bounds("workers", workers, 1, 1024)
    path = _free(Path(out), overwrite=overwrite)
    with faults_of(WalkSettings.model_fields, "settings"):
        chosen = WalkSettings(**settings)
    found = walk_collections(catalog, cpcd=cpcd, sources=sources, least=least)
    generator = Generator(found, _vectors(found, catalog, cpcd), chosen, seed, _layout(layout))
    turns = _write(path, generator, count, workers or os.cpu_count() or 1, advance)
    return WalkSummary(count, turns, path)


def _free(path: Path, *, overwrite: bool) -> Path:
    if path.exists() and not overwrite:
        raise ConfigError(f"{path} is there already", hint="give --overwrite, or another name")
    return path


def _vectors(found: FoundCollections, catalog: str | Path | None, cpcd: str | Path | None) -> VectorTable:
    sound = sound_of(open_catalog(None if catalog is None else str(catalog))) if cpcd is None else ()
    return vectors_of(found, cache_folder() / _FOLDER, sound=sound)


def _write(
    path: Path, generator: Generator, count: int, workers: int, advance: Callable[[str], None] | None
) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    marked = b'"user":' if generator.layout == "segue" else b'"user_query":'
    turns = 0
    try:
        with part.open("wb") as file:
            for made, lines in generator.lines(count, workers=workers):
                file.write(lines)
                turns += lines.count(marked)
                if advance is not None:
                    advance(f"{made} more")
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return turns


def _sources(names: Sequence[str]) -> tuple[CollectionSource, ...]:
    unknown = next((name for name in names if name not in SOURCES), None)
    if unknown is not None:
        known = choices(unknown, SOURCES, what="one of")
        raise ConfigError(f"there is no source of collections {unknown!r}", hint=known)
    return tuple(each for each in SOURCES if not names or each in names)


def _layout(name: str) -> RowLayout:
    if name not in get_args(RowLayout):
        raise ConfigError(f"there is no layout {name!r}", hint=choices(name, LAYOUTS, what="one of"))
    return next(each for each in LAYOUTS if each == name)


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
