"""The audit of near-duplicate conversations: MinHash and locality-sensitive hashing find them, exact counts judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import ClassVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ...core.packages import Need
from .conversation import AuditedConversation
from .language.rules import fixed
from .result import Audit, AuditMeasure, AuditSetting, Measures

SHINGLE = 3
"""Words in a row."""
PERMUTATIONS = 64
_CANDIDATES = 0.5
"""Similarity from which most pairs become candidates; below the threshold, so that few above it are missed."""
_LEAST = 20
"""Shingles below which two conversations are alike by chance."""

Shingles = NDArray[np.uint32]


class NearDuplicates(Audit):
    name = "near-duplicates"
    definition = (
        "Pairs of conversations that share at least 0.6 of their word 3-grams (Jaccard, counted exactly on the "
        "candidates that MinHash LSH finds)."
    )
    needs = ("text",)
    packages = (Need("datasketch", "audits", "the audit near-duplicates", "--skip near-duplicates"),)
    measures: ClassVar[Measures] = {
        "in-a-pair": AuditMeasure("share", "conversations that have a near-duplicate"),
        "pairs": AuditMeasure("number", "such pairs"),
        "across-splits": AuditMeasure("number", "such pairs whose conversations are in different splits"),
    }

    def __init__(self, setting: AuditSetting) -> None:
        super().__init__(setting)
        self._ids = _Checksums()
        self._talks: list[tuple[int, str, str]] = []
        self._shingles: list[Shingles] = []
        self._sketching = import_module("datasketch")

    def read(self, talk: AuditedConversation) -> None:
        self._talks.append((talk.index, talk.session_id, talk.split))
        self._shingles.append(self._shingles_of(talk))

    def numbers(self) -> Mapping[str, float | None]:
        pairs = sorted(self._pairs())
        alike = {member for first, second, _ in pairs for member in (first, second)}
        for number, (index, _, _) in enumerate(self._talks):
            self.ratio("in-a-pair").add(index, number in alike)
        for first, second, shared in pairs:
            _, session, _ = self._talks[second]
            self.point(session, 0, "in-a-pair", f"{shared:.2f} alike with {self._talks[first][1]}")
        across = sum(self._talks[first][2] != self._talks[second][2] for first, second, _ in pairs)
        return {"pairs": float(len(pairs)), "across-splits": float(across)}

    def _shingles_of(self, talk: AuditedConversation) -> Shingles:
        ids: list[int] = []
        for turn in talk.turns:
            for text in (turn.said, turn.reply):
                if text is not None:
                    ids.extend(map(self._ids.__getitem__, text.tokens))
        words = np.array(ids, dtype=np.uint32)
        count = max(0, len(words) - SHINGLE + 1)
        mixed = np.zeros(count, dtype=np.uint32)
        for at in range(SHINGLE):
            # A multiplicative hash of the words in order (Knuth's constant); uint32 wraps round.
            mixed = (mixed ^ words[at : at + count]) * np.uint32(2_654_435_761)
        return np.unique(mixed)

    def _pairs(self) -> Iterator[tuple[int, int, float]]:
        """(first, second, Jaccard) of the near-duplicates."""
        lsh = self._sketching.MinHashLSH(threshold=_CANDIDATES, num_perm=PERMUTATIONS)
        usable = [number for number, grams in enumerate(self._shingles) if len(grams) >= _LEAST]
        sketches = self._sketching.MinHash.generator(
            (self._shingles[number].tolist() for number in usable), num_perm=PERMUTATIONS, hashfunc=int
        )
        for number, sketch in zip(usable, sketches, strict=True):
            for other in lsh.query(sketch):
                shared = jaccard(self._shingles[other], self._shingles[number])
                if shared >= fixed("duplicate_jaccard"):
                    yield other, number, shared
            lsh.insert(number, sketch, check_duplication=False)


class _Checksums(dict[str, int]):
    """Word -> a number that is the same in every run."""

    def __missing__(self, word: str) -> int:
        number = self[word] = crc32(word.encode())
        return number


def jaccard(first: Shingles, second: Shingles) -> float:
    """Shared elements / all, of two sorted arrays without repetition, each of shape (elements,)."""
    both = len(np.intersect1d(first, second, assume_unique=True))
    return both / (len(first) + len(second) - both)
