"""The five ways in which a track is known, in the order of its tokens (TalkPlay, section 4.1)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MODALITIES: Final = ("playlist", "semantic", "metadata", "lyrics", "audio")
PLAYLIST: Final = MODALITIES.index("playlist")
WEIGHTS: Final = (25, 16, 9, 4, 1)
"""Of each in the look-up (section 4.3)."""

MISSING: Final = 0
"""The code of a track of which a modality says nothing; those of clusters begin after it."""
MOST_CODES: Final = 1024
LEAST_CODES: Final = 4
TRACKS_A_CODE: Final = 8
"""Of a small catalogue, at least so many tracks share a code on average."""

CodeTable = NDArray[np.int32]
"""Shape (tracks, modalities)."""
Distances = NDArray[np.float32]
"""Shape (tracks, modalities): squared, from a track to the centre of its code; 0 where the modality is missing."""
CodeTuple = tuple[int, ...]
"""One code for each modality; it need not be that of any track."""


def codes_for(tracks: int) -> int:
    """How many codes a modality gets by default: the largest power of two with at least eight tracks for each code, up
    to 1,024 as published."""
    found = LEAST_CODES
    while found * 2 * TRACKS_A_CODE <= tracks and found < MOST_CODES:
        found *= 2
    return found
