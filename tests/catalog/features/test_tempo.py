"""Tempo, of clicks whose tempo is known."""

from __future__ import annotations

import numpy as np
import pytest
from segue.catalog.features.tempo import count_onsets, estimate_tempo, onset_strengths
from support.catalog.sounds import clicks, noise, sine


@pytest.mark.parametrize("tempo", [72.0, 97.5, 120.0, 143.0])
def test_clicks_have_their_tempo(tempo: float) -> None:
    found = estimate_tempo(onset_strengths(clicks(tempo, 15.0)))
    assert found is not None
    assert found.tempo == pytest.approx(tempo, rel=0.01)
    assert found.regularity > 0.4


def test_eighth_notes_between_do_not_double_the_tempo() -> None:
    between = np.roll(clicks(100.0, 15.0), round(22_050 * 0.3)) * 0.3
    found = estimate_tempo(onset_strengths(clicks(100.0, 15.0) + between))
    assert found is not None and found.tempo == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("sound", [noise(15.0), sine(220.0, 15.0)], ids=["noise", "one tone"])
def test_what_has_no_beat_has_no_tempo(sound: np.ndarray) -> None:
    assert estimate_tempo(onset_strengths(sound)) is None


def test_onsets_are_counted_once_each() -> None:
    assert count_onsets(onset_strengths(clicks(120.0, 10.0))[0]) == pytest.approx(20, abs=1)
