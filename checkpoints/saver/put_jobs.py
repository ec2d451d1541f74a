"""What the saver writes: a checkpoint, and the writes of a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ormsgpack

from .database.lines import find_manifest, line_by_number
from .database.transaction import Transaction
from .packing.compression import Codec, damaged
from .packing.encoding import digest_bytes
from .packing.manifests import pack_body, write_manifest
from .packing.values import MSGPACK, Packed
from .rewriting import keep_forks, make_whole

_SEAL = 4
_INSERT = "INSERT INTO checkpoint (line, id, parent, run, depth, body) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_WRITES = "INSERT INTO pending_write (line, id, task, body) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class PutCheckpoint:
    """Store a checkpoint with all its values; what the store has already is not stored again."""

    thread_id: str
    ns: str
    key: bytes
    parent: bytes | None
    run_id: bytes | None
    head: tuple[str, bytes]
    channels: dict[str, Packed]

    @property
    def base(self) -> bytes | None:
        return self.parent

    def packed(self) -> Iterable[Packed]:
        return self.channels.values()

    def run(self, transaction: Transaction) -> None:
        line = transaction.line(self.thread_id, self.ns)
        assert line is not None
        raw = write_manifest(self.head, {n: _recipe(transaction, p) for n, p in self.channels.items()})
        depth, body = pack_body(transaction.codec, raw, self._base(transaction, line))
        row = (line, self.key, self.parent, self.run_id, depth, body)
        if not (transaction.careful and _replace(transaction, row)):
            transaction.insert(_INSERT, row)
        transaction.memory.remember(line, self.key, raw, depth)

    def _base(self, transaction: Transaction, line: int) -> tuple[bytes, int] | None:
        if self.parent is None or self.parent == self.key:
            return None
        known = transaction.memory.manifests.get((line, self.parent))
        if known is not None:
            return known
        transaction.flush()
        found = find_manifest(transaction, line_by_number(transaction, line).segments, self.parent)
        return (found[0], found[1].depth) if found else None


def _recipe(transaction: Transaction, packed: Packed) -> bytes | tuple[str, bytes]:
    recipe = transaction.recipe(packed)
    return recipe if packed.tag == MSGPACK else (packed.tag, recipe)


def _replace(transaction: Transaction, row: tuple[Any, ...]) -> bool:
    """Put `row` in the place of one of the same id; False where there is none."""
    line, key = row[0], row[1]
    transaction.flush()
    if (
        transaction.execute("SELECT 1 FROM checkpoint WHERE line = ? AND id = ?", (line, key)).fetchone()
        is None
    ):
        return False
    keep_forks(transaction, line)
    make_whole(transaction, line, [key])
    sql = "UPDATE checkpoint SET parent = ?, run = ?, depth = ?, body = ? WHERE line = ? AND id = ?"
    transaction.execute(sql, (*row[2:], line, key))
    transaction.replaced(line)
    return True


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a task: its place among the task's writes, its channel, its value."""

    place: int
    channel: str
    value: Packed


@dataclass(frozen=True, slots=True)
class PutWrites:
    """Store what a task wrote. A regular write that is there stays; a special one (place < 0) is replaced."""

    thread_id: str
    ns: str
    key: bytes
    task: bytes
    path: str
    writes: tuple[Write, ...]

    @property
    def base(self) -> bytes:
        return self.key

    def packed(self) -> Iterable[Packed]:
        return (write.value for write in self.writes)

    def run(self, transaction: Transaction) -> None:
        line = transaction.line(self.thread_id, self.ns)
        new: dict[int, Any] = {}
        for write in self.writes:
            if write.place < 0 or write.place not in new:
                new[write.place] = [write.place, write.channel, _recipe(transaction, write.value)]
        found = None
        if transaction.careful:
            transaction.flush()
            sql = "SELECT body FROM pending_write WHERE line = ? AND id = ? AND task = ?"
            found = transaction.execute(sql, (line, self.key, self.task)).fetchone()
        if found is None:
            body = pack_writes(transaction.codec, self.path, list(new.values()))
            transaction.insert(_INSERT_WRITES, (line, self.key, self.task, body))
            return
        path, old = unpack_writes(transaction.codec, bytes(found[0]))
        merged = {entry[0]: entry for entry in old}
        merged |= {place: entry for place, entry in new.items() if place < 0 or place not in merged}
        body = pack_writes(transaction.codec, self.path or path, list(merged.values()))
        sql = "UPDATE pending_write SET body = ? WHERE line = ? AND id = ? AND task = ?"
        transaction.execute(sql, (body, line, self.key, self.task))


def pack_writes(codec: Codec, path: str, entries: list[list[Any]]) -> bytes:
    """A task's writes as bytes; an entry is [place, channel, recipe]."""
    raw = ormsgpack.packb([path, entries])
    return digest_bytes(raw)[:_SEAL] + codec.pack(raw)


def unpack_writes(codec: Codec, body: bytes) -> tuple[str, list[list[Any]]]:
    """What `pack_writes` was given. Raises `CorruptionError` for anything else."""
    raw = codec.unpack(body[_SEAL:])
    if digest_bytes(raw)[:_SEAL] != body[:_SEAL]:
        raise damaged("a task's writes do not match their digest")
    try:
        path, entries = ormsgpack.unpackb(raw)
        for place, channel, _ in entries:
            if not isinstance(place, int) or not isinstance(channel, str):
                raise damaged("a task's writes are not what was written")
    except (ValueError, TypeError) as error:
        raise damaged(f"a task's writes cannot be read: {error}") from error
    return path, entries
