"""Media made on demand: written into the cache folder where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..atomic_files import keep_cached


def ensure_file(path: Path, make: Callable[[], bytes]) -> Path:
    """`path`, written with the bytes of `make()` where it is missing.

    Other processes see no file or a whole one.

    Raises:
        CacheError: when the folder cannot be written, or is full.
    """
    if path.is_file():
        return path
    keep_cached(path, make())
    return path
