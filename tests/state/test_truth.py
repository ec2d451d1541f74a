"""Verdicts: which goal was in force, which clause held, when the goal was reached."""

from __future__ import annotations

import pytest
from segue.state.criteria_text import read_criteria
from segue.state.promises import bounds_of, promise_broken, wanted_tracks
from segue.state.truth import TrackVerdict, Truth, decide, in_force
from segue.state.values import Specificity, TrackCard

FIRST = Truth(turn=0, criteria="tag: soul; year: 1970..1979", wanted_tracks=2, track_ids=("a", "b"))
LATER = Truth(turn=4, wanted_tracks=1)


def card(name: str, *tags: str, year: str | None = None) -> TrackCard:
    return TrackCard(track_id=name, title=name, artists=("x",), tags=tags, release_date=year)


def test_the_goal_in_force_is_the_latest_that_had_begun() -> None:
    assert [in_force([FIRST, LATER], turn).turn for turn in (1, 3, 4, 8)] == [0, 0, 4, 4]


def test_a_goal_is_reached_with_as_many_different_right_tracks_as_it_wants() -> None:
    first = decide(1, card("a", "soul", year="1971"), FIRST, [])
    again = decide(2, card("a", "soul", year="1971"), FIRST, [first])
    other = decide(3, card("b", "soul", year="1979"), FIRST, [first, again])
    assert [v.met for v in (first, again, other)] == [True, True, True]
    assert [(v.found, v.reached) for v in (first, again, other)] == [(1, False), (1, False), (2, True)]


def test_each_clause_has_its_own_verdict_and_silence_is_none() -> None:
    unknown = decide(1, card("c", "soul"), FIRST, [])
    assert [(c.clause, c.met) for c in unknown.clauses] == [("tag: soul", True), ("year: 1970..1979", None)]
    assert (unknown.met, unknown.moves, unknown.reached) == (None, None, False)
    partly = decide(1, card("d", "soul", year="1985"), FIRST, [])
    assert (partly.met, partly.moves) == (False, True)
    assert decide(1, card("e", "jazz", year="1985"), FIRST, []).moves is False


def test_a_later_goal_without_criteria_is_never_judged() -> None:
    verdict = decide(5, card("a", "soul", year="1971"), LATER, [])
    assert (verdict.met, verdict.moves, verdict.clauses, verdict.goal_turn) == (None, None, (), 4)
    assert TrackVerdict.from_json(verdict.to_json()) == verdict


@pytest.mark.parametrize(
    ("specificity", "pool", "bounds"),
    [("HH", 16, (1, 1)), ("LH", 16, (1, 3)), ("LL", 32, (4, 16)), ("HL", 6, (3, 3)), ("LH", 2, (1, 1))],
)
def test_what_a_specificity_promises(specificity: Specificity, pool: int, bounds: tuple[int, int]) -> None:
    assert bounds_of(specificity, pool) == bounds


def test_several_tracks_are_wanted_where_many_can_be_right() -> None:
    wanted: list[tuple[Specificity, int]] = [("LL", 7), ("HL", 3), ("LH", 8), ("HH", 1)]
    assert [wanted_tracks(*one) for one in wanted] == [3, 3, 1, 1]


def test_a_broken_promise_says_how_many_meet_what() -> None:
    cards = [card(str(n), "soul" if n < 9 else "jazz") for n in range(10)]
    said = promise_broken(read_criteria("tag: soul"), "LL", cards)
    assert said == "9 of 10 tracks meet all of it (tag: soul: 9); a goal of specificity LL wants 4 to 5"
    assert promise_broken(read_criteria("tempo: 90.."), "LL", cards) == "no track says anything of tempo"
    assert promise_broken(read_criteria("tag: jazz"), "HH", cards) is None
