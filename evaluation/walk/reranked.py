"""The reranker on conversations between people, each ranked by trees that learned from other ones: those that are kept
with an encoder, or else fitted here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from ...core.errors import ConfigError, InputError
from ...recommenders.dual_encoder.model_folder import load_encoder
from ...recommenders.dual_encoder.reranker.card import KeptTrees
from ...recommenders.dual_encoder.reranker.folder import (
    FittedReranker,
    FittedTrees,
    kept_reranker,
    load_trees,
)
from ...recommenders.dual_encoder.reranker.walked import found_in_parts
from ...recommenders.dual_encoder.reranking import CandidateFinder, Candidates, RankingTrees
from ...recommenders.walk.searching import SearchScorer
from .cpcd import CpcdTask, Rankings, ScoredTurn
from .encoders import turns_by_encoder
from .systems import query_of

PARTS: Final = 5
"""Of the dialogs, where trees are fitted here; each is ranked by what the others taught."""


def reranked(task: CpcdTask, folder: Path, *, seed: int = 0, sentences: str | None = None) -> Rankings:
    """What LambdaRank makes of the candidates of the encoders in a folder: by the trees that are kept there, where
    there are some, or by some that learn from the other dialogs.

    Args:
        sentences: what the latter read besides, see `CandidateFinder`.

    Raises:
        ConfigError: see `encoded_rankings`; kept trees learned from a dialog; or a package or model is missing.
        InputError: there are too few dialogs to learn from.
    """
    if kept_reranker(folder) is not None:
        return dict(_by_kept(task, folder))
    return _cross_fitted(task, folder, seed, sentences)


def fitted_on_dialogs(
    task: CpcdTask,
    folder: Path,
    fold_of: Mapping[str, int],
    folds: int,
    seed: int = 0,
    sentences: str | None = None,
) -> FittedReranker:
    """Trees for the encoder in a folder that learned from conversations between people: from all of them, and for each
    fold from the others. Candidates are of encoders that never saw their playlists.

    Raises:
        ConfigError: see `reranked`.
    """
    found, right = _candidates(task, folder, sentences), _right(task)
    made = []
    for fold in (None, *range(folds)):
        names = tuple(each.id for each in task.dialogs if fold is not None and fold_of[each.id] == fold)
        made.append(FittedTrees(_learned(task, found, right, frozenset(names), seed), names))
    dialogs = tuple(each.id for each in task.dialogs)
    return FittedReranker("conversations between people", dialogs, len(task.turns), made, sentences)


def _by_kept(task: CpcdTask, folder: Path) -> Iterator[tuple[tuple[str, int], tuple[str, ...]]]:
    trees = lru_cache(maxsize=None)(load_trees)
    words = SearchScorer(task.items.table, "bm25")
    for path, turns in turns_by_encoder(task, folder).items():
        names = dict.fromkeys(task.dialogs[turn.dialog].id for turn in turns)
        unseen = {name: _unseen(path, folder, name) for name in names}
        encoded = load_encoder(path).over(task.items.table)
        read = {name: trees(*each).sentences for name, each in unseen.items()}
        for sentences in dict.fromkeys(read.values()):
            finder = CandidateFinder(encoded, words, sentences)
            asked = [turn for turn in turns if read[task.dialogs[turn.dialog].id] == sentences]
            queries = [query_of(task, turn) for turn in asked]
            for turn, found in zip(asked, found_in_parts(finder, queries), strict=True):
                name = task.dialogs[turn.dialog].id
                yield (name, turn.turn), _tracks(task, trees(*unseen[name]), found)


def _unseen(encoder: Path, folder: Path, dialog: str) -> tuple[Path, KeptTrees]:
    """Trees that know nothing of a dialog, of its encoder or of the whole folder."""
    for path in (encoder, folder):
        card = kept_reranker(path)
        fit = None if card is None else card.unseen_by(dialog)
        if fit is not None:
            return path, fit
    raise ConfigError(
        f"the reranker in {folder} learned from {dialog}, so that its scores there say nothing",
        hint="`segue walk train --rerank … --folds 5` keeps trees for each fold that have not seen it",
    )


def _cross_fitted(task: CpcdTask, folder: Path, seed: int, sentences: str | None) -> Rankings:
    if len(task.dialogs) < PARTS:
        raise InputError(f"a reranker needs at least {PARTS} dialogs, each ranked by what the others taught")
    RankingTrees(seed)  # a package that is missing is told of at once
    found, right = _candidates(task, folder, sentences), _right(task)
    part_of = np.random.default_rng(seed).permutation(len(task.dialogs)) % PARTS
    ranked: dict[tuple[str, int], tuple[str, ...]] = {}
    for part in range(PARTS):
        out = frozenset(task.dialogs[place].id for place in np.flatnonzero(part_of == part))
        trees = _learned(task, found, right, out, seed)
        for turn in task.turns:
            name = task.dialogs[turn.dialog].id
            if name in out:
                ranked[name, turn.turn] = _tracks(task, trees, found[turn])
    return ranked


def _learned(
    task: CpcdTask,
    found: Mapping[ScoredTurn, Candidates],
    right: Mapping[ScoredTurn, frozenset[int]],
    left_out: frozenset[str],
    seed: int,
) -> RankingTrees:
    """Trees that learned from all dialogs but some."""
    trees = RankingTrees(seed)
    learned = [turn for turn in task.turns if task.dialogs[turn.dialog].id not in left_out]
    trees.fit([found[turn] for turn in learned], [right[turn] for turn in learned])
    return trees


def _right(task: CpcdTask) -> Mapping[ScoredTurn, frozenset[int]]:
    return {turn: frozenset(task.items.table.places(sorted(turn.right))) for turn in task.turns}


def _tracks(task: CpcdTask, trees: RankingTrees, found: Candidates) -> tuple[str, ...]:
    return tuple(task.items.tracks[place] for place in trees.order(found).tolist())


def _candidates(task: CpcdTask, folder: Path, sentences: str | None) -> Mapping[ScoredTurn, Candidates]:
    words = SearchScorer(task.items.table, "bm25")
    found: dict[ScoredTurn, Candidates] = {}
    for path, turns in turns_by_encoder(task, folder).items():
        finder = CandidateFinder(load_encoder(path).over(task.items.table), words, sentences)
        found.update(
            zip(turns, found_in_parts(finder, [query_of(task, turn) for turn in turns]), strict=True)
        )
    return found
