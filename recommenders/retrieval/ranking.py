"""The best of many by their scores, without sorting them all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def best_places(scores: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Places of the `count` highest scores (all, where there are fewer), the highest first; between equals, their
    order decides."""
    if 0 < count < len(scores):
        # Everything at or above the last score that can matter, so that equals stay in order.
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        places = np.flatnonzero(scores >= least)
    else:
        places = np.arange(len(scores))
    return places[np.argsort(-scores[places], kind="stable")][:count]
