"""Where segue keeps things: the store by default, and what can be made again in one cache folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

DEFAULT_STORE = "sqlite:///segue.db"
"""A file in the folder where segue is started."""


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """`$SEGUE_CACHE`, else `$XDG_CACHE_HOME/segue`, else `~/.cache/segue`. It need not exist yet."""
    known = os.environ if environ is None else environ
    if known.get("SEGUE_CACHE"):
        return Path(known["SEGUE_CACHE"]).expanduser()
    base = known.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "segue"
