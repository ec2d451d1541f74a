"""The audit of variety: distinct n-grams and self-BLEU of the messages of either side, and how they open."""

from __future__ import annotations

import heapq
import itertools
import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..conversation import AuditedConversation
from ..result import Audit, AuditMeasure, AuditSetting, Measures
from .audited_text import AuditedText

SIDES = ("listener", "recsys")
SAMPLE = 500
"""Messages of each side that self-BLEU compares with each other."""
BLOCK = 1_000
"""Messages over which `per-1000` counts, so that data sets of different sizes can be compared."""
_GRAMS = 4
_OPENING = 3

Ids = NDArray[np.int64]


class Variety(Audit):
    name = "variety"
    definition = (
        "Distinct n-grams (different / all, tokens lower-cased and split at white space), self-BLEU-4 (each of 500 "
        "sampled messages against the others; high is monotonous) and different openings of three words."
    )
    needs = ("text",)
    measures: ClassVar[Measures] = {
        **{
            f"{side}-distinct{n}": AuditMeasure(
                "number", f"{side}: different {n}-grams / all, over all messages"
            )
            for side in SIDES
            for n in (1, 2, 3)
        },
        **{
            f"{side}-distinct2-per-1000": AuditMeasure(
                "number", f"{side}: the same in blocks of 1,000 messages, mean"
            )
            for side in SIDES
        },
        **{f"{side}-self-bleu": AuditMeasure("number", f"{side}: self-BLEU-4 of a sample") for side in SIDES},
        **{
            f"{side}-openings": AuditMeasure("number", f"{side}: different openings / messages")
            for side in SIDES
        },
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._words = _Numbers()
        self._sides = {side: _Side() for side in SIDES}

    def read(self, talk: AuditedConversation) -> None:
        for turn in talk.turns:
            for side, text in zip(SIDES, (turn.said, turn.reply), strict=True):
                if text is not None:
                    self._sides[side].add(text, self._words)

    def numbers(self) -> Mapping[str, float | None]:
        return {
            f"{side}-{name}": value for side in SIDES for name, value in self._sides[side].numbers().items()
        }


class _Numbers(dict[str, int]):
    """Word -> its number, from 1 in order of appearance."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self) + 1
        return number


class _Side:
    """The words of one side, as numbers; 0 ends a message."""

    def __init__(self) -> None:
        self._ids = array("l")
        self._ends = array("l")
        self._openings: set[tuple[str, ...]] = set()
        self._sample: list[tuple[int, int, list[str]]] = []

    def add(self, text: AuditedText, words: _Numbers) -> None:
        tokens = text.tokens
        self._ids.extend(map(words.__getitem__, tokens))
        self._ids.append(0)
        self._ends.append(len(self._ids))
        self._openings.add(tuple(tokens[:_OPENING]))
        # The messages with the smallest checksums: a sample that the order of the data cannot change.
        entry = (-crc32(text.raw.encode()), len(self._ends), tokens)
        if len(self._sample) < SAMPLE:
            heapq.heappush(self._sample, entry)
        elif entry > self._sample[0]:
            heapq.heapreplace(self._sample, entry)

    def numbers(self) -> dict[str, float | None]:
        ids = np.asarray(self._ids, dtype=np.int64)
        ends = np.asarray(self._ends, dtype=np.int64)
        return {
            **{f"distinct{n}": _distinct(ids, n) for n in (1, 2, 3)},
            "distinct2-per-1000": _distinct_in_blocks(ids, ends),
            "self-bleu": self_bleu([tokens for _, _, tokens in sorted(self._sample)]),
            "openings": len(self._openings) / len(ends) if len(ends) else None,
        }


def _distinct(ids: Ids, n: int) -> float | None:
    """Different n-grams / all; none of them reaches over the end of a message."""
    if len(ids) < n:
        return None
    whole = np.ones(len(ids) - n + 1, dtype=bool)
    grams = np.zeros(len(whole), dtype=np.int64)
    for at in range(n):
        part = ids[at : at + len(whole)]
        whole &= part != 0
        # 21 bits a word hold two million different ones.
        grams = (grams << 21) | part
    kept = grams[whole]
    # Polars counts different numbers several times as fast as NumPy.
    return pl.Series(kept).n_unique() / len(kept) if len(kept) else None


def _distinct_in_blocks(ids: Ids, ends: Ids) -> float | None:
    """Mean of distinct-2 over whole blocks; None with fewer messages than one block has."""
    borders = [0, *ends[BLOCK - 1 :: BLOCK].tolist()]
    found = [_distinct(ids[a:b], 2) for a, b in itertools.pairwise(borders)]
    values = [value for value in found if value is not None]
    return math.fsum(values) / len(values) if values else None


def self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """Mean BLEU-4 of each text against all others as references (Zhu et al., Texygen, 2018), 0 to 1.

    Clipped counts use the best of the other texts; the reference length is the closest; a precision without
    a match counts half a match, so that short texts have a value. None for fewer than two texts.
    """
    usable = [tuple(text) for text in texts if len(text) >= _GRAMS]
    if len(usable) < 2:
        return None
    counts = [[_grams(text, n) for n in range(1, _GRAMS + 1)] for text in usable]
    best = [_two_best([count[n] for count in counts]) for n in range(_GRAMS)]
    lengths = Counter(map(len, usable))
    scores = [_bleu(text, grams, best, lengths) for text, grams in zip(usable, counts, strict=True)]
    return math.fsum(scores) / len(scores)


def _grams(text: tuple[str, ...], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(text[at:] for at in range(n)), strict=False))


_Best = dict[tuple[str, ...], tuple[int, int]]


def _two_best(counts: Sequence[Counter[tuple[str, ...]]]) -> _Best:
    """Gram -> its highest and second highest count in a text: without one text, the best is one of the two."""
    best: _Best = {}
    for count in counts:
        for gram, times in count.items():
            first, second = best.get(gram, (0, 0))
            best[gram] = (times, first) if times >= first else (first, max(second, times))
    return best


def _bleu(
    text: tuple[str, ...],
    grams: Sequence[Counter[tuple[str, ...]]],
    best: Sequence[_Best],
    lengths: Counter[int],
) -> float:
    logs = 0.0
    for count, tops in zip(grams, best, strict=True):
        matched = 0
        for gram, times in count.items():
            first, second = tops[gram]
            matched += min(times, second if times == first else first)
        logs += math.log((matched or 0.5) / count.total()) / _GRAMS
    size = len(text)
    others = (length for length, times in lengths.items() if times > (length == size))
    closest = min(others, key=lambda length: (abs(length - size), length))
    return math.exp(logs) * math.exp(min(0.0, 1 - closest / size))
