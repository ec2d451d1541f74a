"""Threads and checkpoints removed, thinned out, copied and forked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from langgraph.checkpoint.serde.base import SerializerProtocol

from ...core.errors import InputError, NotFoundError, StoreError
from .database.database import Database
from .database.dialects import SWEEP_LOCK
from .database.lines import CheckpointLine, find_line, find_lines, latest, owner
from .database.statements import Statements
from .packing.encoding import encode_id
from .reader import CheckpointReader
from .rewriting import keep_forks, make_whole, stand_alone


@dataclass(frozen=True)
class Removed:
    """What was, or would be, removed."""

    checkpoints: int = 0
    writes: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.checkpoints + other.checkpoints, self.writes + other.writes)


@contextmanager
def removing(database: Database) -> Iterator[Statements]:
    """A transaction beside which nothing else writes; afterwards no process trusts what it remembers."""
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({SWEEP_LOCK})"))
        db = Statements(connection)
        yield db
        if db.changes:
            db.execute("UPDATE counter SET number = number + 1 WHERE name = 'epoch'")


def delete_thread(database: Database, thread_id: str) -> Removed:
    """Remove the thread's checkpoints and writes in every namespace. Threads forked from it stay whole."""
    with database.read() as connection:
        if not find_lines(Statements(connection), thread_id, None):
            return Removed()
    with removing(database) as db:
        return remove_thread(db, thread_id)


def remove_thread(db: Statements, thread_id: str) -> Removed:
    """`delete_thread` within a transaction of `removing`."""
    removed = Removed()
    for line in find_lines(db, thread_id, None):
        keep_forks(db, line.own)
        writes = db.change("DELETE FROM pending_write WHERE line = ?", (line.own,))
        rows = db.change("DELETE FROM checkpoint WHERE line = ?", (line.own,))
        db.change("DELETE FROM line WHERE line = ?", (line.own,))
        removed += Removed(rows, writes)
    return removed


def delete_for_runs(database: Database, run_ids: Sequence[str]) -> Removed:
    """Remove the checkpoints that these runs made, with their writes, in every thread."""
    keys = [encode_id(run_id) for run_id in run_ids]
    if not keys:
        return Removed()
    removed = Removed()
    with removing(database) as db:
        for line, ids in _made_by(db, keys).items():
            removed += _remove(db, line, ids)
    return removed


def _made_by(db: Statements, runs: list[bytes]) -> dict[int, list[bytes]]:
    """Line -> checkpoints; lines forked from any of these lines have got rows of their own."""
    seen: set[int] = set()
    while True:
        found: dict[int, list[bytes]] = {}
        for line, key in db.among("SELECT line, id FROM checkpoint WHERE run {}", runs):
            found.setdefault(line, []).append(bytes(key))
        new = found.keys() - seen
        if not new:
            return found
        for line in new:
            keep_forks(db, line)
        seen |= new


def _remove(db: Statements, line: int, ids: Iterable[bytes]) -> Removed:
    """Remove checkpoints of one line; those that stay no longer need them."""
    gone = list(ids)
    make_whole(db, line, gone)
    removed = Removed()
    for key in gone:
        writes = db.change("DELETE FROM pending_write WHERE line = ? AND id = ?", (line, key))
        rows = db.change("DELETE FROM checkpoint WHERE line = ? AND id = ?", (line, key))
        removed += Removed(rows, writes)
    return removed


def prune(
    database: Database,
    serde: SerializerProtocol,
    thread_ids: Sequence[str],
    strategy: str = "keep_latest",
    *,
    dry_run: bool = False,
) -> Removed:
    """Thin threads out.

    Args:
        strategy: `keep_latest` keeps the newest checkpoint of each namespace, its writes, and the ancestors on
            which a delta channel of it rests; `delete` keeps nothing.
        dry_run: only count.

    Raises:
        InputError: there is no such strategy.
    """
    if strategy not in ("keep_latest", "delete"):
        raise InputError(f"no way of pruning is called {strategy!r}", hint="use 'keep_latest' or 'delete'")
    removed = Removed()
    if dry_run:
        with database.read() as connection:
            db = Statements(connection)
            for line in _lines_of(db, thread_ids):
                keep = _newest(db, serde, line) if strategy == "keep_latest" else set()
                removed += _count(db, line.own, keep)
    elif strategy == "delete":
        for thread_id in thread_ids:
            removed += delete_thread(database, thread_id)
    elif thread_ids:
        with removing(database) as db:
            for line in _lines_of(db, thread_ids):
                removed += _keep_newest(db, serde, line)
    return removed


