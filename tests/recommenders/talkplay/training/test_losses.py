"""Rows of a step are put together with those of like length, and weigh what they weigh alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.recommenders.talkplay.language.rows import MUSIC, UNLEARNED, WORDS, TokenRow
from segue.recommenders.talkplay.training.examples import Example
from segue.recommenders.talkplay.training.losses import batches_of

pytest.importorskip("torch", reason="language models need the extra talkplay")
PAD = 0
LENGTHS = st.lists(st.integers(2, 60), min_size=1, max_size=12)


def examples_of(lengths: list[int]) -> list[Example]:
    """Rows whose tokens say how long they are; what is read is one more."""
    kinds = [UNLEARNED, MUSIC, WORDS]
    rows = [TokenRow([length] * length, [kinds[at % 3] for at in range(length)]) for length in lengths]
    return [Example("conversation", row, [token + 1 for token in row.tokens]) for row in rows]


@given(LENGTHS, st.integers(1, 5))
def test_every_row_once_beside_rows_of_like_length(lengths: list[int], at_once: int) -> None:
    batches = batches_of(examples_of(lengths), PAD, 0.2, at_once)
    found = [[int((row != PAD).sum()) for row in batch.tokens] for batch in batches]
    assert sorted(each for part in found for each in part) == sorted(lengths)
    assert all(len(part) <= at_once and max(part) <= 1.5 * min(part) for part in found)


@given(LENGTHS, st.integers(1, 5))
def test_weights_add_up_to_one_whatever_is_read_together(lengths: list[int], at_once: int) -> None:
    batches = batches_of(examples_of(lengths), PAD, 0.2, at_once)
    assert sum(float(batch.weights[:, 1:].sum()) for batch in batches) == pytest.approx(1, abs=1e-5)


def test_what_is_read_stands_beside_what_is_learned() -> None:
    (batch,) = batches_of(examples_of([4, 3]), PAD, 0.2, 8)
    assert batch.tokens.tolist() == [[3, 3, 3, PAD], [4, 4, 4, 4]]
    assert np.array_equal(batch.read, [[4, 4, 4, PAD], [5, 5, 5, 5]])
