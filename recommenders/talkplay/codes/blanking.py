"""Codes without one of their modalities: what an ablation has in place of them."""

from __future__ import annotations

import numpy as np

from .codebook import Codebook, Coded
from .modalities import MISSING, MODALITIES
from .track_codes import TrackCodes


def without_modality(codes: TrackCodes, name: str) -> TrackCodes:
    """The same with that modality missing of every track, those that come later as well.

    Raises:
        ValueError: there is no such modality.
    """
    if name not in MODALITIES:
        raise ValueError(f"there is no modality {name!r}")
    column = MODALITIES.index(name)
    table, distances = codes.coded.codes.copy(), codes.coded.distances.copy()
    table[:, column], distances[:, column] = MISSING, 0
    dimensions = codes.codebook.centres[name].shape[1] if codes.codebook.centres[name].ndim > 1 else 0
    centres = {**codes.codebook.centres, name: np.zeros((0, dimensions), dtype=np.float32)}
    made_of = {**codes.made_of, "without": name}
    return TrackCodes(codes.ids, Coded(table, distances), Codebook(codes.codebook.size, centres), made_of)
