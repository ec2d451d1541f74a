"""Upkeep of a store: checked for damage, backed up, swept of what nothing names any more."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ...core.errors import CorruptionError, InputError, StoreError
from ..saver.check import Counted, count_lines
from ..saver.database.chunks import parts
from ..saver.database.lines import find_lines
from ..saver.database.statements import Cursor
from ..saver.delta_channels import needed_ancestors
from ..saver.packing.encoding import digest_bytes
from ..saver.packing.packs import SLOTS, read_pack
from ..saver.removal import Removed, prune, removing
from ..saver.saver import SQLAlchemySaver
from .engine import Store

_DIGEST_SIZE = 16


@dataclass(frozen=True)
class Problem:
    """Something damaged. `threads` are those that cannot be read whole because of it, in order."""

    what: str
    threads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What `check` found."""

    lines: int
    packs: int
    unused_packs: int
    blobs: int
    problems: tuple[Problem, ...] = field(default=())

    @property
    def sound(self) -> bool:
        return not self.problems

    @property
    def threads(self) -> list[str]:
        """Every thread that some problem touches."""
        return sorted({thread for problem in self.problems for thread in problem.threads})


def check(store: Store) -> Report:
    """Read everything in the store and compare it with its digests. Nothing is changed."""
    problems: list[Problem] = []
    with store.read() as connection:
        cursor = Cursor(connection)
        problems += _check_file(cursor)
        counted = list(count_lines(cursor))
        heirs = _heirs(counted)
        for one in counted:
            problems += (Problem(text, heirs[one.line.own]) for text in one.problems)
        damaged, numbers = _check_packs(cursor)
        problems += _touched(damaged, numbers, counted, heirs)
        blobs, damaged_blobs = _check_blobs(cursor, connection)
        problems += damaged_blobs
    used = set[int]().union(*(one.packs for one in counted))
    return Report(len(counted), len(numbers), len(numbers - used), blobs, tuple(problems))


def _check_file(cursor: Cursor) -> Iterator[Problem]:
    """SQLite's own check of its pages."""
    if cursor.postgres:
        return
    for (text,) in cursor.execute("PRAGMA quick_check").fetchall():
        if text != "ok":
            yield Problem(f"the file: {text}")


def _heirs(counted: Sequence[Counted]) -> dict[int, tuple[str, ...]]:
    """Line -> the threads that see its rows: its own and those forked from it."""
    heirs: dict[int, set[str]] = {}
    for one in counted:
        for segment in one.line.segments:
            heirs.setdefault(segment.line, set()).add(one.line.thread_id)
    return {line: tuple(sorted(threads)) for line, threads in heirs.items()}


def _check_packs(cursor: Cursor) -> tuple[dict[int, str], set[int]]:
    """Number -> what is wrong with that pack; and the numbers of all packs."""
    damaged: dict[int, str] = {}
    numbers = {row[0] for row in cursor.execute("SELECT pack FROM pack").fetchall()}
    for part in parts(sorted(numbers)):
        sql = f"SELECT pack, data FROM pack WHERE pack IN ({','.join('?' * len(part))})"
        for number, data in cursor.execute(sql, part).fetchall():
            try:
                read_pack(cursor.codec, number, bytes(data))
            except CorruptionError as error:
                damaged[number] = error.message
    return damaged, numbers


def _touched(
    damaged: dict[int, str], numbers: set[int], counted: Sequence[Counted], heirs: dict[int, tuple[str, ...]]
) -> Iterator[Problem]:
    wrong = dict(damaged)
    for one in counted:
        wrong |= {number: f"pack {number} is missing" for number in one.packs - numbers}
    for number, text in sorted(wrong.items()):
        threads = {thread for one in counted if number in one.packs for thread in heirs[one.line.own]}
        yield Problem(text, tuple(sorted(threads)))


def _check_blobs(cursor: Cursor, connection: sa.Connection) -> tuple[int, list[Problem]]:
    """How many blobs there are; and those damaged or missing, with the threads whose calls they belong to."""
    wrong: dict[bytes, str] = {}
    digests = {bytes(row[0]) for row in cursor.execute("SELECT digest FROM blob").fetchall()}
    for part in parts(sorted(digests)):
        sql = f"SELECT digest, data FROM blob WHERE digest IN ({','.join('?' * len(part))})"
        for digest, data in cursor.execute(sql, part).fetchall():
            try:
                sound = digest_bytes(cursor.codec.unpack(bytes(data))) == bytes(digest)
            except CorruptionError:
                sound = False
            if not sound:
                wrong[bytes(digest)] = "does not match its digest"
    users = _blob_users(connection)
    wrong |= dict.fromkeys(users.keys() - digests, "is missing")
    named = [(d.hex(), text, tuple(sorted(users.get(d, ())))) for d, text in wrong.items()]
    return len(digests), [Problem(f"text {name}: {text}", threads) for name, text, threads in sorted(named)]


