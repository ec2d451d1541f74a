"""Conversations divided by session: nothing of the test part is learned from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import InputError
from segue.recommenders.next_track.dividing import PARTS, DividingRule, divide_talks
from segue.recommenders.next_track.talks import PlayedTalk
from support.state.talks import talk, track

TALKS = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.integers(0, 15), min_size=1, max_size=5)), min_size=1
)


def named(found: list[tuple[int, list[int]]]) -> list[PlayedTalk]:
    return [talk(f"c{n}", [*tracks], session=f"s{session}") for n, (session, tracks) in enumerate(found)]


@given(TALKS, st.floats(0, 0.9), st.integers(0, 3))
def test_no_session_and_no_track_held_out_is_learned_from(
    found: list[tuple[int, list[int]]], cold: float, seed: int
) -> None:
    talks = named(found)
    playlists = {each.session: each.tracks() for each in talks}
    rule = DividingRule(cold=cold, seed=seed)
    if len(playlists) < 3:
        with pytest.raises(InputError, match="cannot be divided"):
            divide_talks(talks, playlists, rule)
        return
    parts = divide_talks(talks, playlists, rule)
    sessions = [{each.session for each in parts.talks[part]} for part in PARTS]
    assert not (sessions[0] & sessions[1] or sessions[0] & sessions[2] or sessions[1] & sessions[2])
    assert not parts.warm & parts.held_out
    assert not any(set(each.tracks()) & parts.held_out for each in parts.talks["validation"])
    assert all(len(tracks) > 1 for tracks in parts.playlists)
    learned = {frozenset(tracks) for name, tracks in playlists.items() if name not in sessions[2]}
    assert all(any(set(tracks) <= own for own in learned) for tracks in parts.playlists)


def test_so_many_are_held_out_as_are_asked_for_of_what_training_would_know() -> None:
    talks = [talk(f"c{n}", list(range(10)), session=f"s{n}") for n in range(10)]
    parts = divide_talks(talks, {}, DividingRule(cold=0.2))
    assert len(parts.held_out) == 2 and parts.held_out <= {track(n) for n in range(10)}
    assert parts.counts()["held_out_tracks"] == 2 and parts.counts()["test_conversations"] == 2
    assert divide_talks(talks, {}, DividingRule(cold=0)).held_out == frozenset()
    assert parts == divide_talks(talks, {}, DividingRule(cold=0.2))


def test_further_conversations_are_learned_from_alone() -> None:
    talks = [talk(f"c{n}", list(range(10)), session=f"s{n}") for n in range(10)]
    further = [talk(f"m{n}", list(range(5, 15)), session=f"w{n}") for n in range(3)]
    plain, parts = (divide_talks(talks, {}, DividingRule(cold=0.2), more) for more in ((), further))
    assert parts.talks["test"] == plain.talks["test"]
    assert {each.session for each in parts.talks["train"]} > {f"w{n}" for n in range(3)}
    assert not parts.warm & parts.held_out
    assert parts.warm - plain.warm


def test_further_conversations_on_a_session_that_is_tested_are_refused() -> None:
    talks = [talk(f"c{n}", [1, 2], session=f"s{n}") for n in range(10)]
    with pytest.raises(InputError, match="c4 is on the session s4"):
        divide_talks(talks, {}, DividingRule(), talks[4:5])
