"""Loudness, by the test signals of the broadcasters' own documents (ITU-R BS.1770, EBU Tech 3341 and 3342)."""

from __future__ import annotations

import numpy as np
import pytest
from segue.catalog.features.loudness import Loudness
from segue.catalog.features.sound import Sound
from support.catalog.sounds import sine


def stereo(*parts: tuple[float, float], frequency: float = 1000.0, rate: int = 48_000) -> Sound:
    """A tone in both channels: (peak level in dB of full scale, seconds) one after the other."""
    mono = np.concatenate([sine(frequency, s, 10 ** (level / 20), rate) for level, s in parts])
    return Sound(np.stack([mono, mono], axis=1), rate)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000])
def test_a_full_scale_tone_in_one_channel_reads_minus_three(rate: int) -> None:
    one = Sound(sine(997.0, 5.0, 1.0, rate)[:, None], rate)
    assert Loudness(one).integrated == pytest.approx(-3.01, abs=0.05)


def test_steady_tones_read_their_level() -> None:
    assert Loudness(stereo((-23.0, 10.0))).integrated == pytest.approx(-23.0, abs=0.1)
    assert Loudness(stereo((-33.0, 10.0))).integrated == pytest.approx(-33.0, abs=0.1)


def test_quiet_passages_are_gated_out() -> None:
    assert Loudness(stereo((-36, 5), (-23, 30), (-36, 5))).integrated == pytest.approx(-23.0, abs=0.1)
    gated = Loudness(stereo((-72, 5), (-36, 5), (-23, 30), (-36, 5), (-72, 5)))
    assert gated.integrated == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("high", "low", "wanted"), [(-20, -30, 10), (-20, -15, 5), (-40, -20, 20)])
def test_the_range_is_the_step_between_two_levels(high: float, low: float, wanted: float) -> None:
    assert Loudness(stereo((high, 20), (low, 20))).range == pytest.approx(wanted, abs=1.0)


def test_what_nobody_hears_has_no_loudness() -> None:
    hum = stereo((-80.0, 5.0))
    assert Loudness(hum).integrated is None and Loudness(hum).range is None
