"""Where segue keeps things: the store by default, and what can be made again in one cache folder."""

from __future__ import annotations

import os
import stat
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .errors import ConfigError
from .told import CacheWarning

DEFAULT_STORE = "sqlite:///segue.db"
"""A file in the folder where segue is started."""

_HINT = "SEGUE_CACHE names a folder that can be written"


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """`$SEGUE_CACHE`, else `$XDG_CACHE_HOME/segue`, else `~/.cache/segue`. It need not exist yet.

    Where it could not be written, a temporary folder of the user's, told of once by a `CacheWarning`.

    Raises:
        ConfigError: there is no folder for temporary files either.
    """
    wanted = _wanted(os.environ if environ is None else environ)
    return wanted if wanted is not None and _can_be_written(wanted) else stand_in_for(wanted)


def _wanted(known: Mapping[str, str]) -> Path | None:
    try:
        if known.get("SEGUE_CACHE"):
            return Path(known["SEGUE_CACHE"]).expanduser()
        base = known.get("XDG_CACHE_HOME")
        return (Path(base).expanduser() if base else Path.home() / ".cache") / "segue"
    except RuntimeError:  # nobody knows of a home folder
        return None


def _can_be_written(folder: Path) -> bool:
    """Whether it is a folder where files can be made, or could be made one."""
    place = next((each for each in (folder, *folder.absolute().parents) if os.path.lexists(each)), folder)
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


@cache
def stand_in_for(folder: Path | None) -> Path:
    """A temporary folder in place of a cache folder, told of once."""
    try:
        made = _temporary()
    except OSError as error:
        raise ConfigError(
            f"no folder can be written, for temporary files neither: {error}", hint=_HINT
        ) from error
    place = (
        "there is no home folder for a cache"
        if folder is None
        else f"the cache folder {folder} cannot be written"
    )
    warnings.warn(CacheWarning(f"{place}; what is made is kept in {made} ({_HINT})"), stacklevel=3)
    return made


def _temporary() -> Path:
    """One for each user, the same every time; where somebody else has taken its name, a new one."""
    named = Path(tempfile.gettempdir()) / f"segue-cache-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    try:
        named.mkdir(mode=0o700)
        return named
    except FileExistsError:
        found = named.lstat()
    own = stat.S_ISDIR(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())
    return named if own and not found.st_mode & 0o077 else Path(tempfile.mkdtemp(prefix="segue-cache-"))
