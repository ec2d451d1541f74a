"""Bodies of rows: packs filled in order, manifests whole or against their parents, writes of tasks; all sealed."""

from __future__ import annotations

from typing import Any

import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.checkpoints.saver.packing.bodies import (
    SLOTS,
    Manifest,
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
from segue.checkpoints.saver.packing.compression import Codec, packaged_dictionary
from segue.core.errors import CorruptionError

CODEC = Codec({1: packaged_dictionary()})
PACK = 24_576


@given(st.lists(st.integers(0, 30_000), max_size=200))
def test_packs_take_all_chunks_in_order_and_none_that_would_make_them_too_long(sizes: list[int]) -> None:
    counts = list(pack_sizes(sizes))
    assert sum(counts) == len(sizes) and all(0 < count <= SLOTS for count in counts)
    at = 0
    for count in counts:
        held, at = sizes[at : at + count], at + count
        assert count == 1 or sum(held) <= PACK
        following = sizes[at : at + 1]
        assert not following or count == SLOTS or sum(held) + following[0] > PACK, "it was not full"


def test_a_pack_takes_exactly_what_fits() -> None:
    assert list(pack_sizes([PACK - 1, 1, 1])) == [2, 1]
    assert list(pack_sizes([0] * SLOTS)) == [SLOTS] and list(pack_sizes([0] * (SLOTS + 1))) == [SLOTS, 1]
    assert list(pack_sizes([PACK * 2, 5])) == [1, 1] and list(pack_sizes([])) == []


@pytest.mark.parametrize(
    ("chunks", "packs"),
    [
        (range(SLOTS, SLOTS + 1), [1]),
        (range(SLOTS - 1, SLOTS + 1), [0, 1]),
        (range(3 * SLOTS, 5 * SLOTS), [3, 4]),
        (range(3 * SLOTS, 5 * SLOTS + 1), [3, 4, 5]),
    ],
)
def test_the_packs_of_some_chunks(chunks: range, packs: list[int]) -> None:
    assert list(packs_of(chunks)) == packs


def test_a_pack_is_read_back_and_names_itself_when_it_is_damaged() -> None:
    chunks = [b"", b"one chunk " * 30, b"\xff\x00"]
    sealed = seal_pack(CODEC, iter(chunks))
    assert open_pack(CODEC, 7, sealed) == chunks
    with pytest.raises(CorruptionError, match="pack 7 does not match its digest"):
        open_pack(CODEC, 7, bytes([sealed[0] ^ 1]) + sealed[1:])


def test_a_manifest_is_read_back() -> None:
    channels: dict[str, Any] = {"b": b"recipe", "a": ("tag", b"other")}
    found = read_manifest(write_manifest(("msgpack", b"head"), channels))
    assert found == Manifest(("msgpack", b"head"), {"b": b"recipe", "a": ["tag", b"other"]})
    assert list(found.channels) == ["b", "a"], "in the checkpoint's order"


@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x93\x01", ormsgpack.packb([1, 2]), ormsgpack.packb(7)])
def test_what_is_no_manifest_is_damage(raw: bytes) -> None:
    with pytest.raises(CorruptionError, match="a stored manifest cannot be read: "):
        read_manifest(raw)


def test_a_manifest_is_told_by_its_difference_until_a_whole_one_is_due() -> None:
    raw = write_manifest(("msgpack", b"head " * 400), {f"channel {n}": bytes([n]) * 40 for n in range(30)})
    depth, body = seal_manifest(CODEC, raw)
    assert depth == 0 and open_manifest(CODEC, 0, body, None) == raw
    whole, depths = len(body), []
    for number in range(34):
        after = raw[:-1] + bytes([number])
        depth, body = seal_manifest(CODEC, after, (raw, depth))
        depths.append(depth)
        assert open_manifest(CODEC, depth, body, raw if depth else None) == after
        assert depth == 0 or len(body) < whole / 4
        raw = after
    assert depths == [*range(1, 16), 0, *range(1, 16), 0, 1, 2]


def test_a_difference_without_its_parent_is_damage() -> None:
    parent = b"".join(b"%04d" % (n * n % 9973) for n in range(200))
    depth, body = seal_manifest(CODEC, parent + b" and more", (parent, 3))
    assert depth == 4
    with pytest.raises(CorruptionError, match="a checkpoint's parent is missing"):
        open_manifest(CODEC, depth, body, None)
    with pytest.raises(CorruptionError):
        open_manifest(CODEC, depth, body, parent[::-1])


def test_a_whole_manifest_needs_no_parent_even_when_there_is_one() -> None:
    _, body = seal_manifest(CODEC, b"a manifest")
    assert open_manifest(CODEC, 0, body, b"some parent") == b"a manifest"


def test_a_task_s_writes_are_read_back() -> None:
    entries: list[list[Any]] = [[0, "messages", b"recipe"], [-1, "__error__", ["tag", b"other"]]]
    assert open_writes(CODEC, seal_writes(CODEC, "path", entries)) == ("path", entries)
    assert open_writes(CODEC, seal_writes(CODEC, "", [])) == ("", [])
    sealed = seal_writes(CODEC, "path", entries)
    with pytest.raises(CorruptionError, match=r"^what a task wrote does not match its digest"):
        open_writes(CODEC, bytes([sealed[0] ^ 1]) + sealed[1:])


@pytest.mark.parametrize(
    "content",
    [["path", [["0", "messages", b""]]], ["path", [[0, 1, b""]]], ["path", [[0, "messages"]]], ["path"], 7],
)
def test_what_is_no_task_s_writes_is_damage(content: Any) -> None:
    with pytest.raises(CorruptionError, match="a task's writes"):
        open_writes(CODEC, CODEC.seal(ormsgpack.packb(content)))
