"""Training data come back as they were written, and nothing else is taken for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.core.errors import CatalogError
from segue.recommenders.next_track.dividing import DividingRule
from segue.recommenders.next_track.training_files import (
    MANIFEST,
    TrainingOrigin,
    read_training,
    write_training,
)
from support.state.talks import divided, talk

ORIGIN = TrainingOrigin(catalog="demo", catalog_digest="d", conversations="a test", rule=DividingRule())


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    parts = divided(
        [talk("a\u2028b", [1, None])], [talk("c", [2], liked=True)], (("t1", "t2"),), frozenset({"t2"})
    )
    told = write_training(tmp_path, parts, ORIGIN)
    read = read_training(tmp_path)
    assert read.divided == parts and read.origin == told and told.counts["train_turns"] == 2


def test_what_was_changed_since_is_refused(tmp_path: Path) -> None:
    write_training(tmp_path, divided([talk("a", [1])], [talk("c", [2])]), ORIGIN)
    (tmp_path / "test.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"test\.jsonl.*is not what was written"):
        read_training(tmp_path)
    (tmp_path / MANIFEST).write_text('{"version": 9}', encoding="utf-8")
    with pytest.raises(CatalogError, match="catalog"):
        read_training(tmp_path)
    with pytest.raises(CatalogError, match="segue talkplay data"):
        read_training(tmp_path / "nothing")
