"""The cache folder: where it is asked for, or in a temporary folder of one's own where that cannot be written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from segue.core.errors import ConfigError
from segue.core.places import cache_folder, stand_in_for
from segue.core.told import CacheWarning


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Where temporary folders go."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    stand_in_for.cache_clear()
    yield tmp_path / "temporary"
    tempfile.tempdir = before
    stand_in_for.cache_clear()


def test_the_folder_is_the_one_that_is_named(tmp_path: Path) -> None:
    assert cache_folder({"SEGUE_CACHE": str(tmp_path / "a" / "b")}) == tmp_path / "a" / "b"
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "segue"
    assert cache_folder({"SEGUE_CACHE": "", "XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "segue"
    assert not list(tmp_path.iterdir())


def unwritable(tmp_path: Path) -> str:
    (tmp_path / "file").touch()
    return str(tmp_path / "file" / "cache")


def test_one_that_cannot_be_made_is_stood_in_for_and_told_of_once(tmp_path: Path, temporary: Path) -> None:
    wanted = unwritable(tmp_path)
    with pytest.warns(
        CacheWarning, match=r"file/cache cannot be written; what is made is kept in .*SEGUE_CACHE"
    ):
        made = cache_folder({"SEGUE_CACHE": wanted})
    assert made.parent == temporary and made.is_dir() and made.stat().st_mode & 0o777 == 0o700
    assert cache_folder({"SEGUE_CACHE": wanted}) == made, (
        "and no second warning, which would be an error here"
    )


def test_another_run_finds_the_same_folder(tmp_path: Path, temporary: Path) -> None:
    with pytest.warns(CacheWarning):
        made = cache_folder({"SEGUE_CACHE": unwritable(tmp_path)})
    stand_in_for.cache_clear()
    with pytest.warns(CacheWarning):
        assert cache_folder({"SEGUE_CACHE": unwritable(tmp_path)}) == made


def test_a_folder_that_others_can_write_is_not_taken(tmp_path: Path, temporary: Path) -> None:
    open_to_all = temporary / f"segue-cache-{os.getuid()}"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.warns(CacheWarning):
        made = cache_folder({"SEGUE_CACHE": unwritable(tmp_path)})
    assert made != open_to_all and made.parent == temporary


def test_where_nothing_can_be_written_that_is_said(tmp_path: Path, temporary: Path) -> None:
    temporary.rmdir()
    with pytest.raises(ConfigError, match="no folder can be written") as told:
        cache_folder({"SEGUE_CACHE": unwritable(tmp_path)})
    assert told.value.hint and "SEGUE_CACHE" in told.value.hint
