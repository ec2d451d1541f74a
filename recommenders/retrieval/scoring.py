"""`Index`: one score for each track."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .array_files import Arrays
from .documents import TrackText
from .requests import SearchText

Scores = NDArray[np.float32]


class Index(Protocol):
    """Some tracks, in an order of theirs."""

    @classmethod
    def build(cls, texts: Iterable[TrackText]) -> Self:
        """Read every track once."""
        ...

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """What `arrays` gave."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it consists of."""
        ...

    def scores(self, wanted: Sequence[SearchText]) -> Scores:
        """How well each track fits, higher for better."""
        ...
