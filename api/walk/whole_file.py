"""`WholeFile`: written beside its place, and there when it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from ...core.errors import ConfigError


def free_path(path: Path, *, overwrite: bool) -> Path:
    """`path`. Raises `ConfigError` where something is there already and may not be overwritten."""
    if path.exists() and not overwrite:
        raise ConfigError(f"{path} is there already", hint="give --overwrite, or another name")
    return path


class WholeFile:
    """A file that appears when it is whole. Raises `ConfigError` where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f".{path.name}.part")
        self._file: IO[bytes]
        self._kept = False

    def write(self, data: bytes) -> None:
        """Add some of it."""
        self._file.write(data)

    def keep(self) -> None:
        """It is whole."""
        self._kept = True

    def __enter__(self) -> WholeFile:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._part.open("wb")
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            self._file.close()
            if self._kept and error is None:
                self._part.replace(self._path)
        except OSError as fault:
            raise self._unwritable(fault) from fault
        finally:
            self._part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(f"{self._path} cannot be written: {error.strerror or error}")
