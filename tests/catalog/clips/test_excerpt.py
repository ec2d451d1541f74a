"""The passage that stands for a recording."""

from __future__ import annotations

import numpy as np
import pytest
from segue.catalog.clips.excerpt import choose_excerpt
from support.catalog.sounds import RATE, harmony, noise, sine

VERSE, CHORUS = (57, 60, 64), (48, 64, 67, 72)


def start(samples: np.ndarray, seconds: float = 3.0) -> float:
    """Where the passage begins, in seconds."""
    mono = np.asarray(samples, dtype=np.float32)
    return choose_excerpt(mono, RATE, round(seconds * RATE)).start / RATE


def test_what_most_of_a_recording_sounds_like_is_chosen() -> None:
    odd = noise(5.0, 0.15)
    song = harmony([CHORUS] * 8, 2.0)
    assert start(np.concatenate([odd, song])) >= 4.5
    assert start(np.concatenate([song, odd])) <= 13.5


def test_of_passages_that_are_alike_a_loud_one_is_chosen() -> None:
    song = harmony([CHORUS, VERSE] * 6, 2.0)
    levels = np.repeat([0.2, 1.0, 0.2], len(song) // 3)
    assert 7.0 <= start(song[: len(levels)] * levels) <= 13.5


def test_the_intro_is_passed_over_where_there_is_enough_beside_it() -> None:
    assert start(sine(440.0, 20.0)) >= 3.0
    assert start(sine(440.0, 4.0)) <= 1.0


def test_equal_recordings_give_the_equal_passage() -> None:
    tone = sine(440.0, 30.0)
    assert start(tone) == start(tone.copy())
    assert len({start(sine(440.0, 30.0 + extra)) for extra in range(8)}) > 2, "ties are drawn, not the first"


@pytest.mark.parametrize("seconds", [0.5, 3.0, 19.9, 20.0])
def test_the_passage_lies_inside_the_recording(seconds: float) -> None:
    at = start(harmony([CHORUS] * 10, 2.0), seconds)
    assert 0.0 <= at <= 20.0 - seconds + 1e-6


def test_silence_has_a_passage_too() -> None:
    found = choose_excerpt(np.zeros(5 * RATE, dtype=np.float32), RATE, RATE)
    assert 0 <= found.start <= 4 * RATE
