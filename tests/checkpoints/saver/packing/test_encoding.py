"""Identifiers and numbers as bytes: read back as they were, in the order of their texts."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.saver.packing.encoding import (
    DIGEST_SIZE,
    decode_id,
    digest_bytes,
    encode_id,
    mark_of,
    read_varint,
    write_varint,
)

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


@given(TEXTS | st.uuids().map(str))
def test_an_id_is_read_back_as_it_was(text: str) -> None:
    assert decode_id(encode_id(text)) == text


@pytest.mark.parametrize("text", ["", "\udc80", "x" * 14, "x" * 15, "x" * 16, "é" * 7, "\x00", "0" * 36])
def test_ids_that_are_no_uuids_are_read_back_and_are_not_taken_for_uuids(text: str) -> None:
    assert decode_id(encode_id(text)) == text and len(encode_id(text)) != DIGEST_SIZE


def test_only_the_usual_spelling_of_a_uuid_is_short() -> None:
    usual = str(uuid.UUID(int=0x1F0E))
    assert len(encode_id(usual)) == DIGEST_SIZE
    for other in (usual.upper(), usual.replace("-", "_"), usual + "\n", "{" + usual[1:-1] + "}"):
        assert len(encode_id(other)) != DIGEST_SIZE and decode_id(encode_id(other)) == other


@given(st.lists(st.uuids().map(str), min_size=2, max_size=8))
def test_uuids_sort_as_their_texts_do(ids: list[str]) -> None:
    assert [decode_id(data) for data in sorted(map(encode_id, ids))] == sorted(ids)


@given(st.lists(st.text("abcé~", min_size=1, max_size=13), min_size=2, max_size=8))
def test_other_ids_sort_as_their_bytes_do(ids: list[str]) -> None:
    assert [decode_id(data) for data in sorted(map(encode_id, ids))] == sorted(ids, key=str.encode)


@given(st.lists(st.integers(0, 2**70), max_size=12), st.binary(max_size=3))
def test_numbers_are_read_back_one_behind_the_other(numbers: list[int], before: bytes) -> None:
    data, at = bytearray(before), len(before)
    for number in numbers:
        write_varint(number, data)
    for number in numbers:
        found, at = read_varint(bytes(data), at)
        assert found == number
    assert at == len(data)


@pytest.mark.parametrize(("number", "size"), [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3)])
def test_small_numbers_are_short(number: int, size: int) -> None:
    data = bytearray()
    write_varint(number, data)
    assert len(data) == size


def test_a_number_that_ends_too_early_is_none() -> None:
    with pytest.raises(IndexError):
        read_varint(b"\x80\x80", 0)
    with pytest.raises(IndexError):
        read_varint(b"", 0)


def test_digests_are_blake2b_of_sixteen_bytes_and_their_marks_fit_both_databases() -> None:
    assert digest_bytes(b"").hex() == "cae66941d9efbd404e4d88758ea67670"
    assert mark_of(b"\x00\x00\x01\x02rest") == 258
    assert mark_of(b"\xff\xff\xff\xffrest") == -1 and mark_of(b"\x80\x00\x00\x00") == -(2**31)
