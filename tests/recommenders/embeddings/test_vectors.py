"""Vectors of items: by the company that they keep, by their sound, and several tables as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.embeddings.arrays import VectorTable
from segue.recommenders.embeddings.co_occurrence import co_occurrence_vectors
from segue.recommenders.embeddings.fused import fused_vectors
from segue.recommenders.embeddings.sound import SoundFacts, sound_vectors

TWO_GROUPS = [[0, 1, 2], [0, 1], [1, 2], [3, 4, 5], [3, 4], [4, 5]]


def test_items_of_one_collection_are_nearer_than_those_of_two() -> None:
    found = co_occurrence_vectors(TWO_GROUPS, 7, 2)
    near = found @ found.T
    assert near[0, 1] > 0.5 > near[0, 3] and near[3, 5] > 0.5 > near[2, 5]
    assert not found[6].any(), "it is in no collection"


@given(st.lists(st.lists(st.integers(0, 8), max_size=6), max_size=6), st.integers(1, 12))
def test_vectors_are_of_length_1_or_nothing(collections: list[list[int]], dimensions: int) -> None:
    found = co_occurrence_vectors(collections, 9, dimensions)
    lengths = np.linalg.norm(found, axis=1)
    assert found.shape == (9, dimensions)
    assert np.all(np.isclose(lengths, 1, atol=1e-4) | (lengths == 0))


def test_the_same_collections_give_the_same_vectors() -> None:
    assert np.array_equal(co_occurrence_vectors(TWO_GROUPS, 7, 3), co_occurrence_vectors(TWO_GROUPS, 7, 3))


def test_twice_the_tempo_is_near_and_so_is_a_key_a_fifth_away() -> None:
    facts = [SoundFacts(60, "C major"), SoundFacts(120, "C major"), SoundFacts(85, "C major")]
    near = sound_vectors(facts) @ sound_vectors(facts).T
    assert near[0, 1] == pytest.approx(1, abs=1e-5) and near[0, 2] < 0.9
    keys = sound_vectors([SoundFacts(None, key) for key in ("C major", "G major", "F# major", "Gb major")])
    assert (keys @ keys.T)[0, 1] > (keys @ keys.T)[0, 2]
    assert np.array_equal(keys[2], keys[3]), "one key under two names"
    assert not sound_vectors([SoundFacts(None, None)]).any()


def test_parts_are_made_once_and_weighed(tmp_path: Path) -> None:
    made: list[str] = []

    def part(name: str, table: list[list[float]]) -> VectorTable:
        made.append(name)
        return np.array(table, dtype=np.float32)

    parts = {
        "a": (1.0, lambda: part("a", [[1, 0], [1, 0]])),
        "b": (0.5, lambda: part("b", [[1], [0]])),
        "left out": (0.0, lambda: part("left out", [[1], [1]])),
    }
    found = fused_vectors(parts, "digest", tmp_path)
    assert found[1].tolist() == [1, 0, 0]
    assert found[0] == pytest.approx(np.array([1, 0, 0.5]) / np.sqrt(1.25))
    assert np.array_equal(fused_vectors(parts, "digest", tmp_path), found) and made == ["a", "b"]
    fused_vectors(parts, "another", tmp_path)
    assert made == ["a", "b", "a", "b"]
    [path, _] = tmp_path.iterdir()
    path.write_bytes(b"damaged")
    assert np.array_equal(fused_vectors(parts, "digest", tmp_path), found)


@given(
    st.lists(st.lists(st.integers(0, 11), min_size=2, max_size=4, unique=True), max_size=3),
    st.integers(1, 16),
)
def test_items_of_no_collection_are_zeros_however_few_collections_there_are(
    collections: list[list[int]], dimensions: int
) -> None:
    vectors = co_occurrence_vectors(collections, 30, dimensions)
    together = {place for each in collections for place in each}
    alone = [place for place in range(30) if place not in together]
    assert vectors.shape == (30, dimensions) and not vectors[alone].any()
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
