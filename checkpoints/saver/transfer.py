"""A thread's checkpoints copied into another database, with what is pending after each."""

from __future__ import annotations

from collections.abc import Iterator

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from .database.lines import CheckpointLine, find_lines, line_by_number
from .database.statements import Statements
from .packing.bodies import open_writes
from .packing.encoding import decode_id, encode_id
from .reader import CheckpointReader
from .saver import SQLAlchemySaver

_AT_ONCE = 50
"""Checkpoints read together."""


def copy_checkpoints(source: SQLAlchemySaver, target: SQLAlchemySaver, thread_id: str) -> int:
    """Copy all of a thread, in place of what the target has of it; how many checkpoints there were.

    What it was forked from must be in the target already: the copy is forked from that, and shares its beginning.

    Raises:
        NotFoundError: the target lacks it.
        StoreError, CorruptionError: one of the databases fails, or what is read is damaged.
    """
    count = 0
    target.delete_thread(thread_id)
    with source.store.read() as connection:
        db = Statements(connection)
        reader = CheckpointReader(db, source.serde)
        for line in find_lines(db, thread_id, None):
            if len(line.segments) > 1:
                _fork(db, line, target)
            for found in _own(db, reader, line):
                place = found.parent_config or _place(line)
                target.put(place, found.checkpoint, found.metadata, found.checkpoint["channel_versions"])
                count += 1
            _copy_writes(db, reader, line, target)
    return count


def _place(line: CheckpointLine) -> RunnableConfig:
    return {"configurable": {"thread_id": line.thread_id, "checkpoint_ns": line.ns}}


def _fork(db: Statements, line: CheckpointLine, target: SQLAlchemySaver) -> None:
    number, limit = line.segments[1]
    assert limit is not None, "what is inherited ends at a checkpoint"
    target.fork_thread(line_by_number(db, number).thread_id, decode_id(limit), line.thread_id)


def _own(db: Statements, reader: CheckpointReader, line: CheckpointLine) -> Iterator[CheckpointTuple]:
    """The line's own checkpoints, oldest first."""
    rows = db.execute("SELECT id FROM checkpoint WHERE line = ? ORDER BY id", (line.own,)).fetchall()
    ids = [bytes(row[0]) for row in rows]
    for at in range(0, len(ids), _AT_ONCE):
        found = reader.found(line, [(line.own, key) for key in ids[at : at + _AT_ONCE]])
        yield from sorted(reader.tuples(found), key=lambda one: encode_id(one.checkpoint["id"]))


def _copy_writes(
    db: Statements, reader: CheckpointReader, line: CheckpointLine, target: SQLAlchemySaver
) -> None:
    """What the line's own tasks wrote, after its own checkpoints and after the one that it was forked from."""
    rows = db.execute("SELECT id, task, body FROM pending_write WHERE line = ?", (line.own,)).fetchall()
    paths: dict[bytes, dict[str, str]] = {}
    for key, task, body in rows:
        paths.setdefault(bytes(key), {})[decode_id(bytes(task))] = open_writes(db.codec, bytes(body))[0]
    for key, tasks in paths.items():
        found = reader.find(line.thread_id, line.ns, key)
        if found is None:  # its checkpoint was never stored, so nothing will ask for them
            continue
        one = reader.read_tuple(found)
        for task, path in tasks.items():
            written = [(channel, value) for by, channel, value in one.pending_writes or () if by == task]
            target.put_writes(one.config, written, task, path)
