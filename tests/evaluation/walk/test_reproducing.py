"""The whole study, small: every kind of encoder is trained by folds, and scored beside the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from segue.api.walk.reproducing import MEASURED, walk_reproduce
from segue.core.errors import InputError
from support.recommenders.cpcd_dialogs import dialog, small_dialogs, write_dialogs
from support.recommenders.sentence_model import small_sentence_model

SMALL = {"conversations": 8, "epochs": 1, "dimensions": 4, "hard": 2}


def test_a_study_without_two_folds_or_dialogs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folds"):
        walk_reproduce(tmp_path, tmp_path / "none", folds=1)
    with pytest.raises(InputError, match="no such file"):
        walk_reproduce(tmp_path, tmp_path / "none")


@pytest.mark.slow
def test_a_study_scores_every_kind_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
    cpcd = write_dialogs(tmp_path / "d.jsonl", small_dialogs(12))
    said: list[str] = []
    study = walk_reproduce(tmp_path / "out", cpcd, folds=2, sizes=(4,), say=said.append, **SMALL)
    told = json.loads(json.dumps(study.to_json()))
    kinds = ["walk", "random slates", "bare wording", "untrained", "4 conversations"]
    assert list(told["systems"]) == ["bm25", *kinds, "walk-hybrid", "walk-rerank"]
    assert "10 encoders" in said[0] and "costs nothing" in said[0]
    for scores in told["systems"].values():
        assert list(scores) == list(MEASURED)
        assert all(
            low <= each["value"] <= high for each in scores.values() for low, high in [each["interval"]]
        )
    assert told["differences"]["random slates"]["against"] == "walk"
    again = walk_reproduce(tmp_path / "out", cpcd, folds=2, sizes=(4,), **SMALL)
    assert again.to_json() == study.to_json()


@pytest.mark.slow
def test_a_study_without_ablations_is_of_one_encoder_and_may_ask_of_those_with_clusters_alone(
    tmp_path: Path,
) -> None:
    pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
    known = small_dialogs(12)
    unknown = [
        dialog(f"old{n}", each["turns"], each["goal_playlist"], cluster=False) for n, each in enumerate(known)
    ]
    cpcd = write_dialogs(tmp_path / "d.jsonl", [*known, *unknown])
    said: list[str] = []
    study = walk_reproduce(
        tmp_path / "out", cpcd, folds=2, ablations=False, with_clusters=True, say=said.append, **SMALL
    )
    assert list(study.report.systems) == ["bm25", "walk", "walk-hybrid", "walk-rerank"]
    assert study.to_json()["dialogs"] == len(known) and said[0].startswith("2 encoders")
    old = write_dialogs(tmp_path / "old.jsonl", unknown)
    with pytest.raises(InputError, match="versions of one song"):
        walk_reproduce(tmp_path / "none", old, with_clusters=True, **SMALL)


@pytest.mark.slow
def test_with_a_sentence_encoder_one_more_reranker_is_scored_beside_the_other(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
    model = small_sentence_model(tmp_path / "small")
    cpcd = write_dialogs(tmp_path / "d.jsonl", small_dialogs(6))
    study = walk_reproduce(tmp_path / "out", cpcd, folds=2, ablations=False, sentence_encoder=model, **SMALL)
    assert list(study.report.systems)[-2:] == ["walk-rerank", "walk-rerank with sentences"]
    assert study.against["walk-rerank with sentences"] == "walk-rerank"
    with pytest.raises(InputError, match="is no folder"):
        walk_reproduce(tmp_path / "none", cpcd, sentence_encoder="/nowhere", **SMALL)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_beside_catalogues_a_study_leaves_out_playlists_and_sound(tmp_path: Path) -> None:
    pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
    cpcd = write_dialogs(tmp_path / "d.jsonl", small_dialogs(6))
    study = walk_reproduce(tmp_path / "out", cpcd, ["demo"], folds=2, sizes=(), **SMALL)
    assert {"without playlists", "without sound"} < study.against.keys()
