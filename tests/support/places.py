"""Places with faults of their own: full ones, and ones that cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_place(folder: Path, size: str = "2m") -> Iterator[Path]:
    """The folder with room for so much and no more; the test is skipped where that cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount(["-t", "tmpfs", "-o", f"size={size}", "tmpfs"], folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def enlarge(folder: Path, size: str) -> None:
    """Make room in a small place."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


@contextmanager
def read_only_copy(source: Path, folder: Path) -> Iterator[Path]:
    """A folder with what is in `source`, in which nobody can write any more: root neither, on a medium of its own."""
    if os.geteuid() != 0:
        shutil.copytree(source, folder)
        modes = {path: path.stat().st_mode for path in (*folder.rglob("*"), folder)}
        for path, mode in modes.items():
            path.chmod(mode & 0o555)
        yield folder
        for path, mode in reversed(modes.items()):
            path.chmod(mode)
        return
    with small_place(folder, "64m"):
        shutil.copytree(source, folder, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield folder


def _mount(how: list[str], folder: Path) -> None:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a place of its own")
    done = subprocess.run(["mount", *how, str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
