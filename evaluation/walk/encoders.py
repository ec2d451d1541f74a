"""Dual encoders scored on conversations between people, each on those whose playlists it never saw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...core.errors import ConfigError
from ...recommenders.dual_encoder.model_folder import CARD, fold_folders, load_encoder, read_card
from ...recommenders.dual_encoder.reranking import DENSE
from ...recommenders.walk.fusion import WeightedScorer
from ...recommenders.walk.queries import ItemScorer
from ...recommenders.walk.searching import SearchScorer
from ...recommenders.walk.spreading import SpreadScorer
from .cpcd import CpcdTask, Rankings, ScoredTurn
from .systems import rankings_of


def encoded_rankings(task: CpcdTask, folder: Path, *, with_words: bool = False) -> Rankings:
    """What the encoders in a folder rank, the first ones spread over artists: for each dialog by one that did not learn
    from its playlist.

    Args:
        with_words: beside BM25, by `DENSE`.

    Raises:
        ConfigError: the folder holds no encoder, or each of them learned from a dialog's playlist.
    """
    words = SearchScorer(task.items.table, "bm25") if with_words else None
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for path, turns in turns_by_encoder(task, folder).items():
        encoded = load_encoder(path).over(task.items.table)
        scorer: ItemScorer = (
            encoded if words is None else WeightedScorer([(encoded, DENSE), (words, 1 - DENSE)])
        )
        found.update(rankings_of(task, SpreadScorer(scorer, task.items.table), turns))
    return found


def turns_by_encoder(task: CpcdTask, folder: Path) -> Mapping[Path, Sequence[ScoredTurn]]:
    """Folder of an encoder -> the turns that it is asked. Raises `ConfigError`, see `encoded_rankings`."""
    folds = fold_folders(folder)
    whole = [] if folds and not (folder / CARD).is_file() else [folder]
    seen = {path: frozenset(read_card(path).dialogs) for path in (*whole, *folds)}
    found: dict[Path, list[ScoredTurn]] = defaultdict(list)
    for turn in task.turns:
        name = task.dialogs[turn.dialog].id
        fit = next((path for path, dialogs in seen.items() if name not in dialogs), None)
        if fit is None:
            raise ConfigError(
                f"{folder} was trained on the playlist that {name} led to, so that its scores there say nothing",
                hint="`segue walk train --cpcd … --folds 5` keeps an encoder for each fold that has not seen it",
            )
        found[fit].append(turn)
    return found
