"""Files that appear whole or not at all, whoever else writes them at the same time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..core.errors import CacheError


def keep_cached(path: Path, data: bytes) -> None:
    """`write_atomically` of what can be made again.

    Raises:
        CacheError: it cannot be written.
    """
    try:
        write_atomically(path, data)
    except OSError as error:
        raise CacheError(
            f"cannot keep {path}: {error.strerror or error}",
            hint="make room there, or let SEGUE_CACHE name another folder; the same command then goes on",
        ) from error


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file, and the folders above it; of several writers, any may come last. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
