"""Values in pieces: joined they are what the serializer made; long parts are shared; lists cost their news."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from segue.checkpoints.saver.packing.values import (
    INLINE,
    Chunk,
    PackedValue,
    Part,
    pack,
    pieces_of,
    read_recipe,
    recipe_parts,
    write_recipe,
)
from segue.core.errors import CorruptionError

SERDE = JsonPlusSerializer()
LONG = "la " * 40


def joined(packed: PackedValue) -> bytes:
    return b"".join(part.raw if isinstance(part, Chunk) else part for part in packed.parts)


def chunks(packed: PackedValue) -> set[bytes]:
    return {chunk.raw for chunk in packed.chunks()}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**60) | st.text(max_size=90) | st.binary(max_size=70),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)


@settings(deadline=None)
@given(JSON)
def test_pieces_joined_are_the_serializer_s_bytes(value: Any) -> None:
    packed = pack(SERDE, value)
    assert (packed.tag, joined(packed)) == SERDE.dumps_typed(value)
    assert all(len(chunk.raw) > INLINE for chunk in packed.chunks())


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(JSON, max_size=6), st.lists(JSON, max_size=4))
def test_a_list_that_grew_is_its_old_pieces_and_the_new_items(before: list[Any], more: list[Any]) -> None:
    grown = [*before, *more]
    packed = pack(SERDE, grown, pack(SERDE, before))
    assert joined(packed) == SERDE.dumps_typed(grown)[1]
    assert SERDE.loads_typed((packed.tag, joined(packed))) == SERDE.loads_typed(SERDE.dumps_typed(grown))


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 5, 15, 16, 17, 70_000])
def test_a_grown_list_shares_every_old_piece(count: int) -> None:
    item = {"text": LONG}
    before = pack(SERDE, [item] * count)
    after = pack(SERDE, [*([item] * count), {"text": LONG + "new"}], before)
    kept = [part for part in before.parts if isinstance(part, Chunk)]
    assert [part for part in after.parts if isinstance(part, Chunk)][:count] == kept
    assert after.items == count + 1 and len(chunks(after)) == 2


def test_a_list_that_changed_is_packed_anew() -> None:
    before = pack(SERDE, [{"text": LONG}, {"text": LONG + "b"}])
    for other in ([{"text": LONG + "c"}], [{"text": LONG}], [], "text " * 30, {"a": LONG}):
        assert joined(pack(SERDE, other, before)) == SERDE.dumps_typed(other)[1]
    shorter = pack(SERDE, [{"text": LONG}], before)
    assert shorter.items == 1


def test_what_is_short_stays_where_it_is_used() -> None:
    for value in (None, 1, "short", [1, 2], {"a": 1}, b"\x00" * 40):
        assert not list(pack(SERDE, value).chunks())
    assert not list(pack(SERDE, "x" * (INLINE - 2)).chunks())
    assert len(list(pack(SERDE, "x" * (INLINE + 1)).chunks())) == 1


def test_long_items_of_a_large_dict_are_pieces_of_their_own() -> None:
    catalog = {f"track {n}": {"title": f"song {n}", "lyrics": f"{n} " + LONG} for n in range(12)}
    changed = {**catalog, "track 3": {"title": "another", "lyrics": "other " + LONG}}
    before, after = chunks(pack(SERDE, catalog)), chunks(pack(SERDE, changed))
    assert len(before) == 12 and len(after - before) == 1


def test_a_small_dict_is_one_piece() -> None:
    assert len(chunks(pack(SERDE, {"a": LONG, "b": LONG}))) == 1
    assert len(chunks(pack(SERDE, {str(n): f"{n} {LONG}" for n in range(6)}))) == 6


def test_what_is_nested_is_taken_apart_where_it_is_large() -> None:
    inner = {f"key {n}": f"{n} {LONG * 6}" for n in range(6)}
    one = chunks(pack(SERDE, {"outer": {"inner": inner}}))
    other = chunks(pack(SERDE, {"outer": {"inner": {**inner, "key 1": "changed " + LONG * 6}}}))
    assert len(one & other) == 5 and len(other - one) == 1
    small = {"outer": {f"key {n}": f"{n} {LONG}" for n in range(6)}}
    assert len(chunks(pack(SERDE, small))) == 1, "up to 2,048 bytes an item stays whole"


def test_bytes_that_are_not_msgpack_are_one_piece() -> None:
    packed = pack(SERDE, b"\xff" * 100)
    assert packed.tag == "bytes" and chunks(packed) == {b"\xff" * 100}


class Growing(list[Any]):
    """No plain list: it is packed as a whole."""


def test_a_list_of_a_class_of_its_own_is_not_taken_for_a_plain_one() -> None:
    value = Growing([{"text": LONG}] * 3)
    packed = pack(SERDE, value)
    assert joined(packed) == SERDE.dumps_typed(value)[1] and packed.payload is None


PARTS = st.lists(st.binary(min_size=1, max_size=9) | st.integers(0, 40) | st.integers(0, 2**40), max_size=20)


def as_parts(listed: list[bytes | int]) -> tuple[list[Part], dict[bytes, int]]:
    names = {number: b"%016d" % number for number in listed if isinstance(number, int)}
    parts: list[Part] = [
        Chunk(names[one], b"") if isinstance(one, int) else one for one in listed
    ]  # fmt: skip
    return parts, {name: number for number, name in names.items()}


@given(PARTS)
def test_a_recipe_names_the_same_chunks_and_literals(listed: list[bytes | int]) -> None:
    found: list[bytes | int] = []
    for piece in read_recipe(write_recipe(*as_parts(listed))):
        found += [piece] if isinstance(piece, bytes) else list(piece)
    assert b"".join(p if isinstance(p, bytes) else b"<%d>" % p for p in found) == b"".join(
        p if isinstance(p, bytes) else b"<%d>" % p for p in listed
    )


def test_chunks_in_a_row_are_one_run_and_cost_three_bytes() -> None:
    recipe = write_recipe(*as_parts(list(range(100, 1100))))
    assert read_recipe(recipe) == [range(100, 1100)] and len(recipe) <= 4
    assert read_recipe(write_recipe(*as_parts([5, 6, 8, 7, b"x", 8]))) == [
        range(5, 7), range(8, 9), range(7, 8), b"x", range(8, 9),
    ]  # fmt: skip


@pytest.mark.parametrize("recipe", [b"\x03", b"\x05", b"\x81", b"\x02\xff\xff\xff\x7f"])
def test_what_no_writer_can_have_made_is_damage(recipe: bytes) -> None:
    with pytest.raises(CorruptionError):
        read_recipe(recipe)


def test_a_recipe_has_a_tag_where_it_is_not_msgpack() -> None:
    assert recipe_parts(b"\x04a") == ("msgpack", b"\x04a")
    assert recipe_parts(["bytes", b"\x04a"]) == ("bytes", b"\x04a")
    assert pieces_of(["bytes", b"\x04a"]) == pieces_of(b"\x04a") == [b"a"]
    for wrong in (["bytes"], [1, b"a"], ["bytes", "a"], ["bytes", b"a", b"b"]):
        with pytest.raises(CorruptionError, match="not what was written"):
            recipe_parts(wrong)
