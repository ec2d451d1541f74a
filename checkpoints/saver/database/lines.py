"""Lines of checkpoints and their manifests: which checkpoints a thread sees, and what each consists of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..packing.bodies import open_manifest
from ..packing.compression import damaged
from .statements import Statements

_CHAIN = """
WITH RECURSIVE chain (id, parent, depth, body, run) AS (
    SELECT id, parent, depth, body, run FROM checkpoint WHERE line = ? AND id = ?
    UNION ALL
    SELECT c.id, c.parent, c.depth, c.body, c.run FROM chain
    JOIN checkpoint AS c ON c.line = ? AND c.id = chain.parent WHERE chain.depth > 0
)
SELECT id, parent, depth, body, run FROM chain
"""
_PATH = """
WITH RECURSIVE path (id, parent) AS (
    SELECT id, parent FROM checkpoint WHERE line = ? AND id = ?
    UNION ALL
    SELECT c.id, c.parent FROM path JOIN checkpoint AS c ON c.line = ? AND c.id = path.parent
)
SELECT id, parent FROM path
"""
_LATEST = "SELECT id FROM checkpoint WHERE line = ? ORDER BY id DESC LIMIT 1"


class Segment(NamedTuple):
    """A line, and for one that is inherited the checkpoint up to which it is."""

    line: int
    limit: bytes | None


class CheckpointRow(NamedTuple):
    """A stored checkpoint."""

    id: bytes
    parent: bytes | None
    depth: int
    body: bytes
    run: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """What one thread sees in one namespace: its own line, then those it was forked from, nearest first."""

    thread_id: str
    ns: str
    segments: tuple[Segment, ...]

    @property
    def own(self) -> int:
        return self.segments[0].line


def find_line(db: Statements, thread_id: str, ns: str) -> CheckpointLine | None:
    """The thread's line in the namespace."""
    return next(iter(find_lines(db, thread_id, ns)), None)


def find_lines(db: Statements, thread_id: str | None, ns: str | None) -> list[CheckpointLine]:
    """All lines, or those of a thread, or of a namespace."""
    return _lines(db, {"thread_id": thread_id, "ns": ns})


def line_by_number(db: Statements, number: int) -> CheckpointLine:
    """The line of that number, which must be there."""
    return _lines(db, {"line": number})[0]


def _lines(db: Statements, asked: Mapping[str, Any]) -> list[CheckpointLine]:
    wanted = {name: value for name, value in asked.items() if value is not None}
    where = " AND ".join(f"{name} = ?" for name in wanted) or "1 = 1"
    sql = f"SELECT line, origin, origin_id, thread_id, ns FROM line WHERE {where} ORDER BY line"
    rows = db.execute(sql, tuple(wanted.values())).fetchall()
    return [_line(db, row[3], row[4], row) for row in rows]


def _line(db: Statements, thread_id: str, ns: str, row: Sequence[Any]) -> CheckpointLine:
    segments = [Segment(row[0], None)]
    origin, limit = row[1], row[2]
    while origin is not None:
        segments.append(Segment(origin, bytes(limit)))
        found = db.execute("SELECT origin, origin_id FROM line WHERE line = ?", (origin,)).fetchone()
        if found is None:
            raise damaged(f"thread {thread_id!r} was forked from a line that is not there")
        origin, limit = found
    return CheckpointLine(thread_id, ns, tuple(segments))


def latest(db: Statements, line: CheckpointLine) -> bytes | None:
    """The id of the line's newest checkpoint."""
    row = db.execute(_LATEST, (line.own,)).fetchone()
    ids = [bytes(row[0])] if row else []
    if len(line.segments) > 1 and line.segments[1].limit is not None:
        ids.append(line.segments[1].limit)
    return max(ids, default=None)


def inherited(db: Statements, line: CheckpointLine) -> Iterator[tuple[int, bytes]]:
    """(line, id) of each checkpoint that the line has from those it was forked from, newest first."""
    rest = line.segments[1:]
    if rest and rest[0].limit is not None:
        yield from path(db, rest, rest[0].limit)


def path(db: Statements, segments: Sequence[Segment], start: bytes) -> Iterator[tuple[int, bytes]]:
    """(line, id) of the checkpoint and its ancestors, newest first, across the segments."""
    key: bytes | None = start
    for segment in segments:
        if key is None:
            return
        for row in _ordered(db.execute(_PATH, (segment.line, key, segment.line)).fetchall(), key):
            yield segment.line, bytes(row[0])
            key = optional(row[1])


def owner(db: Statements, line: CheckpointLine, key: bytes) -> int | None:
    """The number of the line in which `line` finds the checkpoint; None where it sees none of that id."""
    if db.execute("SELECT 1 FROM checkpoint WHERE line = ? AND id = ?", (line.own, key)).fetchone():
        return line.own
    return next((number for number, id_ in inherited(db, line) if id_ == key), None)


def read_chain(db: Statements, segments: Sequence[Segment], key: bytes) -> list[CheckpointRow]:
    """The checkpoint and its ancestors up to the first with a whole manifest; empty where it is missing."""
    rows: list[CheckpointRow] = []
    for segment in segments:
        found = db.execute(_CHAIN, (segment.line, key, segment.line)).fetchall()
        rows += (
            CheckpointRow(bytes(i), optional(p), d, b, optional(r)) for i, p, d, b, r in _ordered(found, key)
        )
        if not found:
            continue
        if rows[-1].depth == 0 or rows[-1].parent is None:
            break
        key = rows[-1].parent
    return rows


def optional(data: Any) -> bytes | None:
    """A binary column's value as bytes."""
    return bytes(data) if data is not None else None


def _ordered(rows: Iterable[Any], start: bytes) -> list[Any]:
    """Rows beginning with (id, parent), from `start` up; no database promises their order."""
    by_id = {bytes(row[0]): row for row in rows}
    ordered: list[Any] = []
    key: bytes | None = start
    while key is not None and key in by_id:
        row = by_id.pop(key)
        ordered.append(row)
        key = optional(row[1])
    return ordered


def find_manifest(
    db: Statements, segments: Sequence[Segment], key: bytes
) -> tuple[bytes, CheckpointRow] | None:
    """The checkpoint's manifest as bytes, and its row."""
    rows = read_chain(db, segments, key)
    if not rows:
        return None
    raw: bytes | None = None
    for row in reversed(rows):
        raw = open_manifest(db.codec, row.depth, row.body, raw)
    assert raw is not None
    return raw, rows[0]


def read_manifests(db: Statements, line: CheckpointLine, rows: Iterable[CheckpointRow]) -> dict[bytes, bytes]:
    """Id -> manifest as bytes for all of `rows`, each unpacked once."""
    pending = {row.id: row for row in rows}
    done: dict[bytes, bytes] = {}
    for row in pending.values():
        above: list[CheckpointRow] = []
        at: CheckpointRow | None = row
        while at is not None and at.id not in done:
            above.append(at)
            at = pending.get(at.parent) if at.depth and at.parent is not None else None
        last = above[-1] if above else None
        if last is not None and last.depth and last.parent is not None and last.parent not in done:
            found = find_manifest(db, line.segments, last.parent)
            if found is not None:
                done[last.parent] = found[0]
        for step in reversed(above):
            base = done.get(step.parent) if step.parent is not None else None
            done[step.id] = open_manifest(db.codec, step.depth, step.body, base)
    return done
