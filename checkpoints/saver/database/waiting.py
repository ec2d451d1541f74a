"""Waiting for a SQLite file that another program holds: no longer than was told, and not without a word."""

from __future__ import annotations

import sqlite3
import time
import warnings
from pathlib import Path
from typing import Final

from ....core.told import LockWarning
from .holders import holders_of

NOTICE_S: Final = 1.0
"""After so many seconds it is said that a file is waited for."""


def begin_write(raw: sqlite3.Connection) -> None:
    """Begin a transaction that writes, as soon as nobody else does.

    The connection's own time-out is how long it waits; a `LockWarning` tells of a wait that becomes long.

    Raises:
        sqlite3.OperationalError: the file was held all that time.
    """
    wait_ms, first_ms = int(raw.execute("PRAGMA busy_timeout").fetchone()[0]), int(1000 * NOTICE_S)
    if wait_ms <= first_ms:
        raw.execute("BEGIN IMMEDIATE")
        return
    try:
        _wait(raw, first_ms)
    except sqlite3.OperationalError as error:
        if not is_locked(error):
            raise
        tell_of_wait(raw, wait_ms / 1000)
        _wait(raw, wait_ms - first_ms)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {wait_ms}")


def _wait(raw: sqlite3.Connection, longest_ms: int) -> None:
    raw.execute(f"PRAGMA busy_timeout = {longest_ms}")
    raw.execute("BEGIN IMMEDIATE")


def turn_on_wal(raw: sqlite3.Connection, wait: float) -> None:
    """Turn on the write-ahead log; changing the journal mode does not wait for other processes by itself.

    Args:
        wait: longest, in seconds.
    """
    begun, told = time.monotonic(), False
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - begun
            if not is_locked(error) or waited > wait:
                raise
            if waited > NOTICE_S and not told:
                told = True
                tell_of_wait(raw, wait)
            time.sleep(0.02)


def is_locked(error: sqlite3.OperationalError) -> bool:
    """Whether another program holds the file."""
    return "locked" in str(error)


def tell_of_wait(raw: sqlite3.Connection, wait: float) -> None:
    """Say which file is waited for, who holds it as far as can be seen, and how long that may take."""
    path = Path(next(row[2] for row in raw.execute("PRAGMA database_list") if row[1] == "main"))
    who = " and ".join(holders_of(path)) or "another program"
    text = f"the store {str(path)!r} is held by {who}: waiting for it, {wait:g} s at most (--lock-seconds)"
    warnings.warn(LockWarning(text), stacklevel=2)
