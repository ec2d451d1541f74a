"""Arrays come back as they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import CorruptionError
from segue.recommenders.retrieval.array_files import read_arrays, write_arrays

ARRAYS = {"a": np.arange(12, dtype=np.float32).reshape(3, 4), "none": np.array([], dtype=np.int64)}


def test_they_come_back(tmp_path: Path) -> None:
    size = write_arrays(tmp_path / "deep" / "one", ARRAYS)
    assert size == (tmp_path / "deep" / "one").stat().st_size
    found = read_arrays(tmp_path / "deep" / "one")
    assert list(found) == list(ARRAYS)
    assert all(np.array_equal(found[n], ARRAYS[n]) and found[n].dtype == ARRAYS[n].dtype for n in ARRAYS)
    with pytest.raises(ValueError, match="read-only"):
        found["a"][0, 0] = 1


@given(st.data())
def test_any_damage_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("arrays") / "one"
    write_arrays(path, ARRAYS)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole + b"0"])
    )
    path.write_bytes(damaged)
    with pytest.raises(CorruptionError, match="one"):
        read_arrays(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "one")
