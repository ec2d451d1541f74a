"""Threads and checkpoints removed, thinned out, copied and forked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from ...core.errors import InputError, NotFoundError, StoreError
from ..store.engine import Store
from .database.dialects import SWEEP_LOCK
from .database.lines import Line, Statements, find_line, find_lines, latest, owner
from .database.statements import Cursor
from .packing.encoding import encode_id
from .rewriting import keep_forks, make_whole, stand_alone

Strategy = str
Needed = Callable[[Cursor, Line, bytes], set[bytes]]
"""Which checkpoints besides the latest a line still needs."""


@dataclass(frozen=True)
class Removed:
    """What was, or would be, removed."""

    checkpoints: int = 0
    writes: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.checkpoints + other.checkpoints, self.writes + other.writes)


@contextmanager
def removing(store: Store) -> Iterator[Cursor]:
    """A transaction beside which nothing else writes; afterwards no process trusts what it remembers."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({SWEEP_LOCK})"))
        cursor = Cursor(connection)
        yield cursor
        if cursor.changes:
            cursor.execute("UPDATE counter SET number = number + 1 WHERE name = 'epoch'")


def delete_thread(store: Store, thread_id: str) -> Removed:
    """Remove the thread's checkpoints and writes in every namespace. Threads forked from it stay whole."""
    with store.read() as connection:
        if not find_lines(Cursor(connection), thread_id, None):
            return Removed()
    removed = Removed()
    with removing(store) as cursor:
        for line in find_lines(cursor, thread_id, None):
            keep_forks(cursor, line.own)
            writes = cursor.change("DELETE FROM pending_write WHERE line = ?", (line.own,))
            rows = cursor.change("DELETE FROM checkpoint WHERE line = ?", (line.own,))
            cursor.change("DELETE FROM line WHERE line = ?", (line.own,))
            removed += Removed(rows, writes)
    return removed


def delete_for_runs(store: Store, run_ids: Sequence[str]) -> Removed:
    """Remove the checkpoints that these runs made, with their writes, in every thread."""
    keys = [encode_id(run_id) for run_id in run_ids]
    if not keys:
        return Removed()
    removed = Removed()
    with removing(store) as cursor:
        for line, ids in _made_by(cursor, keys).items():
            removed += _remove(cursor, line, ids)
    return removed


def _made_by(cursor: Cursor, runs: list[bytes]) -> dict[int, list[bytes]]:
    """Line -> checkpoints; lines forked from any of these lines have got rows of their own."""
    marks = ",".join("?" * len(runs))
    seen: set[int] = set()
    while True:
        found: dict[int, list[bytes]] = {}
        for line, key in cursor.execute(
            f"SELECT line, id FROM checkpoint WHERE run IN ({marks})", runs
        ).fetchall():
            found.setdefault(line, []).append(bytes(key))
        new = found.keys() - seen
        if not new:
            return found
        for line in new:
            keep_forks(cursor, line)
        seen |= new


def _remove(cursor: Cursor, line: int, ids: Iterable[bytes]) -> Removed:
    """Remove checkpoints of one line; those that stay no longer need them."""
    gone = list(ids)
    make_whole(cursor, line, gone)
    removed = Removed()
    for key in gone:
        writes = cursor.change("DELETE FROM pending_write WHERE line = ? AND id = ?", (line, key))
        removed += Removed(
            cursor.change("DELETE FROM checkpoint WHERE line = ? AND id = ?", (line, key)), writes
        )
    return removed


def prune(
    store: Store, thread_ids: Sequence[str], strategy: Strategy, needed: Needed, *, dry_run: bool = False
) -> Removed:
    """Thin threads out.

    Args:
        strategy: `keep_latest` keeps the newest checkpoint of each namespace, its writes, and what `needed`
            says it rests on; `delete` keeps nothing.
        dry_run: only count.
    """
    if strategy not in ("keep_latest", "delete"):
        raise InputError(f"no way of pruning is called {strategy!r}", hint="use 'keep_latest' or 'delete'")
    if dry_run:
        with store.read() as connection:
            cursor = Cursor(connection)
            return sum((_count(cursor, thread, strategy, needed) for thread in thread_ids), Removed())
    if strategy == "delete":
        return sum((delete_thread(store, thread) for thread in thread_ids), Removed())
    removed = Removed()
    if not thread_ids:
        return removed
    with removing(store) as cursor:
        for thread in thread_ids:
            for line in find_lines(cursor, thread, None):
                removed += _keep_latest(cursor, line, needed)
    return removed


