"""Packed bytes: shorter where that is possible, bounded in length, and never taken for what they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.saver.packing.compression import LIMIT, PLAIN, Codec, damaged, packaged_dictionary
from segue.checkpoints.saver.packing.encoding import write_varint
from segue.core.errors import CorruptionError

CODEC = Codec({1: packaged_dictionary()})
TEXT = b"the listener asks for something slow and the recommender answers with a song, " * 20


@given(st.binary(max_size=400))
def test_bytes_are_read_back_and_never_grow_by_more_than_one(raw: bytes) -> None:
    packed = CODEC.pack(raw)
    assert CODEC.unpack(packed) == raw and len(packed) <= len(raw) + 1


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=300))
def test_sealed_bytes_are_read_back_alone_and_against_others(raw: bytes, base: bytes) -> None:
    assert CODEC.unseal("it", CODEC.seal(raw)) == raw
    assert CODEC.unseal("it", CODEC.seal(raw, base), base) == raw


def test_text_is_packed_and_noise_is_kept_as_it_is() -> None:
    assert len(CODEC.pack(TEXT)) < len(TEXT) / 10 and CODEC.pack(TEXT)[0] == 1
    assert CODEC.pack(b"\x93") == bytes([PLAIN]) + b"\x93"
    changed = TEXT[:700] + b"!" + TEXT[700:]
    assert len(CODEC.seal(changed, TEXT)) < len(CODEC.seal(changed)) / 2


def test_the_newest_dictionary_packs_and_older_ones_are_still_read() -> None:
    older, newer = Codec({1: packaged_dictionary()}), Codec({1: packaged_dictionary(), 2: TEXT * 3})
    assert newer.pack(TEXT)[0] == 2 and newer.unpack(newer.pack(TEXT)) == TEXT
    assert newer.unpack(older.pack(TEXT)) == TEXT
    with pytest.raises(CorruptionError, match="name a dictionary that is not there: 2"):
        older.unpack(newer.pack(TEXT))


def announcing(size: int, rest: bytes) -> bytes:
    data = bytearray([1])
    write_varint(size, data)
    return bytes(data) + rest


@pytest.mark.parametrize(
    ("packed", "words"),
    [
        (b"", "stored bytes are empty"),
        (b"\x01", "cannot be unpacked"),
        (announcing(LIMIT + 1, b"\x00"), f"claim to unpack to {LIMIT + 1} bytes"),
        (announcing(5, b"\x20"), "set their own length"),
        (announcing(5, b"\x00\xff\xff"), "cannot be unpacked"),
        (announcing(len(TEXT) + 1, CODEC.pack(TEXT)[3:]), f"unpack to {len(TEXT)} bytes instead of"),
    ],
)
def test_what_was_not_packed_here_is_damage(packed: bytes, words: str) -> None:
    with pytest.raises(CorruptionError, match=words) as caught:
        CODEC.unpack(packed)
    assert "segue store check" in (caught.value.hint or "")


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_changed_bit_is_noticed_and_named(at: int) -> None:
    sealed = CODEC.seal(TEXT)
    at %= len(sealed)
    with pytest.raises(CorruptionError):
        CODEC.unseal("pack 7", sealed[:at] + bytes([sealed[at] ^ 4]) + sealed[at + 1 :])
    with pytest.raises(CorruptionError, match="pack 7 does not match its digest"):
        CODEC.unseal("pack 7", bytes(4) + sealed[4:])
    assert isinstance(damaged("it"), CorruptionError)
