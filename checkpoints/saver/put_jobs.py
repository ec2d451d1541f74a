"""What the saver writes: a checkpoint, and the writes of a task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .database.lines import find_manifest, line_by_number
from .database.transaction import Transaction
from .packing.bodies import open_writes, seal_manifest, seal_writes, write_manifest
from .packing.values import MSGPACK, PackedValue
from .rewriting import keep_forks, make_whole

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
    channels: dict[str, PackedValue]

    @property
    def base(self) -> bytes | None:
        return self.parent

    def values(self) -> Iterable[PackedValue]:
        return self.channels.values()

    def run(self, transaction: Transaction) -> None:
        line = transaction.line(self.thread_id, self.ns)
        raw = write_manifest(self.head, {n: _recipe(transaction, p) for n, p in self.channels.items()})
        depth, body = seal_manifest(transaction.codec, raw, self._base(transaction, line))
        row = (line, self.key, self.parent, self.run_id, depth, body)
        if not (transaction.careful and _replace(transaction, row)):
            transaction.insert(_INSERT, row)
        transaction.state.keep_manifest(line, self.key, raw, depth)

    def _base(self, transaction: Transaction, line: int) -> tuple[bytes, int] | None:
        if self.parent is None or self.parent == self.key:
            return None
        known = transaction.state.manifests.get((line, self.parent))
        if known is not None:
            return known
        transaction.flush()
        found = find_manifest(transaction, line_by_number(transaction, line).segments, self.parent)
        return (found[0], found[1].depth) if found else None


def _recipe(transaction: Transaction, packed: PackedValue) -> bytes | tuple[str, bytes]:
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
    value: PackedValue


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

    def values(self) -> Iterable[PackedValue]:
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
            body = seal_writes(transaction.codec, self.path, list(new.values()))
            transaction.insert(_INSERT_WRITES, (line, self.key, self.task, body))
            return
        path, old = open_writes(transaction.codec, bytes(found[0]))
        merged = {entry[0]: entry for entry in old}
        merged |= {place: entry for place, entry in new.items() if place < 0 or place not in merged}
        body = seal_writes(transaction.codec, self.path or path, list(merged.values()))
        sql = "UPDATE pending_write SET body = ? WHERE line = ? AND id = ? AND task = ?"
        transaction.execute(sql, (body, line, self.key, self.task))