def _blob_users(connection: sa.Connection) -> dict[bytes, set[str]]:
    """Blob -> the threads that first asked with it, were answered by it, or were imported as it."""
    from .imported import IMPORTED
    from .ledger import LEDGER

    users: dict[bytes, set[str]] = {}
    query = sa.select(LEDGER.c.thread_id, LEDGER.c.request, LEDGER.c.reply)
    for thread_id, request, reply in connection.execute(query):
        data = bytes(request) + bytes(reply)
        for at in range(0, len(data), _DIGEST_SIZE):
            users.setdefault(data[at : at + _DIGEST_SIZE], set()).add(thread_id)
    columns = (IMPORTED.c.thread_id, IMPORTED.c.row, IMPORTED.c.extra, IMPORTED.c.tracks)
    for thread_id, row, extra, tracks in connection.execute(sa.select(*columns)):
        data = bytes(row) + bytes(extra or b"") + bytes(tracks)
        for at in range(0, len(data), _DIGEST_SIZE):
            users.setdefault(data[at : at + _DIGEST_SIZE], set()).add(thread_id)
    return users


def backup(store: Store, path: str | os.PathLike[str]) -> None:
    """Copy a SQLite store to a new file while others go on using it.

    Raises:
        InputError: the file exists.
        StoreError: the store is no SQLite file, or the copy cannot be written.
    """
    target = Path(path)
    if store.dialect != "sqlite":
        raise StoreError(
            f"a backup of {store.url} is the server's to make", hint="use pg_dump --format=custom --file=FILE"
        )
    if target.exists():
        raise InputError(f"{str(target)!r} exists", hint="name a new file; nothing is overwritten")
    unfinished = target.with_name(target.name + ".unfinished")
    with store.read() as connection:
        source: Any = connection.connection.driver_connection
        try:
            _copy(source, unfinished)
            unfinished.replace(target)
        except (OSError, sqlite3.Error) as error:
            unfinished.unlink(missing_ok=True)
            raise StoreError(
                f"cannot write {str(target)!r}: {error}", hint="check that the folder exists and has room"
            ) from error


def _copy(source: sqlite3.Connection, path: Path) -> None:
    path.unlink(missing_ok=True)
    target = sqlite3.connect(path)
    try:
        source.backup(target)
        # The copy is one file: nobody has it open, so it needs no write-ahead log beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()


def plan_prune(store: Store, thread_ids: Iterable[str], *, strategy: str = "keep_latest") -> Removed:
    """What `prune` of these threads would remove, counted without removing it."""
    serde = SQLAlchemySaver(store).serde
    return prune(store, list(thread_ids), strategy, needed_ancestors(serde), dry_run=True)


def prune_threads(store: Store, thread_ids: Iterable[str], *, strategy: str = "keep_latest") -> Removed:
    """Remove all but the newest checkpoint of each namespace of these threads; with `delete`, all of it.

    The space is free after a `sweep`.
    """
    serde = SQLAlchemySaver(store).serde
    return prune(store, list(thread_ids), strategy, needed_ancestors(serde))


def sweep(store: Store) -> int:
    """Remove the packs of which nothing names a chunk; how many. Nobody else writes meanwhile.

    Raises:
        CorruptionError: something cannot be read, so that it is not known what it names. Nothing is removed.
    """
    with removing(store) as cursor:
        used: set[int] = set()
        for one in count_lines(cursor):
            if one.problems:
                raise CorruptionError(
                    f"thread {one.line.thread_id!r} is damaged, so what it needs is not known: {one.problems[0]}",
                    hint="`segue store check` lists the damage; delete the thread or restore a backup",
                )
            used |= one.packs
        packs = {row[0] for row in cursor.execute("SELECT pack FROM pack").fetchall()}
        unused = sorted(packs - used)
        for part in parts(unused):
            marks = ",".join("?" * len(part))
            cursor.change(f"DELETE FROM pack WHERE pack IN ({marks})", part)
            cursor.change(f"DELETE FROM chunk WHERE chunk / {SLOTS} IN ({marks})", part)
    return len(unused)


def thread_ids(store: Store) -> list[str]:
    """Every thread that has checkpoints or writes, in the order in which they began."""
    with store.read() as connection:
        lines = find_lines(Cursor(connection), None, None)
    return list(dict.fromkeys(line.thread_id for line in lines))
