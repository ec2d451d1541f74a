"""Retrieval metrics on prediction files of the 2026 challenge, counted as its evaluator counts them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from ..core.errors import InputError
from ..core.tables import Table
from ..dataset.challenge import GroundTruth, Prediction, check_predictions

CUTS = (1, 10, 20)
CHALLENGE_CATALOG = 47_071
"""Tracks of the challenge's catalogue."""

METRICS = (*(f"ndcg@{k}" for k in CUTS), *(f"hit@{k}" for k in CUTS), "mrr")


@dataclass(frozen=True)
class Scores:
    """What a prediction file comes to.

    Attributes:
        overall: metric -> mean over turn numbers of the mean over the conversations that have the turn.
        by_turn: turn number -> metric -> mean over conversations.
        catalog_diversity: different recommended tracks / `catalog_size`.
        lexical_diversity: different bigrams / bigrams of all responses (lower case, split at white space).
        turns: how many were scored.
    """

    overall: Mapping[str, float]
    by_turn: Mapping[int, Mapping[str, float]]
    catalog_diversity: float
    catalog_size: int
    distinct_tracks: int
    lexical_diversity: float
    turns: int


def score(
    predictions: Sequence[Prediction], truths: Sequence[GroundTruth], *, catalog_size: int = CHALLENGE_CATALOG
) -> Scores:
    """Score predictions against the track played on every turn.

    nDCG@k with one relevant track is 1 / log2(rank + 1) up to rank k, else 0; it is averaged over the
    conversations of each turn number and then over turn numbers, so that late turns, which fewer have, count
    as much as early ones.

    Raises:
        InputError: a turn has no prediction, or one is for a turn that is not asked for.
    """
    if catalog_size < 1:
        raise InputError(f"a catalogue of {catalog_size} tracks cannot be", hint="--catalog-size")
    wrong = check_predictions(predictions, truths)
    if wrong or not truths:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise InputError(f"{wrong[0]}{more}" if wrong else "the ground truth is empty")
    by_place = {(p.session_id, p.turn_number): p for p in predictions}
    ranks: dict[int, list[int | None]] = defaultdict(list)
    for truth in truths:
        found = by_place[truth["session_id"], truth["turn_number"]]
        ranks[truth["turn_number"]].append(rank_of(truth["ground_truth_track_id"], found.predicted_track_ids))
    by_turn = {turn: _means(ranks[turn]) for turn in sorted(ranks)}
    distinct = len({track for p in predictions for track in p.predicted_track_ids})
    return Scores(
        overall={name: fmean(means[name] for means in by_turn.values()) for name in METRICS},
        by_turn=by_turn,
        catalog_diversity=distinct / catalog_size,
        catalog_size=catalog_size,
        distinct_tracks=distinct,
        lexical_diversity=distinct_bigrams(p.predicted_response for p in predictions),
        turns=len(truths),
    )


def scores_table(scores: Scores) -> Table:
    """The means over all turns and by turn, to read."""
    means = {"all turns": scores.overall, **{f"turn {turn}": each for turn, each in scores.by_turn.items()}}
    rows = [[name, *(f"{each[metric]:.4f}" for metric in METRICS)] for name, each in means.items()]
    return Table(["", *METRICS], rows, right=METRICS)


def rank_of(track: str, predicted: Sequence[str]) -> int | None:
    """Place of the track in the list, from 1; None when it is not there."""
    return predicted.index(track) + 1 if track in predicted else None


def ndcg(rank: int | None, cut: int) -> float:
    """Of a list with one relevant track at `rank`, looked at up to `cut`."""
    return 1 / math.log2(rank + 1) if rank is not None and rank <= cut else 0.0


def distinct_bigrams(texts: Iterable[str]) -> float:
    """Different bigrams / bigrams over all texts; 0 without any. No bigram reaches from one text to the next."""
    seen: set[tuple[str, str]] = set()
    count = 0
    for text in texts:
        words = text.lower().split()
        seen.update(pairwise(words))
        count += max(0, len(words) - 1)
    return len(seen) / count if count else 0.0


def _means(ranks: Sequence[int | None]) -> dict[str, float]:
    return {
        **{f"ndcg@{cut}": fmean(ndcg(rank, cut) for rank in ranks) for cut in CUTS},
        **{f"hit@{cut}": fmean(float(rank is not None and rank <= cut) for rank in ranks) for cut in CUTS},
        "mrr": fmean(1 / rank if rank else 0.0 for rank in ranks),
    }
