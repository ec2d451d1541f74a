"""Encoders on conversations between people: each is asked about those alone whose playlists it never saw."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.api.walk.folds import folds_of
from segue.api.walk.training import walk_train
from segue.core.errors import ConfigError
from segue.evaluation.walk.evaluating import evaluate_cpcd
from segue.recommenders.dual_encoder.model_folder import fold_folders, read_card
from support.recommenders.cpcd_dialogs import small_dialogs, write_dialogs

SMALL = {"conversations": 12, "epochs": 1, "dimensions": 4}


def test_folds_are_about_equal_and_the_same_in_any_order() -> None:
    names = [f"d{number}" for number in range(22)]
    folds = folds_of(names, 5)
    assert folds == folds_of(names[::-1], 5)
    assert sorted(list(folds.values()).count(fold) for fold in range(5)) == [4, 4, 4, 5, 5]


def test_an_encoder_is_scored_on_what_it_has_not_seen(tmp_path: Path) -> None:
    cpcd = write_dialogs(tmp_path / "d.jsonl", small_dialogs())
    out = tmp_path / "encoder"
    card = walk_train(out, cpcd=cpcd, folds=2, **SMALL)
    assert card.dialogs == ("d0", "d1", "d2", "d3") and len(fold_folders(out)) == 2
    left = [set(card.dialogs) - set(read_card(fold).dialogs) for fold in fold_folders(out)]
    assert set.union(*left) == set(card.dialogs) and not left[0] & left[1]
    report = evaluate_cpcd(cpcd, ["bm25", f"walk:{out}", f"walk-hybrid:{out}"])
    assert report.systems[f"walk:{out}"].macro("hit@10") > 0.45


def test_an_encoder_that_saw_what_is_sought_is_refused(tmp_path: Path) -> None:
    cpcd = write_dialogs(tmp_path / "d.jsonl", small_dialogs())
    walk_train(tmp_path / "e", cpcd=cpcd, folds=0, **SMALL)
    with pytest.raises(ConfigError, match="trained on the playlist"):
        evaluate_cpcd(cpcd, [f"walk:{tmp_path / 'e'}"])
    with pytest.raises(ConfigError, match="folds"):
        walk_train(tmp_path / "f", cpcd=cpcd, folds=1)
    with pytest.raises(ConfigError, match="no trained encoder"):
        evaluate_cpcd(cpcd, [f"walk:{tmp_path}"])
