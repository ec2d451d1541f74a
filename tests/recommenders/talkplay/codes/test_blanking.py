"""Codes without a modality: missing of every track, and of those that come later."""

from __future__ import annotations

import numpy as np
import pytest
from segue.recommenders.talkplay.codes.blanking import without_modality
from segue.recommenders.talkplay.codes.codebook import Codebook, Coded
from segue.recommenders.talkplay.codes.modalities import MISSING, MODALITIES
from segue.recommenders.talkplay.codes.track_codes import TrackCodes


def test_one_modality_is_missing_and_the_others_stay() -> None:
    count, rng = 6, np.random.default_rng(0)
    vectors = {name: rng.random((count, 4), dtype=np.float32) for name in MODALITIES}
    centres = {name: vectors[name][:2] for name in MODALITIES}
    book = Codebook(3, centres)
    codes = TrackCodes(tuple("abcdef"), book.encode(vectors), book, {"name": "a test"})
    blank = without_modality(codes, "lyrics")
    column = MODALITIES.index("lyrics")
    assert (blank.coded.codes[:, column] == MISSING).all() and not blank.coded.distances[:, column].any()
    others = [place for place in range(len(MODALITIES)) if place != column]
    assert (blank.coded.codes[:, others] == codes.coded.codes[:, others]).all()
    later: Coded = blank.codebook.encode(vectors)
    assert (later.codes[:, column] == MISSING).all() and (later.codes[:, others] != MISSING).all()
    assert blank.digest != codes.digest and blank.made_of["without"] == "lyrics"
    with pytest.raises(ValueError, match="no modality 'taste'"):
        without_modality(codes, "taste")
