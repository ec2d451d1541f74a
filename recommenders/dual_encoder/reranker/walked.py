"""A reranker fitted on conversations that were walked through what its encoder learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ....core.random import stream_seed
from ...walk.queries import WalkQuery
from ...walk.searching import SearchScorer
from ..examples import examples_of
from ..learning import Lesson
from ..model import DualEncoder
from ..reranking import CandidateFinder, Candidates, RankingTrees
from .folder import FittedReranker, FittedTrees

MOST: Final = 2000
"""Conversations that are walked for a reranker: as many as for its encoder, others, and no more than these."""
_AT_ONCE: Final = 256


def fitted_on_walks(lesson: Lesson, encoder: DualEncoder, sentences: str | None = None) -> FittedReranker:
    """Trees that put first what is of a conversation's collection and was not liked before.

    Args:
        sentences: see `CandidateFinder`.

    Raises:
        ConfigError: a package or model is missing, or nothing can be learned.
    """
    trees, count = RankingTrees(lesson.seed), min(lesson.settings.conversations, MOST)
    candidates: list[Candidates] = []
    right: list[frozenset[int]] = []
    for material, generator, share in lesson.walks(count, stream_seed(lesson.seed, "reranker")):
        items = material.found.items
        finder = CandidateFinder(encoder.over(items), SearchScorer(items, "bm25"), sentences)
        examples = list(examples_of(generator, share))
        candidates += found_in_parts(finder, [each.query for each in examples])
        right += [frozenset(each.alike).difference(each.query.liked) for each in examples]
    trees.fit(candidates, right)
    made = [FittedTrees(trees)]
    return FittedReranker("walked conversations", lesson.dialogs, len(candidates), made, sentences)


def found_in_parts(finder: CandidateFinder, queries: Sequence[WalkQuery]) -> list[Candidates]:
    """Candidates of many requests, some at once, so that memory does not grow."""
    return [
        each
        for begin in range(0, len(queries), _AT_ONCE)
        for each in finder.found(queries[begin : begin + _AT_ONCE])
    ]
