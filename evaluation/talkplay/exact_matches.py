"""`ExactMatches`: how often a sequence that the model draws is just the codes of some track, and of which tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ...core.tables import Table
from .published import PUBLISHED_MATCHES

_TOLD: Final[Mapping[str, str]] = {
    "exact": "sequences drawn that are the codes of some track",
    "warm_of_exact": "of these, of a warm one",
    "warm_matched": "warm tracks that were ever matched",
    "cold_matched": "cold tracks that were ever matched",
}


@dataclass(frozen=True)
class ExactMatches:
    """The shares of section 5.2 of the paper, each as (so many, of so many). Of tracks with the same codes a sequence
    matches the one that the look-up gives first.

    Attributes:
        exact: sequences that match a track in all codes, of those drawn.
        warm_of_exact: of these, those whose track training knows.
        warm_matched, cold_matched: tracks that some sequence matched, of those that training knows, and does not.
    """

    exact: tuple[int, int]
    warm_of_exact: tuple[int, int]
    warm_matched: tuple[int, int]
    cold_matched: tuple[int, int]

    @classmethod
    def of(cls, matches: Sequence[int | None], warm: NDArray[np.bool_]) -> Self:
        """Count them.

        Args:
            matches: place of the track that each sequence matched; None where there is none.
            warm: whether training knows each track.
        """
        found = np.array([place for place in matches if place is not None], dtype=np.intp)
        ever = np.zeros(len(warm), dtype=bool)
        ever[found] = True
        return cls(
            (len(found), len(matches)),
            (int(warm[found].sum()), len(found)),
            (int((ever & warm).sum()), int(warm.sum())),
            (int((ever & ~warm).sum()), int((~warm).sum())),
        )

    def to_json(self) -> dict[str, Any]:
        """Share, and what it is made of, by name; the share of nothing is null."""
        return {
            name: {"share": count / total if total else None, "count": count, "of": total}
            for name, (count, total) in self._named().items()
        }

    def cells(self) -> list[str]:
        """The same, to read."""
        return [
            f"{100 * count / total:.1f} % ({count:,} of {total:,})" if total else "–"
            for count, total in self._named().values()
        ]

    def _named(self) -> dict[str, tuple[int, int]]:
        return {name: getattr(self, name) for name in _TOLD}


def matches_table(found: Mapping[str, ExactMatches]) -> Table:
    """Systems side by side, and what the authors published of another catalogue."""
    published = [f"{100 * PUBLISHED_MATCHES[name]:.1f} %" for name in _TOLD]
    columns = [each.cells() for each in found.values()]
    rows = [list(row) for row in zip(_TOLD.values(), *columns, published, strict=True)]
    heads = (*found, "the authors' own")
    return Table(
        ("", *heads),
        rows,
        heads,
        "exact matches; the authors' own are of another catalogue, not to be compared",
    )
