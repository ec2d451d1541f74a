"""Packs: chunks stored together, and the numbers by which they are found again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import ormsgpack

from .compression import Codec, damaged
from .encoding import digest_bytes

SLOTS = 64
"""Chunks in a pack, at most; a chunk's number is its pack's times this, plus its place in it."""
PACK_SIZE = 24_576
"""Bytes after which a pack is closed: it is unpacked whole for any of its chunks."""
INDEXED = 512
"""Bytes from which a chunk can be found by its content; shorter ones are only found through a parent."""
_SEAL = 4


def pack_of(number: int) -> int:
    """The pack that holds the chunk of that number."""
    return number // SLOTS


def in_packs(sizes: Iterable[int]) -> Iterator[int]:
    """For chunks of these sizes, how many go into each pack, in order."""
    count = total = 0
    for size in sizes:
        if count == SLOTS or (count and total + size > PACK_SIZE):
            yield count
            count = total = 0
        count += 1
        total += size
    if count:
        yield count


def write_pack(codec: Codec, chunks: Sequence[bytes]) -> bytes:
    """The chunks as one row's data: a seal, then the chunks compressed together."""
    raw = ormsgpack.packb(list(chunks))
    return digest_bytes(raw)[:_SEAL] + codec.pack(raw)


def read_pack(codec: Codec, number: int, data: bytes) -> list[bytes]:
    """The chunks of a pack. Raises `CorruptionError` where they are not those that were written."""
    raw = codec.unpack(data[_SEAL:])
    if digest_bytes(raw)[:_SEAL] != data[:_SEAL]:
        raise damaged(f"pack {number} does not match its digest")
    chunks: list[bytes] = ormsgpack.unpackb(raw)
    return chunks
