"""SQLite files opened for reading alone: nothing is written into them, and nothing is left beside them.

A file on a medium that cannot be written is read without locks, which SQLite's journal needs a place for. Whoever
changes it meanwhile is noticed afterwards.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ....core.errors import StoreError


@dataclass(frozen=True)
class ReadOnlyFile:
    """How one file is opened for reading.

    Attributes:
        how: SQLite's URI parameters.
        seen: (size, time of the last change in nanoseconds) of a file that is read without locks.
    """

    path: Path
    how: str
    seen: tuple[int, int] | None = None

    @classmethod
    def of(cls, path: Path) -> ReadOnlyFile:
        """The way that leaves everything as it is.

        Raises:
            StoreError: part of it lies in a journal that cannot be read from where it is.
        """
        log, index, undo = (path.with_name(f"{path.name}-{kind}") for kind in ("wal", "shm", "journal"))
        changeable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if index.exists() or _size(undo) or (_size(log) and changeable):
            return cls(path, "mode=ro")
        if _size(log):
            raise StoreError(
                f"the newest part of {str(path)!r} lies in {log.name!r}, which cannot be read where nothing may be "
                "written",
                hint=f"copy both files to a folder of yours: cp {path} {log} FOLDER",
            )
        if changeable:  # SQLite takes away what it puts beside the file
            return cls(path, "mode=rw")
        return cls(path, "mode=ro&immutable=1", _changed(path))

    def connect(self, wait: float) -> sqlite3.Connection:
        """A connection on which every statement that would write is refused, for any thread.

        Args:
            wait: seconds for another program to let go of the file.
        """
        uri = f"{self.path.resolve().as_uri()}?{self.how}"
        connection = sqlite3.connect(uri, uri=True, timeout=wait, check_same_thread=False)
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA query_only = ON")
        return connection

    def require_unchanged(self) -> None:
        """Raises `StoreError` where a file that is read without locks was written meanwhile."""
        if self.seen is not None and _changed(self.path) != self.seen:
            raise StoreError(
                f"{str(self.path)!r} was written while it was read, and its folder allows no locks",
                hint="what was read may be mixed: run the command again",
            )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _changed(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
