"""`TupleTrie`: the tuples of codes that some track has, as a tree of prefixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .modalities import MODALITIES, CodeTable


@dataclass(frozen=True)
class TrieLevel:
    """Prefixes of one length.

    Attributes:
        parents: of each the prefix that is one shorter, as its place in the level above; 0 in the first level.
        codes: of each its last code.
    """

    parents: NDArray[np.int64]
    codes: NDArray[np.int64]


@dataclass(frozen=True)
class TupleTrie:
    """All prefixes of tuples.

    Attributes:
        levels: by length; in the last one each prefix is a tuple.
        tuples: of each track, the place of its tuple in the last level.
    """

    levels: tuple[TrieLevel, ...]
    tuples: NDArray[np.int64]

    @classmethod
    def of(cls, codes: CodeTable) -> Self:
        """The trie of some tracks."""
        levels: list[TrieLevel] = []
        above = np.zeros(len(codes), dtype=np.int64)
        for column in range(len(MODALITIES)):
            pairs = np.stack([above, codes[:, column].astype(np.int64)], axis=1)
            found, above = np.unique(pairs, axis=0, return_inverse=True)
            above = above.reshape(-1)
            levels.append(TrieLevel(found[:, 0], found[:, 1]))
        return cls(tuple(levels), above)

    def of_tracks(self, given: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log-probabilities of the tracks from those of the tuples: tracks that share a tuple share what it is given.

        Args:
            given: shape (…, tuples).
        """
        shared = np.log(np.bincount(self.tuples)).astype(np.float32)
        found: NDArray[np.float32] = (given - shared)[..., self.tuples]
        return found
