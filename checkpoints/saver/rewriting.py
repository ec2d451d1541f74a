"""Rows rewritten in place: manifests made whole, forked lines given rows of their own. No value changes."""

from __future__ import annotations

from collections.abc import Iterable

from .database.lines import CheckpointLine, CheckpointRow, Segment, find_manifest, inherited, line_by_number
from .database.statements import Statements
from .packing.bodies import seal_manifest

_COPY = """
INSERT INTO checkpoint (line, id, parent, run, depth, body)
SELECT ?, id, parent, run, depth, body FROM checkpoint WHERE line = ? AND id = ?
"""
_COPY_WRITES = """
INSERT INTO pending_write (line, id, task, body)
SELECT ?, id, task, body FROM pending_write WHERE line = ? AND id = ?
ON CONFLICT DO NOTHING
"""


def make_whole(db: Statements, line: int, parents: Iterable[bytes]) -> None:
    """Store the manifests of these checkpoints' children whole, so that they do not need their parents'."""
    sql = "SELECT id, parent, depth, body FROM checkpoint WHERE line = ? AND parent = ? AND depth > 0"
    segments = line_by_number(db, line).segments
    for parent in parents:
        for row in db.execute(sql, (line, parent)).fetchall():
            _store_whole(db, segments, CheckpointRow(bytes(row[0]), bytes(row[1]), row[2], row[3]))


def _store_whole(db: Statements, segments: tuple[Segment, ...], row: CheckpointRow) -> None:
    found = find_manifest(db, segments, row.id)
    assert found is not None
    depth, body = seal_manifest(db.codec, found[0])
    sql = "UPDATE checkpoint SET depth = ?, body = ? WHERE line = ? AND id = ?"
    db.execute(sql, (depth, body, segments[0].line, row.id))


def keep_forks(db: Statements, line: int) -> int:
    """Give the lines forked from this one rows of their own, before its rows go; how many lines there were."""
    forks = [row[0] for row in db.execute("SELECT line FROM line WHERE origin = ?", (line,)).fetchall()]
    for fork in forks:
        stand_alone(db, line_by_number(db, fork))
    return len(forks)


def stand_alone(db: Statements, line: CheckpointLine) -> None:
    """Copy what the line inherits into it; it sees the same checkpoints and writes as before."""
    limits = set(line.segments[1:])
    own = {
        bytes(row[0])
        for row in db.execute("SELECT id FROM checkpoint WHERE line = ?", (line.own,)).fetchall()
    }
    for source, key in list(inherited(db, line)):
        if key not in own:
            db.execute(_COPY, (line.own, source, key))
        if Segment(source, key) not in limits:
            db.execute(_COPY_WRITES, (line.own, source, key))
    db.execute("UPDATE line SET origin = NULL, origin_id = NULL WHERE line = ?", (line.own,))
