"""Conversations copied into another store, with all that belongs to them: checkpoints, calls, judgements, runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from ....core.errors import InputError
from ....state.document import calls_behind
from ...saver.transfer import copy_checkpoints
from ..blobs import digests_in, get_blobs, put_blobs
from ..judgements import Judgements
from ..leases import live_leases
from ..listing import note_shared
from ..reader import StoreReader
from ..rows import put_row
from ..schema import (
    ANSWERED,
    CACHES,
    DELIVERY_NOTES,
    ESTIMATED,
    IMPORTED,
    LEDGER,
    RUN_NAMES,
    RUN_SESSIONS,
    RUN_STARTS,
    RUNS,
    THREADS,
)

_AT_ONCE = 500
Row = dict[str, Any]


@dataclass(frozen=True)
class Copied:
    """What was copied.

    Attributes:
        threads: that are new in the other store, or newer than what it had.
        known: that it had already.
        runs: of the threads, with their names and how they were started.
        studies: that are new in the other store, or have newer ratings than it had.
    """

    threads: tuple[str, ...]
    known: tuple[str, ...]
    runs: tuple[str, ...]
    checkpoints: int
    calls: int
    judgements: int
    studies: tuple[str, ...] = ()


def copy_conversations(
    source: StoreReader,
    target: StoreReader,
    threads: Sequence[str],
    runs: Sequence[str],
    place: Callable[[str], str],
    ended: Callable[[str], None],
) -> Copied:
    """See `OpenStore.copy`.

    Args:
        threads: ids; each comes after what it was branched from.
        runs: that are copied as a whole, with the sessions that they cover.
        place: thread id -> the id under which the ledger keeps what judges were asked about it.
        ended: called with each thread when it is through.
    """
    _require_idle(source, target, threads)
    counts: dict[str, Any] = {"checkpoints": 0, "calls": 0, "judgements": 0}
    of_run = _rows(source, THREADS, THREADS.c.thread_id, threads)
    concerned = sorted({row["run_id"] for row in of_run} | {*runs})
    _copy_runs(source, target, concerned)
    done, known = [], []
    rows = {row["thread_id"]: row for row in of_run}
    for thread_id in threads:
        if _is_there(target, rows[thread_id]):
            known.append(thread_id)
        else:
            _copy_thread(source, target, rows[thread_id], counts)
            done.append(thread_id)
        ended(thread_id)
    counts["calls"] += _copy_calls(source, target, LEDGER.c.thread_id, list(map(place, threads)))
    counts["judgements"] += _copy_judgements(source, target, threads)
    _copy_sessions(source, target, threads, runs)
    return Copied(tuple(done), tuple(known), tuple(concerned), **counts)


def _require_idle(source: StoreReader, target: StoreReader, threads: Sequence[str]) -> None:
    for reader in (source, target):
        with reader.store.read() as connection:
            busy = next((each for each in live_leases(connection) if each.key in set(threads)), None)
        if busy is not None:
            raise InputError(
                f"conversation {busy.key} is being played by {busy.holder}, in {reader.store.url}",
                hint="wait until it is done, or stop it; nothing was copied",
            )


def _is_there(target: StoreReader, row: Row) -> bool:
    """Whether the target has the thread as it stands. Raises `InputError` where it has gone on there."""
    found = _rows(target, THREADS, THREADS.c.thread_id, [row["thread_id"]])
    if found and found[0]["updated"] > row["updated"]:
        raise InputError(
            f"conversation {row['thread_id']} has gone on in {target.store.url}: it was changed there at "
            f"{found[0]['updated']}, and here at {row['updated']}",
            hint="copy it the other way, or delete it there",
        )
    return bool(found) and found[0]["updated"] == row["updated"]


def _copy_thread(source: StoreReader, target: StoreReader, row: Row, counts: dict[str, int]) -> None:
    """Checkpoints first and the thread's row last: one that was cut off is copied anew."""
    thread_id = row["thread_id"]
    counts["checkpoints"] += copy_checkpoints(source.saver, target.saver, thread_id)
    counts["calls"] += _copy_calls(source, target, LEDGER.c.thread_id, [thread_id])
    _copy_texts(source, target, IMPORTED, IMPORTED.c.thread_id, [thread_id])
    behind = calls_behind(source.state(source.threads.get(thread_id)))
    counts["calls"] += _copy_calls(source, target, LEDGER.c.key, behind)
    _copy_rows(source, target, CACHES, CACHES.c.thread_id, [thread_id])

    def write(connection: sa.Connection) -> None:
        note_shared(connection, thread_id, behind)
        put_row(connection, THREADS, {"thread_id": thread_id}, _without(row, "thread_id"))

    target.store.run(write)


