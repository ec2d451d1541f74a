"""Media made on demand: written into the cache folder where they are missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...core.errors import CatalogError
from ..atomic_files import write_atomically


def ensure_file(path: Path, make: Callable[[], bytes]) -> Path:
    """`path`, written with the bytes of `make()` where it is missing.

    Other processes see no file or a whole one.

    Raises:
        CatalogError: when the folder cannot be written.
    """
    if path.is_file():
        return path
    content = make()
    try:
        write_atomically(path, content)
    except OSError as error:
        raise CatalogError(
            f"cannot keep the demo's media: {error}",
            file=path,
            hint="point SEGUE_CACHE at a folder that can be written",
        ) from error
    return path
