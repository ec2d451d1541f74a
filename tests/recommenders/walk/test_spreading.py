"""What is shown first, spread over artists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.retrieval.documents import TrackText
from segue.recommenders.walk.items import ItemTable
from segue.recommenders.walk.queries import ScoreTable, WalkQuery
from segue.recommenders.walk.spreading import CROWD, FIRST, SpreadScorer, artist_numbers, spread_places

SIZE = 30
SCORES = st.lists(st.floats(0, 1, width=32), min_size=SIZE, max_size=SIZE)
ARTISTS = st.lists(st.integers(0, 4), min_size=SIZE, max_size=SIZE)


def text(artist: str | None) -> TrackText:
    return TrackText("Song", (artist,) if artist else (), None, (), None, "")


class Fixed:
    """Gives every request the same scores."""

    def __init__(self, scores: Sequence[float]) -> None:
        self._scores = np.array(scores, dtype=np.float32)

    def scores(self, queries: Sequence[WalkQuery]) -> ScoreTable:
        return np.tile(self._scores, (len(queries), 1))


def test_who_is_chosen_already_lets_others_go_first() -> None:
    scores = np.array([1.0, 0.99, 0.98, 0.5], dtype=np.float32)
    assert spread_places(scores, np.array([0, 0, 1, 0]), 4) == [0, 2, 1, 3]
    assert spread_places(scores, np.array([0, 1, 2, 3]), 4) == [0, 1, 2, 3]
    apart = np.array([1.0, 0.98 - CROWD], dtype=np.float32)
    assert spread_places(apart, np.array([0, 0]), 2) == [0, 1]


def test_artists_are_told_apart_by_their_names_and_those_without_one_are_all_different() -> None:
    numbers = artist_numbers([text("Beyoncé"), text("beyonce"), text(None), text(None), text("Other")])
    assert numbers[0] == numbers[1] and len(set(numbers.tolist())) == 4


@given(SCORES, ARTISTS, st.integers(0, 40), st.sets(st.integers(0, SIZE - 1)))
def test_as_many_as_are_open_are_shown_each_once_and_the_best_first(
    scores: list[float], artists: list[int], count: int, without: set[int]
) -> None:
    found = spread_places(np.array(scores, dtype=np.float32), np.array(artists), count, without)
    assert len(found) == len(set(found)) == min(count, SIZE - len(without)) and not without & set(found)
    if found:
        assert scores[found[0]] == max(score for place, score in enumerate(scores) if place not in without)


@given(SCORES, ARTISTS, st.sets(st.integers(0, SIZE - 1), max_size=5))
def test_what_is_not_shown_first_keeps_its_order_behind(
    scores: list[float], artists: list[int], liked: set[int]
) -> None:
    items = ItemTable(tuple(map(str, range(SIZE))), tuple(text(f"Artist {number}") for number in artists))
    query = WalkQuery(("more",), tuple(sorted(liked)))
    table = SpreadScorer(Fixed(scores), items).scores([query, query])
    row = table[0]
    assert (table[1] == row).all()
    first = np.flatnonzero(row > 1)
    assert len(first) == FIRST and not liked & set(first.tolist())
    rest = np.flatnonzero(row <= 1)
    order = np.argsort(-row[rest], kind="stable")
    before = np.argsort(-np.array(scores, dtype=np.float32)[rest], kind="stable")
    assert (np.array(scores, np.float32)[rest][order] == np.array(scores, np.float32)[rest][before]).all()
