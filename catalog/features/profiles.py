"""Key profiles: how much each degree of the chromatic scale belongs to a key, by several authors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Profile = tuple[float, ...]

PROFILES: Final[Mapping[str, tuple[Profile, Profile]]] = {
    # Probe tones rated by listeners: Krumhansl and Kessler, Psychological Review 89(4), 1982.
    "krumhansl": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    # Hand-set for classical themes: Temperley, Music Perception 17(1), 1999.
    "temperley": (
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
    # Counted in scores: Albrecht and Shanahan, Music Perception 31(1), 2013.
    "albrecht": (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
    # Krumhansl's, adjusted for popular recordings: Sha'ath, MSc thesis, Birkbeck, 2011.
    "shaath": (
        (6.6, 2.0, 3.5, 2.3, 4.6, 4.0, 2.5, 5.2, 2.4, 3.7, 2.3, 3.4),
        (6.5, 2.7, 3.5, 5.4, 2.6, 3.5, 2.5, 5.2, 4.0, 2.7, 4.3, 3.2),
    ),
    # Learned from electronic dance music: Faraldo et al., ECIR 2016.
    "edma": (
        (0.1652, 0.0475, 0.0829, 0.0669, 0.0999, 0.0927, 0.0529, 0.1316, 0.0522, 0.0744, 0.0694, 0.0643),
        (0.1724, 0.0534, 0.0761, 0.1004, 0.0562, 0.0853, 0.0498, 0.1345, 0.0746, 0.0500, 0.0919, 0.0555),
    ),
}
"""Name -> (major, minor), each from the tonic up."""
