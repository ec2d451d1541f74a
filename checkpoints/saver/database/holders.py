"""Who holds a SQLite file: what the machine tells of locks on it, for messages."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_LOCKS = Path("/proc/locks")


def holders_of(path: Path) -> list[str]:
    """The other processes of this machine with a lock on the file or its journal, such as `process 4242 (segue)`.

    Empty where the system does not tell.
    """
    files = set()
    for beside in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            found = Path(f"{path}{beside}").stat()
            files.add(f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}")
    try:
        lines = [line.split() for line in _LOCKS.read_text().splitlines()]
    except OSError:
        return []
    held = {int(words[4]) for words in lines if len(words) >= 8 and words[5] in files and words[4].isdigit()}
    return [_named(number) for number in sorted(held - {os.getpid(), 0})]


def _named(number: int) -> str:
    try:
        name = Path(f"/proc/{number}/comm").read_text().strip()
    except OSError:
        return f"process {number}"
    return f"process {number} ({name})"
