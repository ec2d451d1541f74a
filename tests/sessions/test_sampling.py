"""Sampling: disjoint, seeded, each session by itself."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.catalog import ListeningSession
from segue.core.errors import InputError
from segue.sessions.sampling import sample_session

TEMPLATES = tuple(f"{topic}-{kind}" for topic in "ABCDEFGHIJK" for kind in ("LL", "HL", "LH", "HH"))


def session(number: int, tracks: int) -> ListeningSession:
    return ListeningSession(
        session_id=f"u{number}__2018-01-01",
        user_id=f"u{number}",
        track_ids=tuple(f"t{i}" for i in range(tracks)),
    )


@given(st.integers(21, 80), st.integers(0, 10**6), st.integers(0, 2**31))
def test_samples_are_disjoint_and_of_the_right_size(tracks: int, number: int, seed: int) -> None:
    sample = sample_session(session(number, tracks), TEMPLATES, seed=seed, mean_words=12)
    assert len(set(sample.profiling_ids)) == 5
    assert len(set(sample.pool_ids)) == min(tracks - 5, 32)
    assert not set(sample.profiling_ids) & set(sample.pool_ids)
    assert len(set(sample.template_ids)) == 3
    assert sample == sample_session(session(number, tracks), TEMPLATES, seed=seed, mean_words=12)


def test_a_track_played_twice_counts_once() -> None:
    twice = ListeningSession(session_id="s", user_id="u", track_ids=("a", "b") * 30)
    with pytest.raises(InputError, match="2 distinct tracks; 21 are needed"):
        sample_session(twice, TEMPLATES, seed=0, mean_words=12)


def test_pool_size_is_kept_or_refused() -> None:
    assert len(sample_session(session(1, 40), TEMPLATES, seed=0, pool_size=20, mean_words=12).pool_ids) == 20
    with pytest.raises(InputError, match="45 are needed"):
        sample_session(session(1, 40), TEMPLATES, seed=0, pool_size=40, mean_words=12)


def test_templates_differ_from_session_to_session() -> None:
    drawn = {
        sample_session(session(n, 30), TEMPLATES, seed=0, mean_words=12).template_ids for n in range(100)
    }
    assert len(drawn) > 90
    every = {t for ids in drawn for t in ids}
    assert len(every) == 44


def test_persona_follows_the_setting() -> None:
    for mean in (10.0, 40.0):
        words = [sample_session(session(n, 30), TEMPLATES, seed=1, mean_words=mean).words for n in range(400)]
        assert statistics.mean(words) == pytest.approx(mean, rel=0.1)
        assert statistics.stdev(words) > mean * 0.2
