"""`free_folder`: where a stage of TalkPlay writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...core.errors import ConfigError


def free_folder(
    path: str | Path, what: str, holds: Callable[[Path], bool], *, overwrite: bool = False
) -> Path:
    """`path`. Raises `ConfigError` where it is a file, or holds `what` already and that may not be overwritten."""
    folder = Path(path)
    if folder.is_file():
        raise ConfigError(f"{folder} is a file", hint="name a folder")
    if holds(folder) and not overwrite:
        raise ConfigError(f"{folder} holds {what} already", hint="give --overwrite, or another folder")
    return folder