def _keep_latest(cursor: Cursor, line: Line, needed: Needed) -> Removed:
    newest = latest(cursor, line)
    if newest is None:
        return Removed()
    keep = {newest} | needed(cursor, line, newest)
    keep_forks(cursor, line.own)
    if len(line.segments) > 1:
        stand_alone(cursor, line)
    return _remove(cursor, line.own, [key for key in _own_ids(cursor, line.own) if key not in keep])


def _own_ids(cursor: Statements, line: int) -> list[bytes]:
    """Ids of the line's rows, of writes too whose checkpoint came earlier or never."""
    sql = "SELECT id FROM checkpoint WHERE line = ? ORDER BY id"
    return [bytes(row[0]) for row in cursor.execute(sql, (line,)).fetchall()]


def _count(cursor: Cursor, thread_id: str, strategy: Strategy, needed: Needed) -> Removed:
    counted = Removed()
    for line in find_lines(cursor, thread_id, None):
        newest = latest(cursor, line)
        keep = {newest} | needed(cursor, line, newest) if newest and strategy == "keep_latest" else set()
        own = [key for key in _own_ids(cursor, line.own) if key not in keep]
        sql = "SELECT count(*) FROM pending_write WHERE line = ? AND id = ?"
        writes = sum(cursor.execute(sql, (line.own, key)).fetchone()[0] for key in own)
        counted += Removed(len(own), writes)
    return counted


def copy_thread(store: Store, source: str, target: str) -> None:
    """Copy every namespace of a thread; nothing happens where there is none.

    Raises:
        StoreError: the target has checkpoints.
    """
    with removing(store) as cursor:
        lines = find_lines(cursor, source, None)
        if lines and find_lines(cursor, target, None):
            raise _taken(target)
        for line in lines:
            origin = line.segments[1] if len(line.segments) > 1 else (None, None)
            made = _make_line(cursor, target, line.ns, *origin)
            for table, columns in (
                ("checkpoint", "id, parent, run, depth, body"),
                ("pending_write", "id, task, body"),
            ):
                cursor.execute(
                    f"INSERT INTO {table} (line, {columns}) SELECT ?, {columns} FROM {table} WHERE line = ?",
                    (made, line.own),
                )


def fork_thread(store: Store, source: str, checkpoint_id: str, target: str) -> None:
    """Begin `target` at a checkpoint of `source`: it sees that checkpoint and its ancestors.

    Nothing is copied: the new line points to the old one. The writes that were pending after the checkpoint
    are not seen, so that what comes after it is done again.

    Raises:
        NotFoundError: the source has no such checkpoint.
        StoreError: the target has checkpoints.
    """
    key = encode_id(checkpoint_id)
    with removing(store) as cursor:
        line = find_line(cursor, source, "")
        number = owner(cursor, line, key) if line else None
        if number is None:
            raise NotFoundError(
                f"thread {source!r} has no checkpoint {checkpoint_id!r}", hint="list the thread's checkpoints"
            )
        if find_lines(cursor, target, None):
            raise _taken(target)
        _make_line(cursor, target, "", number, key)


def _make_line(cursor: Cursor, thread_id: str, ns: str, origin: int | None, origin_id: bytes | None) -> int:
    sql = "INSERT INTO line (thread_id, ns, origin, origin_id) VALUES (?, ?, ?, ?) RETURNING line"
    return int(cursor.execute(sql, (thread_id, ns, origin, origin_id)).fetchall()[0][0])


def _taken(target: str) -> StoreError:
    return StoreError(f"thread {target!r} exists", hint="delete it first, or choose another id")
