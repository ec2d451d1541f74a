"""The bodies of rows, each sealed: what a checkpoint consists of, chunks stored together, what a task wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ormsgpack

from .compression import Codec, damaged

SLOTS = 64
"""Chunks in a pack, at most; a chunk's number is its pack's times this, plus its place in it."""
INDEXED = 512
"""Bytes from which a chunk can be found by its content; shorter ones are only found through a parent."""
_PACK_SIZE = 24_576
"""Bytes after which a pack is closed: it is unpacked whole for any of its chunks."""
_WHOLE_EVERY = 16
"""A manifest this many steps from a whole one is itself whole, so that a reader has few to unpack."""


def pack_sizes(sizes: Iterable[int]) -> Iterator[int]:
    """For chunks of these sizes in bytes, how many go into each pack, in order."""
    count = total = 0
    for size in sizes:
        if count == SLOTS or (count and total + size > _PACK_SIZE):
            yield count
            count = total = 0
        count += 1
        total += size
    if count:
        yield count


def packs_of(chunks: range) -> range:
    """The packs that hold the chunks of these numbers."""
    return range(chunks.start // SLOTS, (chunks.stop - 1) // SLOTS + 1)


def seal_pack(codec: Codec, chunks: Iterable[bytes]) -> bytes:
    """The chunks of one pack, compressed together."""
    return codec.seal(ormsgpack.packb(list(chunks)))


def open_pack(codec: Codec, number: int, data: bytes) -> list[bytes]:
    """The chunks of a pack. Raises `CorruptionError` where they are not those that were written."""
    chunks: list[bytes] = ormsgpack.unpackb(codec.unseal(f"pack {number}", data))
    return chunks


@dataclass(frozen=True, slots=True)
class Manifest:
    """A checkpoint without its values' bytes.

    Attributes:
        head: tag and bytes of [checkpoint without values, metadata] as the serializer made them.
        channels: name -> recipe, or (tag, recipe) for bytes that are not msgpack; in the checkpoint's order.
    """

    head: tuple[str, bytes]
    channels: dict[str, Any]


def write_manifest(head: tuple[str, bytes], channels: dict[str, bytes | tuple[str, bytes]]) -> bytes:
    """The manifest as bytes; similar manifests give similar bytes."""
    tag, data = head
    return ormsgpack.packb([tag, channels, data])


def read_manifest(raw: bytes) -> Manifest:
    """What `write_manifest` was given. Raises `CorruptionError` for anything else."""
    try:
        unpacked: list[Any] = ormsgpack.unpackb(raw)
        tag, channels, head = unpacked
        return Manifest((tag, head), channels)
    except (ValueError, TypeError) as error:
        raise damaged(f"a stored manifest cannot be read: {error}") from error


def seal_manifest(codec: Codec, raw: bytes, base: tuple[bytes, int] | None = None) -> tuple[int, bytes]:
    """Depth and body of a manifest, against the parent's (its bytes and its depth) where that is short enough."""
    if base is not None and base[1] + 1 < _WHOLE_EVERY:
        return base[1] + 1, codec.seal(raw, base[0])
    return 0, codec.seal(raw)


def open_manifest(codec: Codec, depth: int, body: bytes, base: bytes | None) -> bytes:
    """The manifest's bytes; `base` is the parent's manifest, needed from depth 1 on.

    Raises:
        CorruptionError: the bytes are not what was stored.
    """
    if depth and base is None:
        raise damaged("a checkpoint's parent is missing, and its manifest tells only the difference")
    return codec.unseal("a checkpoint's manifest", body, base if depth else None)


def seal_writes(codec: Codec, path: str, entries: Sequence[list[Any]]) -> bytes:
    """What a task wrote; an entry is [place, channel, recipe]."""
    return codec.seal(ormsgpack.packb([path, entries]))


def open_writes(codec: Codec, body: bytes) -> tuple[str, list[list[Any]]]:
    """What `seal_writes` was given. Raises `CorruptionError` for anything else."""
    raw = codec.unseal("what a task wrote", body)
    try:
        path, entries = ormsgpack.unpackb(raw)
        for place, channel, _ in entries:
            if not isinstance(place, int) or not isinstance(channel, str):
                raise damaged("a task's writes are not what was written")
    except (ValueError, TypeError) as error:
        raise damaged(f"a task's writes cannot be read: {error}") from error
    return path, entries
