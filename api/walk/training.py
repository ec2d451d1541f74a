"""Dual encoders trained on walked conversations, and kept in folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from ...catalog.catalog import Catalog
from ...catalog.joining.enrichment import load_tags
from ...catalog.opening import open_catalog
from ...core.errors import ConfigError
from ...core.places import cache_folder
from ...core.settings import faults_of, require_bounds
from ...recommenders.dual_encoder.encoder_settings import EncoderSettings as EncoderSettings
from ...recommenders.dual_encoder.learning import Lesson, Say, WalkedCatalog
from ...recommenders.dual_encoder.model_folder import FOLD
from ...recommenders.dual_encoder.model_folder import EncoderCard as EncoderCard
from ...recommenders.embeddings.arrays import VectorTable
from ...recommenders.walk.building import sound_of, vectors_of
from ...recommenders.walk.collections import (
    FoundCollections,
    collections_of_catalog,
    collections_of_dialogs,
)
from ...recommenders.walk.cpcd.dialogs import CpcdDialog, read_dialogs
from ...recommenders.walk.cpcd.items import CpcdItems
from .folds import folds_of
from .reranking import RerankerSource, reranker_source, sentences_named

MOST_FOLDS: Final = 100
_FOLDER: Final = "walk"


def walk_train(
    out: str | Path,
    catalogs: Sequence[str | Path] = (),
    *,
    cpcd: str | Path | None = None,
    tags: Sequence[str | Path] = (),
    folds: int = 5,
    seed: int = 0,
    rerank: str | Path | None = None,
    sentence_encoder: str | Path | None = None,
    overwrite: bool = False,
    say: Callable[[str], None] | None = None,
    **settings: Any,
) -> EncoderCard:
    """Train a dual encoder on conversations walked through collections, and keep it in a folder. The same command goes
    on where it ended, and gives the same weights; what comes back is the card of the encoder that learned from all.

    Args:
        out, overwrite: the folder, and whether another encoder in it may be replaced, with its reranker.
        catalogs: folders or files of tracks whose collections are walked through; the demo catalogue by default.
        cpcd: CPCD's dialogs, of which the playlists count, never what was said.
        tags: files or folders with people's tags of artists.
        folds: of CPCD's dialogs; beside the encoder of all of them one for each fold is kept that has not seen its
            playlists, for `walk_evaluate`. 0 for none.
        rerank: also fit a reranker and keep it beside the encoder, on `walked` conversations, or on those between
            people in a file or folder of CPCD's dialogs; of these one is kept for each fold, too, that has not seen
            them.
        sentence_encoder: a model of sentence-transformers, by its folder or name, that the reranker reads, too.
        say: told what is done.
        settings: fields of `EncoderSettings`.

    Raises:
        InputError: something cannot be read, a setting is wrong, or the folder holds another encoder or reranker.
    """
    require_bounds("folds", folds, 0, MOST_FOLDS)
    if folds == 1:
        raise ConfigError("--folds: 1 fold leaves nothing to learn from", hint="0 for none, or 2 and more")
    chosen, tell = encoder_settings(settings), say or (lambda _: None)
    dialogs = () if cpcd is None else read_dialogs(Path(cpcd))
    if rerank is None and sentence_encoder is not None:
        raise ConfigError("--sentence-encoder is for a reranker", hint="--rerank walked fits one")
    sentences = sentences_named(sentence_encoder)
    source = None if rerank is None else reranker_source(rerank, dialogs, folds, seed, sentences)
    lessons = lessons_of(catalogs, dialogs, tags, folds, chosen, seed)
    return _learned(lessons, Path(out), source, overwrite, tell)


def _learned(
    lessons: dict[str, Lesson], out: Path, source: RerankerSource | None, overwrite: bool, tell: Say
) -> EncoderCard:
    """The card of the encoder of all dialogs; it comes last, when all folds are there."""
    lessons[""] = lessons.pop("")
    for name, lesson in lessons.items():
        folder, told = out / name, _of(name, tell)
        card = lesson.learn(folder, overwrite=overwrite, say=told)
        if source is not None and (source.walked or not name):
            card = source.keep(folder, lesson, told)
    return card


def encoder_settings(settings: Mapping[str, Any]) -> EncoderSettings:
    """The settings by their names. Raises `SettingError` where one is wrong."""
    with faults_of(EncoderSettings.model_fields, "settings"):
        return EncoderSettings(**settings)


def lessons_of(
    catalogs: Sequence[str | Path],
    dialogs: Sequence[CpcdDialog],
    tags: Sequence[str | Path],
    folds: int,
    settings: EncoderSettings,
    seed: int,
) -> dict[str, Lesson]:
    """Folder within the encoder's -> what is learned there; the encoder of all dialogs stands under an empty name."""
    named: list[str | None] = [str(each) for each in catalogs]
    outside = tuple(map(_walked_catalog, named or ([] if dialogs else [None])))
    files = tuple(load_tags([Path(each) for each in tags]))
    fold_of = folds_of([dialog.id for dialog in dialogs], folds)
    parts = {"": tuple(dialogs)}
    for fold in range(folds if dialogs else 0):
        parts[f"{FOLD}{fold}"] = tuple(each for each in dialogs if fold_of[each.id] != fold)
    items = CpcdItems.of_dialogs(dialogs) if dialogs else None
    return {
        name: Lesson(
            (*outside, *(() if items is None else (_playlists(part, items),))),
            files,
            tuple(dialog.id for dialog in part),
            settings,
            seed,
        )
        for name, part in parts.items()
    }


def _of(name: str, tell: Say) -> Say:
    return lambda said: tell(f"{name}: {said}" if name else said)


def _walked_catalog(path: str | None) -> WalkedCatalog:
    catalog = open_catalog(path)
    found = collections_of_catalog(catalog)
    return WalkedCatalog(catalog.name, found, partial(_vectors, found, catalog))


def _playlists(dialogs: Sequence[CpcdDialog], items: CpcdItems) -> WalkedCatalog:
    found = collections_of_dialogs(dialogs, items)
    return WalkedCatalog("CPCD's playlists", found, partial(_vectors, found, None))


def _vectors(found: FoundCollections, catalog: Catalog | None, sound: bool) -> VectorTable:
    """See `WalkedCatalog`."""
    heard = sound_of(catalog) if catalog is not None and sound else ()
    return vectors_of(found, cache_folder() / _FOLDER, sound=heard)
