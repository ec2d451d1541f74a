"""The look-up gives what going through the 31 sets of modalities one by one gives, ties included."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from segue.recommenders.talkplay.codes.lookup import Lookup, match_order
from segue.recommenders.talkplay.codes.modalities import MODALITIES, WEIGHTS

CODE = st.integers(0, 2)
TUPLE = st.tuples(*[CODE] * 5)
TRACK = st.tuples(TUPLE, st.tuples(*[st.sampled_from([0.0, 0.25, 0.5])] * 5))


def one_by_one(
    codes: list[tuple[int, ...]],
    distances: list[tuple[float, ...]],
    wanted: tuple[int, ...],
    closed: set[int],
) -> list[int]:
    """Every set of modalities by falling weight, the larger one first where weights are equal."""
    sets = [each for size in range(5, 0, -1) for each in combinations(range(5), size)]
    sets.sort(key=lambda each: -sum(WEIGHTS[place] for place in each))
    found: list[int] = []
    for each in sets:
        fitting = [
            track
            for track, code in enumerate(codes)
            if track not in closed and track not in found and all(code[m] == wanted[m] for m in each)
        ]
        found += sorted(fitting, key=lambda track: sum(distances[track][m] for m in each))
    return found


@given(st.lists(TRACK, min_size=1, max_size=40), TUPLE, st.sets(st.integers(0, 39)), st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_as_going_through_all_sets(
    tracks: list[tuple[tuple[int, ...], tuple[float, ...]]],
    wanted: tuple[int, ...],
    closed: set[int],
    count: int,
) -> None:
    codes, distances = [each[0] for each in tracks], [each[1] for each in tracks]
    closed = {place for place in closed if place < len(tracks)}
    lookup = Lookup(np.array(codes, dtype=np.int32), np.array(distances, dtype=np.float32))
    found = lookup.places(wanted, count, closed=sorted(closed))
    assert found == one_by_one(codes, distances, wanted, closed)[:count]
    drawn = lookup.places(wanted, count, closed=sorted(closed), rng=np.random.default_rng(1))
    sets = lookup.matched(wanted)
    assert [sets[place] for place in drawn] == [sets[place] for place in found]
    assert drawn == lookup.places(wanted, count, closed=sorted(closed), rng=np.random.default_rng(1))


def test_equal_weights_put_the_larger_set_first() -> None:
    named = [
        "".join(MODALITIES[place][0] for place in range(5) if bits >> place & 1) for bits in match_order()
    ]
    assert len(named) == len(set(named)) == 31
    assert named[0] == "psmla" and named[-1] == "a"
    for larger, smaller in [("sm", "p"), ("sma", "pa"), ("sml", "pl"), ("smla", "pla")]:
        assert named.index(larger) + 1 == named.index(smaller)


def test_a_track_that_matches_in_nothing_is_no_answer() -> None:
    lookup = Lookup(np.array([[1, 1, 1, 1, 1]], dtype=np.int32), np.zeros((1, 5), dtype=np.float32))
    assert lookup.places((2, 2, 2, 2, 2), 10) == []
    assert lookup.places((2, 2, 2, 2, 1), 10) == [0]
    assert lookup.places((2, 2, 2, 2, 1), 10, closed=[0]) == []