def _copy_runs(source: StoreReader, target: StoreReader, runs: Sequence[str]) -> None:
    """The runs, how they were started, and their names. Raises `InputError` for a name that is another run's there."""
    names = _rows(source, RUN_NAMES, RUN_NAMES.c.run_id, runs)
    for row in names:
        holder = target.runs.named(row["name"])
        if holder not in (None, row["run_id"]):
            raise InputError(
                f"the name {row['name']!r} is taken in {target.store.url}, by run {holder}",
                hint="`segue rename` gives one of the two another name; nothing was copied",
            )
    for table in (RUNS, RUN_STARTS, RUN_NAMES):
        _copy_rows(source, target, table, table.c.run_id, runs)


def _copy_sessions(
    source: StoreReader, target: StoreReader, threads: Sequence[str], runs: Sequence[str]
) -> None:
    """What the runs cover: of whole runs everything, of others the sessions of these threads."""
    rows = _rows(source, RUN_SESSIONS, RUN_SESSIONS.c.run_id, runs)
    rows += _rows(source, RUN_SESSIONS, RUN_SESSIONS.c.thread_id, threads)
    wanted = {row["thread_id"]: row for row in rows}
    there = {row["thread_id"] for row in _rows(target, RUN_SESSIONS, RUN_SESSIONS.c.thread_id, list(wanted))}

    def write(connection: sa.Connection) -> None:
        for thread_id, row in wanted.items():
            own = RUN_SESSIONS.c.thread_id == thread_id
            if thread_id in there:
                connection.execute(RUN_SESSIONS.update().where(own).values(status=row["status"]))
                continue
            of_run = RUN_SESSIONS.c.run_id == row["run_id"]
            taken = set(connection.scalars(sa.select(RUN_SESSIONS.c.position).where(of_run)))
            free = row["position"] if row["position"] not in taken else max(taken) + 1
            connection.execute(RUN_SESSIONS.insert().values({**row, "position": free}))

    target.store.run(write)


def _copy_judgements(source: StoreReader, target: StoreReader, threads: Sequence[str]) -> int:
    found = Judgements(source.store).list(source="thread", case_ids=threads, corrupted=None)
    return Judgements(target.store).add(list(found))


def _copy_calls(
    source: StoreReader, target: StoreReader, column: sa.Column[Any], values: Sequence[str]
) -> int:
    """The ledger's rows with their texts and how they went out; how many were new."""
    new = _copy_texts(source, target, LEDGER, column, values)
    keys = [row["key"] for row in new]
    for table in (DELIVERY_NOTES, ANSWERED, ESTIMATED):
        _copy_rows(source, target, table, table.c.key, keys)
    return len(new)


def _copy_texts(
    source: StoreReader, target: StoreReader, table: sa.Table, column: sa.Column[Any], values: Sequence[str]
) -> list[Row]:
    """Rows that name texts, after those."""
    new = _new_rows(source, target, table, column, values)
    for part in _parts(new):
        listed = [value for row in part for value in row.values() if isinstance(value, bytes)]
        digests = list(dict.fromkeys(digests_in(b"".join(listed))))
        with source.store.read() as connection:
            bodies = list(get_blobs(connection, digests).values())
        target.store.run(partial(put_blobs, bodies=bodies))
        _insert(target, table, part)
    return new


def _copy_rows(
    source: StoreReader, target: StoreReader, table: sa.Table, column: sa.Column[Any], values: Sequence[str]
) -> None:
    for part in _parts(_new_rows(source, target, table, column, values)):
        _insert(target, table, part)


def _insert(target: StoreReader, table: sa.Table, rows: Sequence[Row]) -> None:
    target.store.run(lambda connection: connection.execute(table.insert(), rows))


def _new_rows(
    source: StoreReader, target: StoreReader, table: sa.Table, column: sa.Column[Any], values: Sequence[str]
) -> list[Row]:
    """Rows that the target lacks, told by their key."""
    [key] = table.primary_key.columns
    rows = _rows(source, table, column, values)
    there = {row[key.name] for row in _rows(target, table, key, [row[key.name] for row in rows])}
    return [row for row in rows if row[key.name] not in there]


def _rows(reader: StoreReader, table: sa.Table, column: sa.Column[Any], values: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    with reader.store.read() as connection:
        for at in range(0, len(values), _AT_ONCE):
            query = table.select().where(column.in_(list(values[at : at + _AT_ONCE])))
            found += [dict(row) for row in connection.execute(query).mappings()]
    return found


def _without(row: Mapping[str, Any], name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}


def _parts(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))
