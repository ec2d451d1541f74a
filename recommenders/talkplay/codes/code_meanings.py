"""What codes mean, as far as static embeddings can tell it of the words of their tracks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....state.values import TrackCard
from ...embeddings.arrays import VectorTable
from ...retrieval.dense import DIMENSIONS
from .modalities import MISSING, MODALITIES
from .track_codes import TrackCodes
from .track_vectors import vectors_of_cards


def code_meanings(codes: TrackCodes, cards: Sequence[TrackCard]) -> VectorTable:
    """Of each code the mean of its tracks' words, their tags and metadata, less the mean of all tracks; zeros for the
    code of what is missing, and for one that no track here has. Over all others the mean square length is 1.

    Args:
        cards: tracks that have no codes are passed over.

    Returns:
        Shape (modalities, codes, dimensions).
    """
    cards = [card for card in cards if card.track_id in codes.places]
    vectors = vectors_of_cards(cards)
    words = vectors["semantic"] + vectors["metadata"]
    words = words - words.mean(axis=0)
    rows = np.array([codes.places[card.track_id] for card in cards], dtype=np.intp)
    found: VectorTable = np.zeros((len(MODALITIES), codes.codebook.size, DIMENSIONS), dtype=np.float32)
    for place, table in enumerate(found):
        of_tracks = codes.coded.codes[rows, place]
        np.add.at(table, of_tracks, words)
        table /= np.maximum(np.bincount(of_tracks, minlength=len(table)), 1)[:, None]
        table[MISSING] = 0
    lengths = np.linalg.norm(found, axis=-1)
    return found / np.float32(np.sqrt(np.mean(np.square(lengths[lengths > 0]))) if lengths.any() else 1)
