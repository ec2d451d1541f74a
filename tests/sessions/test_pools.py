"""Pools that are not shown whole: the session's own tracks first, profiling tracks never."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from segue.catalog.session import ListeningSession
from segue.sessions.pools import WidePool, wide_pool
from segue.sessions.sampling import POOL_MAX, sample_session

CATALOG = tuple(f"t{number:03}" for number in range(300))
SESSION = ListeningSession(session_id="s", user_id="u", track_ids=CATALOG[:60])


def pool(source: Any = "catalogue", size: int | None = None, seed: int = 0) -> WidePool:
    drawn = size if source == "session" else None
    sample = sample_session(SESSION, ["A-LL", "B-LL", "C-LL"], seed=seed, mean_words=12, pool_size=drawn)
    return wide_pool(sample, source, size, CATALOG, seed=seed, session_id="s")


def test_the_whole_catalogue_is_not_listed() -> None:
    for size in (None, 295, 300, 1_000_000):
        made = pool(size=size)
        assert made.ids is None and len(made.left_out) == 5 and len(made.shown) == POOL_MAX


@given(st.integers(1, 294), st.integers(0, 50))
def test_a_part_of_the_catalogue_has_the_session_s_own_first(size: int, seed: int) -> None:
    made = pool(size=size, seed=seed)
    assert made.ids is not None and len(made.ids) == size and made.ids <= set(CATALOG)
    assert not made.ids & made.left_out
    assert set(made.shown) <= made.ids and len(made.shown) == min(size, POOL_MAX)
    assert set(made.shown) <= set(SESSION.track_ids)
    assert made == pool(size=size, seed=seed)


@given(st.integers(1, 55))
def test_a_part_of_the_session(size: int) -> None:
    made = pool("session", size)
    assert made.ids is not None and len(made.ids) == size and made.ids <= set(SESSION.track_ids)
    assert made.shown == tuple(i for i in made.shown if i in made.ids) and len(made.shown) <= POOL_MAX
    assert not made.ids & made.left_out


def test_another_seed_draws_others() -> None:
    assert pool(size=100).ids != pool(size=100, seed=1).ids
