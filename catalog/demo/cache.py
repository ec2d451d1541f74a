"""The folder where media made on demand are kept, and the one way in which a file gets into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from ...core.errors import CatalogError

CACHE_VARIABLE = "SEGUE_CACHE"


def default_cache() -> Path:
    """`$SEGUE_CACHE`, else `segue` in `$XDG_CACHE_HOME`, else `~/.cache/segue`."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "segue"


def ensure_file(path: Path, make: Callable[[], bytes]) -> Path:
    """`path`, written with the bytes of `make()` where it is missing.

    The bytes go to a temporary file beside it and are renamed: other processes see no file or a whole one.

    Raises:
        CatalogError: when the folder cannot be written.
    """
    if path.is_file():
        return path
    content = make()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content)
    except OSError as error:
        raise CatalogError(
            f"cannot keep the demo's media: {error}",
            file=path,
            hint=f"point {CACHE_VARIABLE} at a folder that can be written",
        ) from error
    return path


def _write(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
