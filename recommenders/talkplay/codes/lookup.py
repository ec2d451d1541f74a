"""`Lookup`: from five codes, which need not be those of any track, to the tracks that fit them best."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .modalities import WEIGHTS, CodeTable, CodeTuple, Distances

_COLUMNS: Final = len(WEIGHTS)
EVERYTHING: Final = (1 << _COLUMNS) - 1
"""The set of all modalities, in which a track matches that has just the wanted codes."""
NOTHING: Final = 0
"""The set of modalities in which a track that matches in none matches."""


def match_order() -> tuple[int, ...]:
    """The 31 sets of modalities as bits (playlist is 1, audio 16), the best first: by the sum of their weights. The
    sums 25, 26, 29 and 30 come twice, with the playlist and with tags and metadata in its place: there the set of
    more modalities is first."""
    sets = [sum(bit << place for place, bit in enumerate(bits)) for bits in product((0, 1), repeat=_COLUMNS)]
    return tuple(sorted((each for each in sets if each != NOTHING), key=_rank_key))


def _rank_key(bits: int) -> tuple[int, int]:
    members = [place for place in range(_COLUMNS) if bits >> place & 1]
    return -sum(WEIGHTS[place] for place in members), -len(members)


_ORDER: Final = match_order()


class Lookup:
    """Tracks by their codes. Each track belongs to the set of modalities in which it matches exactly, so that going
    through the 31 sets, from all five downwards, meets every track that matches in one at least once.

    Args:
        codes: of the tracks.
        distances: of the tracks, to the centres of their codes.
    """

    def __init__(self, codes: CodeTable, distances: Distances) -> None:
        self._columns = [np.ascontiguousarray(codes[:, place].astype(np.int16)) for place in range(_COLUMNS)]
        self._distances = distances

    def matched(self, wanted: CodeTuple) -> NDArray[np.uint8]:
        """Of each track the set of modalities in which it has the wanted code, as bits."""
        found = np.zeros(len(self._distances), dtype=np.uint8)
        for place, (column, code) in enumerate(zip(self._columns, wanted, strict=True)):
            found |= (column == code).view(np.uint8) << np.uint8(place)
        return found

    def places(
        self,
        wanted: CodeTuple,
        count: int,
        *,
        closed: Sequence[int] = (),
        rng: np.random.Generator | None = None,
    ) -> list[int]:
        """Places of up to `count` tracks, the best first; fewer where no more match in anything.

        Inside a set of modalities the tracks nearest to the centres of the codes that match come first, between equals
        the one that comes first in the catalogue.

        Args:
            closed: places that may not be given.
            rng: draws the order inside a set instead, as published.
        """
        sets = self.matched(wanted)
        sets[list(closed)] = NOTHING
        sizes = np.bincount(sets, minlength=1 << _COLUMNS)
        found: list[int] = []
        for bits in _ORDER:
            if len(found) >= count:
                break
            if sizes[bits]:
                members = np.flatnonzero(sets == bits)
                found += self._ordered(members, bits, count - len(found), rng)
        return found

    def _ordered(
        self, members: NDArray[np.intp], bits: int, count: int, rng: np.random.Generator | None
    ) -> list[int]:
        if rng is not None:
            return [int(place) for place in rng.permutation(members)[:count]]
        columns = [place for place in range(_COLUMNS) if bits >> place & 1]
        apart = self._distances[members][:, columns].sum(axis=1, dtype=np.float64)
        return [int(place) for place in members[np.argsort(apart, kind="stable")][:count]]
