"""A trie holds every tuple that some track has, and no other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.talkplay.codes.tuple_trie import TupleTrie

TUPLES = st.lists(st.tuples(*[st.integers(0, 3)] * 5), min_size=1, max_size=30)


@given(TUPLES)
def test_each_leaf_is_the_tuple_of_some_track(tuples: list[tuple[int, ...]]) -> None:
    trie = TupleTrie.of(np.array(tuples, dtype=np.int32))
    found = []
    for leaf in range(len(trie.levels[-1].codes)):
        codes, place = [], leaf
        for level in reversed(trie.levels):
            codes.append(int(level.codes[place]))
            place = int(level.parents[place])
        found.append(tuple(reversed(codes)))
    assert sorted(found) == sorted(set(tuples))
    assert [found[place] for place in trie.tuples] == tuples
