"""Checkpoints read from the store, as LangGraph wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
    PendingWrite,
)
from langgraph.checkpoint.base import writes_sort_key as sort_key
from langgraph.checkpoint.serde.base import SerializerProtocol

from .database.chunks import Chunks
from .database.lines import (
    CheckpointLine,
    CheckpointRow,
    find_line,
    find_manifest,
    latest,
    optional,
    owner,
    path,
    read_manifests,
)
from .database.statements import Statements
from .packing.bodies import Manifest, open_writes, read_manifest
from .packing.compression import damaged
from .packing.encoding import decode_id

_PAGE = 32
_COUNTERS = "counters_since_delta_snapshot"
"""Metadata in which LangGraph counts, for each delta channel, the steps since its value was stored."""


@dataclass(frozen=True, slots=True)
class FoundCheckpoint:
    """A checkpoint without its values."""

    line: CheckpointLine
    id: bytes
    parent: bytes | None
    run: bytes | None
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class StoredWrite:
    """One write of a task, its value not yet read."""

    order: tuple[str, str, int]
    task: str
    channel: str
    recipe: Any


class CheckpointReader:
    """Reads within one transaction."""

    def __init__(self, db: Statements, serde: SerializerProtocol) -> None:
        self._db = db
        self._serde = serde
        self._chunks = Chunks(db)

    def find(self, thread_id: str, ns: str, key: bytes | None) -> FoundCheckpoint | None:
        """A thread's checkpoint, the newest where `key` is None."""
        line = find_line(self._db, thread_id, ns)
        if line is None:
            return None
        if key is None:
            key = latest(self._db, line)
            if key is None:
                return None
        elif len(line.segments) > 1 and owner(self._db, line, key) is None:
            return None
        found = find_manifest(self._db, line.segments, key)
        if found is None:
            return None
        raw, row = found
        return FoundCheckpoint(line, key, row.parent, row.run, read_manifest(raw))

    def read_tuple(self, found: FoundCheckpoint) -> CheckpointTuple:
        """The checkpoint with its values and pending writes; all of it the caller's own."""
        return self.tuples([found])[0]

    def tuples(self, found: Sequence[FoundCheckpoint]) -> list[CheckpointTuple]:
        """Several checkpoints, their common pieces read once."""
        writes = self._pending(found)
        recipes = [recipe for f in found for recipe in f.manifest.channels.values()]
        recipes += [write.recipe for of_one in writes for write in of_one]
        self._chunks.read(recipes)
        return [self._tuple(f, w) for f, w in zip(found, writes, strict=True)]

    def _tuple(self, found: FoundCheckpoint, writes: list[StoredWrite]) -> CheckpointTuple:
        checkpoint, metadata = self.head(found)
        values = {n: self._chunks.load(self._serde, r) for n, r in found.manifest.channels.items()}
        checkpoint = {**checkpoint, "id": decode_id(found.id), "channel_values": values}
        line = found.line
        ids = [decode_id(key) for key in (found.id, found.parent) if key is not None]
        config, *parent = (config_of(line.thread_id, line.ns, checkpoint_id) for checkpoint_id in ids)
        return CheckpointTuple(
            config,
            cast(Checkpoint, checkpoint),
            cast(CheckpointMetadata, metadata),
            parent[0] if parent else None,
            [self._write(write) for write in writes],
        )

    def _write(self, write: StoredWrite) -> PendingWrite:
        return (write.task, write.channel, self._chunks.load(self._serde, write.recipe))

    def head(self, found: FoundCheckpoint) -> tuple[dict[str, Any], dict[str, Any]]:
        """The checkpoint without id and values, and its metadata."""
        try:
            checkpoint, metadata = self._serde.loads_typed(found.manifest.head)
        except (TypeError, ValueError) as error:
            raise damaged(f"checkpoint {decode_id(found.id)} has no readable head: {error}") from error
        if found.run is not None:
            metadata["run_id"] = decode_id(found.run)
        return checkpoint, metadata

    def _pending(self, found: Sequence[FoundCheckpoint]) -> list[list[StoredWrite]]:
        """The writes after each checkpoint, in the order in which a run applies them."""
        by_line: dict[int, tuple[CheckpointLine, list[bytes]]] = {}
        for f in found:
            by_line.setdefault(f.line.own, (f.line, []))[1].append(f.id)
        writes = {own: self.writes(line, ids) for own, (line, ids) in by_line.items()}
        return [writes[f.line.own].get(f.id, []) for f in found]

    def writes(self, line: CheckpointLine, ids: Sequence[bytes]) -> dict[bytes, list[StoredWrite]]:
        """Checkpoint -> its writes as the line sees them; those pending where a fork left off are not seen."""
        seen: dict[bytes, dict[tuple[str, int], StoredWrite]] = {}
        sql = "SELECT id, task, body FROM pending_write WHERE line = ? AND id {}"
        for segment in line.segments:
            wanted = [key for key in ids if key != segment.limit]
            for key, task, body in self._db.among(sql, wanted, segment.line):
                self._add_writes(seen.setdefault(bytes(key), {}), decode_id(bytes(task)), bytes(body))
        return {key: sorted(found.values(), key=lambda w: w.order) for key, found in seen.items()}

    def _add_writes(self, seen: dict[tuple[str, int], StoredWrite], task: str, body: bytes) -> None:
        where, entries = open_writes(self._db.codec, body)
        for place, channel, recipe in entries:
            write = StoredWrite(sort_key(where, task, place), task, channel, recipe)
            seen.setdefault((task, place), write)

    def delta_history(
        self, found: FoundCheckpoint, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """For each channel what was written to it since the nearest stored value on the way to the root."""
        collected: dict[str, list[StoredWrite]] = {name: [] for name in channels}
        seeds: dict[str, Any] = {}
        remaining = set(channels)
        start = found.parent
        steps = list(path(self._db, found.line.segments, start)) if start is not None else []
        for at in range(0, len(steps), _PAGE):
            if not remaining:
                break
            self._walk(found.line, steps[at : at + _PAGE], collected, seeds, remaining)
        self._chunks.read([w.recipe for ws in collected.values() for w in ws] + list(seeds.values()))
        history: dict[str, DeltaChannelHistory] = {}
        for name in channels:
            entry: DeltaChannelHistory = {"writes": [self._write(w) for w in reversed(collected[name])]}
            if name in seeds:
                entry["seed"] = self._chunks.load(self._serde, seeds[name])
            history[name] = entry
        return history

    def _walk(
        self,
        line: CheckpointLine,
        steps: Sequence[tuple[int, bytes]],
        collected: dict[str, list[StoredWrite]],
        seeds: dict[str, Any],
        remaining: set[str],
    ) -> None:
        """Take one page of ancestors into account, nearest first."""
        manifests = self.manifests(line, steps)
        writes = self.writes(line, [key for _, key in steps])
        for _, key in steps:
            for write in reversed(writes.get(key, [])):
                if write.channel in remaining:
                    collected[write.channel].append(write)
            stored = manifests[key].channels
            for name in remaining & stored.keys():
                seeds[name] = stored[name]
                remaining.discard(name)

    def snapshot_ancestors(self, line: CheckpointLine, newest: bytes) -> set[bytes]:
        """The ancestors of a checkpoint back to a stored value of each of its delta channels."""
        found = self.find(line.thread_id, line.ns, newest)
        if found is None:
            return set()
        _, metadata = self.head(found)
        remaining = set(metadata.get(_COUNTERS) or ()) - found.manifest.channels.keys()
        keep: set[bytes] = set()
        steps = list(path(self._db, line.segments, found.parent)) if found.parent is not None else []
        for step in steps:
            if not remaining:
                break
            keep.add(step[1])
            remaining -= self.manifests(line, [step])[step[1]].channels.keys()
        return keep

    def manifests(self, line: CheckpointLine, steps: Iterable[tuple[int, bytes]]) -> dict[bytes, Manifest]:
        """Manifests of checkpoints given with the lines they are in."""
        return {f.id: f.manifest for f in self.found(line, steps)}

    def found(self, line: CheckpointLine, steps: Iterable[tuple[int, bytes]]) -> list[FoundCheckpoint]:
        """The checkpoints at these places, in their order."""
        by_line: dict[int, list[bytes]] = {}
        places = list(steps)
        for number, key in places:
            by_line.setdefault(number, []).append(key)
        rows: dict[bytes, CheckpointRow] = {}
        sql = "SELECT id, parent, depth, body, run FROM checkpoint WHERE line = ? AND id {}"
        for number, keys in by_line.items():
            for key, parent, depth, body, run in self._db.among(sql, keys, number):
                rows[bytes(key)] = CheckpointRow(bytes(key), optional(parent), depth, body, optional(run))
        raw = read_manifests(self._db, line, rows.values())
        wanted = [key for _, key in places if key in rows]
        return [FoundCheckpoint(line, k, rows[k].parent, rows[k].run, read_manifest(raw[k])) for k in wanted]


def config_of(thread_id: str, ns: str, checkpoint_id: str) -> RunnableConfig:
    """LangGraph's config for one checkpoint."""
    named = {"thread_id": thread_id, "checkpoint_ns": ns, "checkpoint_id": checkpoint_id}
    return {"configurable": named}
