"""The reranker on conversations between people, cross-fitted: each is ranked by trees that learned from other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ...core.errors import InputError
from ...recommenders.dual_encoder.model_folder import load_encoder
from ...recommenders.dual_encoder.reranking import CandidateFinder, Candidates, RankingTrees
from ...recommenders.walk.searching import SearchScorer
from .cpcd import CpcdTask, Rankings, ScoredTurn
from .encoders import turns_by_encoder
from .systems import query_of

PARTS: Final = 5
"""Of the dialogs, each ranked by what the others taught."""
_AT_ONCE: Final = 256


def reranked(task: CpcdTask, folder: Path, *, seed: int = 0) -> Rankings:
    """What LambdaRank makes of the candidates of the encoders in a folder.

    Raises:
        ConfigError: see `encoded_rankings`, or lightgbm is not installed.
        InputError: there are too few dialogs.
    """
    if len(task.dialogs) < PARTS:
        raise InputError(f"a reranker needs at least {PARTS} dialogs, each ranked by what the others taught")
    trees = [RankingTrees(seed) for _ in range(PARTS)]  # a package that is missing is told of at once
    found = _candidates(task, folder)
    part_of = np.random.default_rng(seed).permutation(len(task.dialogs)) % PARTS
    right = {turn: frozenset(task.items.table.places(sorted(turn.right))) for turn in task.turns}
    ranked: dict[tuple[str, int], tuple[str, ...]] = {}
    for part, model in enumerate(trees):
        learned = [turn for turn in task.turns if part_of[turn.dialog] != part]
        model.fit([found[turn] for turn in learned], [right[turn] for turn in learned])
        for turn in task.turns:
            if part_of[turn.dialog] == part:
                places = model.order(found[turn]).tolist()
                ranked[task.dialogs[turn.dialog].id, turn.turn] = tuple(task.items.tracks[i] for i in places)
    return ranked


def _candidates(task: CpcdTask, folder: Path) -> Mapping[ScoredTurn, Candidates]:
    words = SearchScorer(task.items.table, "bm25")
    found: dict[ScoredTurn, Candidates] = {}
    for path, turns in turns_by_encoder(task, folder).items():
        finder = CandidateFinder(load_encoder(path).over(task.items.table), words)
        for begin in range(0, len(turns), _AT_ONCE):
            asked: Sequence[ScoredTurn] = turns[begin : begin + _AT_ONCE]
            candidates = finder.found([query_of(task, turn) for turn in asked])
            found.update(zip(asked, candidates, strict=True))
    return found
