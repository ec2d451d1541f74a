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


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 5), min_size=1, max_size=40), st.integers(0, 9))
def test_tracks_that_share_a_tuple_share_its_probability(found: list[tuple[int, ...]], seed: int) -> None:
    trie = TupleTrie.of(np.array(found, dtype=np.int32))
    given = np.random.default_rng(seed).dirichlet(np.ones(len(trie.levels[-1].codes)), size=2)
    tracks = np.exp(trie.of_tracks(np.log(given + 1e-9).astype(np.float32)))
    assert tracks.shape == (2, len(found)) and np.allclose(tracks.sum(axis=1), 1, atol=1e-3)
    assert np.allclose(np.bincount(trie.tuples, weights=tracks[0]), given[0], atol=1e-3)
