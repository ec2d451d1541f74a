"""Values as bytes and back: ids, whole numbers, seals, pieces of values, recipes, manifests and packs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.saver import StrictSerializer
from segue.checkpoints.saver.packing.bodies import (
    SLOTS,
    open_manifest,
    open_pack,
    open_writes,
    pack_sizes,
    packs_of,
    read_manifest,
    seal_manifest,
    seal_pack,
    seal_writes,
    write_manifest,
)
from segue.checkpoints.saver.packing.compression import PLAIN, Codec, packaged_dictionary
from segue.checkpoints.saver.packing.encoding import (
    decode_id,
    digest_bytes,
    encode_id,
    mark_of,
    read_varint,
    write_varint,
)
from segue.checkpoints.saver.packing.values import (
    INLINE,
    MSGPACK,
    Chunk,
    PackedValue,
    pack,
    pieces_of,
    read_recipe,
    write_recipe,
)
from segue.core.errors import CorruptionError

SERDE = StrictSerializer()
UUID = "1efd0000-0000-6000-8000-00000000000a"
TEXT = "words that are longer than what stays where it is used, said once more "

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=40,
)


def codec() -> Codec:
    return Codec({1: packaged_dictionary()})


def joined(value: PackedValue) -> bytes:
    return b"".join(part.raw if isinstance(part, Chunk) else part for part in value.parts)


@given(st.text(max_size=40))
def test_an_id_comes_back(text: str) -> None:
    assert decode_id(encode_id(text)) == text


def test_a_uuid_is_sixteen_bytes_and_nothing_else_is_taken_for_one() -> None:
    assert len(encode_id(UUID)) == 16
    assert len(encode_id("x" * 15)) == 17
    assert encode_id(UUID) < encode_id(UUID[:-1] + "b")
    assert decode_id(encode_id(UUID.upper())) == UUID.upper()


@given(st.integers(0, 2**70), st.binary(max_size=5))
def test_a_whole_number_of_any_length_comes_back(number: int, before: bytes) -> None:
    written = bytearray(before)
    write_varint(number, written)
    assert read_varint(bytes(written), len(before)) == (number, len(written))


def test_a_whole_number_cut_short_is_an_error() -> None:
    with pytest.raises(IndexError):
        read_varint(b"\x80", 0)


def test_a_mark_is_signed_as_both_databases_keep_it() -> None:
    assert mark_of(b"\xff\xff\xff\xff" + bytes(12)) == -1
    assert mark_of(b"\x00\x00\x01\x00" + b"\xff" * 12) == 256


@given(st.binary(min_size=1, max_size=400), st.binary(max_size=400))
def test_sealed_bytes_come_back_alone_and_against_others(raw: bytes, base: bytes) -> None:
    made = codec()
    assert made.unpack(made.pack(raw)) == raw
    assert made.unseal("it", made.seal(raw)) == raw
    assert made.unseal("it", made.seal(raw, base), base) == raw


def test_what_would_not_get_shorter_stays_as_it_is() -> None:
    assert codec().pack(b"abc") == bytes([PLAIN]) + b"abc"
    assert len(codec().pack(TEXT.encode() * 20)) < 200


def test_a_seal_names_what_is_damaged() -> None:
    made = codec()
    sealed = made.seal(b"something")
    with pytest.raises(CorruptionError, match="pack 7 does not match its digest"):
        made.unseal("pack 7", bytes([sealed[0] ^ 1]) + sealed[1:])


@given(plain)
def test_the_pieces_of_a_value_are_its_bytes(value: Any) -> None:
    assert joined(pack(SERDE, value)) == SERDE.dumps_typed(value)[1]


def test_short_values_are_one_literal_and_long_items_are_chunks() -> None:
    assert pack(SERDE, "short").parts == [SERDE.dumps_typed("short")[1]]
    value = pack(SERDE, [TEXT + str(n) for n in range(3)])
    assert [len(chunk.raw) > INLINE for chunk in value.chunks()] == [True] * 3
    assert [chunk.digest for chunk in value.chunks()] == [digest_bytes(chunk.raw) for chunk in value.chunks()]


def test_a_list_that_grew_keeps_the_pieces_it_had() -> None:
    words = [TEXT + str(n) for n in range(20)]
    before = pack(SERDE, words[:14])
    after = pack(SERDE, words, before)
    assert joined(after) == SERDE.dumps_typed(words)[1]
    assert list(after.chunks())[:14] == list(before.chunks())
    changed = pack(SERDE, ["other", *words[1:]], before)
    assert joined(changed) == SERDE.dumps_typed(["other", *words[1:]])[1]
    assert not set(map(id, changed.chunks())) & set(map(id, before.chunks()))


def test_bytes_that_are_not_msgpack_are_one_piece() -> None:
    value = pack(SERDE, b"\x00" * 1000)
    assert (value.tag, len(list(value.chunks()))) == ("bytes", 1)


@given(st.lists(st.integers(0, 5000) | st.binary(min_size=1, max_size=8), max_size=30))
def test_a_recipe_names_literals_and_chunks_in_their_order(wanted: list[int | bytes]) -> None:
    parts = [w if isinstance(w, bytes) else Chunk(str(w).encode(), b"") for w in wanted]
    numbers = {str(w).encode(): w for w in wanted if isinstance(w, int)}
    read: list[int | bytes] = []
    for piece in read_recipe(write_recipe(parts, numbers)):
        read += piece if isinstance(piece, range) else [piece]
    assert read == wanted


def test_chunks_in_a_row_are_one_range() -> None:
    chunks = [Chunk(bytes([n]), b"") for n in range(5)]
    recipe = write_recipe(chunks, {chunk.digest: 70 + n for n, chunk in enumerate(chunks)})
    assert (read_recipe(recipe), len(recipe)) == ([range(70, 75)], 3)


@pytest.mark.parametrize("recipe", [b"\x03", b"\x06\xff\xff\xff\x7f", b"\x05", b"\x80"])
def test_what_no_recipe_can_be_is_refused(recipe: bytes) -> None:
    with pytest.raises(CorruptionError):
        read_recipe(recipe)


def test_a_recipe_has_a_tag_where_it_is_not_msgpack() -> None:
    assert pieces_of(write_recipe([b"ab"], {})) == pieces_of((MSGPACK, write_recipe([b"ab"], {}))) == [b"ab"]
    for foreign in ((1, b""), ("bytes",), ("bytes", "text")):
        with pytest.raises(CorruptionError):
            pieces_of(foreign)


@given(st.lists(st.integers(1, 30_000), max_size=300))
def test_packs_are_full_but_not_too_large(sizes: list[int]) -> None:
    counts = list(pack_sizes(sizes))
    assert sum(counts) == len(sizes)
    left = iter(sizes)
    for count in counts:
        part = [next(left) for _ in range(count)]
        assert 1 <= count <= SLOTS and (count == 1 or sum(part) <= 24_576)


def test_the_packs_of_a_range_are_those_it_touches() -> None:
    assert packs_of(range(SLOTS - 1, SLOTS)) == range(1)
    assert packs_of(range(SLOTS - 1, 2 * SLOTS + 1)) == range(3)


def test_a_pack_a_task_s_writes_and_a_manifest_come_back() -> None:
    made = codec()
    assert open_pack(made, 3, seal_pack(made, [b"a", b"", TEXT.encode()])) == [b"a", b"", TEXT.encode()]
    entries: list[list[Any]] = [[0, "messages", b"\x04a"], [-1, "__error__", ["bytes", b"\x04b"]]]
    assert open_writes(made, seal_writes(made, "path", entries)) == ("path", entries)
    raw = write_manifest((MSGPACK, b"head"), {"a": b"\x04a", "b": ("bytes", b"\x04b")})
    assert read_manifest(raw).channels == {"a": b"\x04a", "b": ["bytes", b"\x04b"]}
    assert read_manifest(raw).head == (MSGPACK, b"head")


def test_what_is_no_manifest_and_no_writes_is_refused() -> None:
    made = codec()
    with pytest.raises(CorruptionError, match="manifest"):
        read_manifest(b"\x01")
    with pytest.raises(CorruptionError, match="writes"):
        open_writes(made, made.seal(b"\x92\xa1p\x91\x93\xa10\xa1c\xa1r"))


def test_every_sixteenth_manifest_is_whole_and_the_others_need_their_parent_s() -> None:
    made, base, depths = codec(), None, []
    for number in range(33):
        raw = write_manifest((MSGPACK, str(number).encode()), {"a": b"\x04a"})
        depth, body = seal_manifest(made, raw, base)
        assert open_manifest(made, depth, body, base[0] if base else None) == raw
        if depth:
            with pytest.raises(CorruptionError, match="parent is missing"):
                open_manifest(made, depth, body, None)
        base = (raw, depth)
        depths.append(depth)
    assert depths == [*range(16), *range(16), 0]
