"""Upkeep of a store: checked for damage, backed up, thinned out, swept of what nothing names any more."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ....core.errors import InputError, StoreError
from ...saver import StrictSerializer, removal
from ...saver.check import Damage, check_checkpoints
from ...saver.check import sweep as sweep
from ...saver.check import thread_ids as thread_ids
from ...saver.database.statements import Statements
from ...saver.removal import Removed
from ..blobs import check_blobs, digests_in
from ..schema import IMPORTED, LEDGER
from ..store import Store


@dataclass(frozen=True)
class Report:
    """What `check` found: how many lines of checkpoints, packs of values and blobs there are, and what is damaged."""

    lines: int
    packs: int
    unused_packs: int
    blobs: int
    problems: tuple[Damage, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not self.problems

    @property
    def threads(self) -> list[str]:
        """Every thread that some problem touches."""
        return sorted({thread for problem in self.problems for thread in problem.threads})


def check(store: Store) -> Report:
    """Read everything in the store and compare it with its digests. Nothing is changed."""
    with store.read() as connection:
        db = Statements(connection)
        pages = [] if db.postgres else db.execute("PRAGMA quick_check").fetchall()
        problems = [Damage(f"the file: {text}") for (text,) in pages if text != "ok"]
        found = check_checkpoints(db)
        blobs, damaged = _check_blobs(connection)
    problems += [*found.damage, *damaged]
    return Report(found.lines, found.packs, found.unused_packs, blobs, tuple(problems))


def _check_blobs(connection: sa.Connection) -> tuple[int, list[Damage]]:
    """How many blobs there are; and those damaged or missing, with the threads whose calls they belong to."""
    digests, wrong = check_blobs(connection)
    users = _blob_users(connection)
    wrong |= dict.fromkeys(users.keys() - digests, "is missing")
    named = [(d.hex(), text, tuple(sorted(users.get(d, ())))) for d, text in wrong.items()]
    return len(digests), [Damage(f"text {name}: {text}", threads) for name, text, threads in sorted(named)]


def _blob_users(connection: sa.Connection) -> dict[bytes, set[str]]:
    """Blob -> the threads that first asked with it, were answered by it, or were imported as it."""
    users: dict[bytes, set[str]] = {}
    calls = sa.select(LEDGER.c.thread_id, LEDGER.c.request, LEDGER.c.reply)
    rows = sa.select(*(IMPORTED.c[name] for name in ("thread_id", "row", "extra", "tracks")))
    for query in (calls, rows):
        for thread_id, *listed in connection.execute(query):
            for digest in digests_in(b"".join(bytes(each or b"") for each in listed)):
                users.setdefault(digest, set()).add(thread_id)
    return users


def backup(store: Store, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Copy a SQLite store to a new file while others go on using it.

    Args:
        overwrite: replace the file where it exists, once the copy is whole.

    Raises:
        InputError: the file exists, and is not to be replaced; or it is the store itself.
        StoreError: the store is no SQLite file, or the copy cannot be written.
    """
    target = Path(path)
    if store.dialect != "sqlite":
        raise StoreError(
            f"a backup of {store.url} is the server's to make", hint="use pg_dump --format=custom --file=FILE"
        )
    if target.exists() and (target.is_dir() or target.samefile(str(store.path))):
        what = "a folder" if target.is_dir() else "the store itself"
        raise InputError(f"{str(target)!r} is {what}", hint="name another file")
    if target.exists() and not overwrite:
        raise InputError(f"{str(target)!r} exists", hint="name a new file; overwrite=True replaces it")
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
    """What `prune_threads` of these threads would remove, counted without removing it. Raises `InputError`."""
    return removal.prune(store, StrictSerializer(), list(thread_ids), strategy, dry_run=True)


def prune_threads(store: Store, thread_ids: Iterable[str], *, strategy: str = "keep_latest") -> Removed:
    """Remove all but the newest checkpoint of each namespace of these threads; with `delete`, all of it.

    The space is free after a `sweep`.

    Raises:
        InputError: there is no such strategy.
    """
    return removal.prune(store, StrictSerializer(), list(thread_ids), strategy)
