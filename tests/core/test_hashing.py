"""Content hashing and seeded streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.hashing import canonical_json, digest, digest_of
from segue.core.random import stream, stream_seed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)
    assert digest_of(turned) == digest_of(value)


def test_nan_has_no_digest() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest_of(float("nan"))


def test_text_and_its_bytes_have_one_digest() -> None:
    assert digest("söng") == digest("söng".encode())
    assert len(digest("")) == 32


def test_streams_are_stable_and_independent() -> None:
    assert stream(0, "a").random() == stream(0, "a").random()
    assert stream_seed(0, "a", "b") != stream_seed(0, "ab") != stream_seed(1, "ab")
    assert 0 <= stream_seed(7, "x") < 2**63