def _lines_of(db: Statements, thread_ids: Iterable[str]) -> Iterator[CheckpointLine]:
    for thread_id in thread_ids:
        yield from find_lines(db, thread_id, None)


def _newest(db: Statements, serde: SerializerProtocol, line: CheckpointLine) -> set[bytes]:
    """The line's newest checkpoint and what it rests on."""
    newest = latest(db, line)
    if newest is None:
        return set()
    return {newest} | CheckpointReader(db, serde).snapshot_ancestors(line, newest)


def _keep_newest(db: Statements, serde: SerializerProtocol, line: CheckpointLine) -> Removed:
    keep = _newest(db, serde, line)
    if not keep:
        return Removed()
    keep_forks(db, line.own)
    if len(line.segments) > 1:
        stand_alone(db, line)
    return _remove(db, line.own, [key for key in _own_ids(db, line.own) if key not in keep])


def _own_ids(db: Statements, line: int) -> list[bytes]:
    sql = "SELECT id FROM checkpoint WHERE line = ? ORDER BY id"
    return [bytes(row[0]) for row in db.execute(sql, (line,)).fetchall()]


def _count(db: Statements, line: int, keep: set[bytes]) -> Removed:
    """The line's own checkpoints but for those to keep, and their writes."""
    own = [key for key in _own_ids(db, line) if key not in keep]
    sql = "SELECT count(*) FROM pending_write WHERE line = ? AND id = ?"
    return Removed(len(own), sum(db.execute(sql, (line, key)).fetchone()[0] for key in own))


def copy_thread(database: Database, source: str, target: str) -> None:
    """Copy every namespace of a thread; nothing happens where there is none.

    Raises:
        StoreError: the target has checkpoints.
    """
    with removing(database) as db:
        lines = find_lines(db, source, None)
        if lines and find_lines(db, target, None):
            raise _taken(target)
        for line in lines:
            origin = line.segments[1] if len(line.segments) > 1 else (None, None)
            made = _make_line(db, target, line.ns, *origin)
            for table, columns in (
                ("checkpoint", "id, parent, run, depth, body"),
                ("pending_write", "id, task, body"),
            ):
                db.execute(
                    f"INSERT INTO {table} (line, {columns}) SELECT ?, {columns} FROM {table} WHERE line = ?",
                    (made, line.own),
                )


def fork_thread(database: Database, source: str, checkpoint_id: str, target: str) -> None:
    """Begin `target` at a checkpoint of `source`: it sees that checkpoint and its ancestors.

    Nothing is copied: the new line points to the old one. The writes that were pending after the checkpoint
    are not seen, so that what comes after it is done again.

    Raises:
        NotFoundError: the source has no such checkpoint.
        StoreError: the target has checkpoints.
    """
    key = encode_id(checkpoint_id)
    with removing(database) as db:
        line = find_line(db, source, "")
        number = owner(db, line, key) if line else None
        if number is None:
            raise NotFoundError(
                f"thread {source!r} has no checkpoint {checkpoint_id!r}", hint="list the thread's checkpoints"
            )
        if find_lines(db, target, None):
            raise _taken(target)
        _make_line(db, target, "", number, key)


def _make_line(db: Statements, thread_id: str, ns: str, origin: int | None, origin_id: bytes | None) -> int:
    sql = "INSERT INTO line (thread_id, ns, origin, origin_id) VALUES (?, ?, ?, ?) RETURNING line"
    return int(db.execute(sql, (thread_id, ns, origin, origin_id)).fetchall()[0][0])


def _taken(target: str) -> StoreError:
    return StoreError(f"thread {target!r} exists", hint="delete it first, or choose another id")
