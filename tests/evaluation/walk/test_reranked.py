"""Rerankers that are kept with encoders, on conversations between people: none is asked about what it knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue.api.walk.training import walk_train
from segue.core.errors import ConfigError, InputError
from segue.evaluation.walk.evaluating import evaluate_cpcd
from segue.recommenders.dual_encoder.model_folder import fold_folders, read_card
from segue.recommenders.dual_encoder.reranker.folder import kept_reranker
from support.recommenders.cpcd_dialogs import dialog, small_dialogs, turn, write_dialogs
from support.recommenders.sentence_model import small_sentence_model

pytest.importorskip("lightgbm", reason="the extra rerank is not installed")
pytest.importorskip("wordllama", reason="the extra `dense` is not installed")

SMALL = {"conversations": 30, "epochs": 1, "dimensions": 4}


@pytest.fixture
def cpcd(tmp_path: Path) -> Path:
    return write_dialogs(tmp_path / "d.jsonl", small_dialogs(6))


@pytest.mark.slow
def test_walked_ones_are_kept_for_each_fold(cpcd: Path, tmp_path: Path) -> None:
    out = tmp_path / "encoder"
    card = walk_train(out, cpcd=cpcd, folds=2, rerank="walked", **SMALL)
    assert card == read_card(out) and card.reranker is not None
    assert card.reranker.dialogs == card.dialogs and len(card.dialogs) == 6
    for fold in fold_folders(out):
        kept = kept_reranker(fold)
        assert kept is not None and kept.dialogs == read_card(fold).dialogs and len(kept.dialogs) == 3
    scores = evaluate_cpcd(cpcd, [f"walk-rerank:{out}"]).systems[f"walk-rerank:{out}"]
    assert scores.macro("hit@100") > 0.45
    said: list[str] = []
    assert walk_train(out, cpcd=cpcd, folds=2, rerank="walked", say=said.append, **SMALL) == card
    assert not said, "all of it is there already"
    assert walk_train(out, cpcd=cpcd, folds=2, **SMALL) == card
    with pytest.raises(ConfigError, match="fitted otherwise"):
        walk_train(out, cpcd=cpcd, folds=2, rerank=cpcd, **SMALL)


@pytest.mark.slow
def test_those_of_people_s_words_are_asked_about_other_people_s(cpcd: Path, tmp_path: Path) -> None:
    out = tmp_path / "encoder"
    card = walk_train(out, folds=2, rerank=cpcd, **SMALL)
    assert card.reranker is not None and card.reranker.learned_from == "conversations between people"
    left = [set(each.left_out) for each in card.reranker.trees]
    assert len(left) == 3 and not left[0] and left[1] | left[2] == set(card.reranker.dialogs)
    report = evaluate_cpcd(cpcd, [f"walk:{out}", f"walk-rerank:{out}"])
    assert report.systems[f"walk-rerank:{out}"].macro("hit@10") > 0.45
    again = walk_train(tmp_path / "other", folds=0, rerank=cpcd, **SMALL)
    assert again.reranker is not None and len(again.reranker.trees) == 1
    with pytest.raises(ConfigError, match="learned from d0"):
        evaluate_cpcd(cpcd, [f"walk-rerank:{tmp_path / 'other'}"])


@pytest.mark.slow
def test_those_that_read_sentences_are_kept_and_asked_like_the_others(cpcd: Path, tmp_path: Path) -> None:
    model, out = small_sentence_model(tmp_path / "small"), tmp_path / "encoder"
    card = walk_train(out, folds=2, rerank=cpcd, sentence_encoder=model, **SMALL)
    assert card.reranker is not None and card.reranker.sentences is not None
    assert card.reranker.sentences.name == str(model)
    assert evaluate_cpcd(cpcd, [f"walk-rerank:{out}"]).systems[f"walk-rerank:{out}"].macro("hit@10") > 0.45
    with pytest.raises(ConfigError, match="fitted otherwise"):
        walk_train(out, folds=2, rerank=cpcd, **SMALL)


def test_what_cannot_be_fitted_is_said_before_anything_is_trained(cpcd: Path, tmp_path: Path) -> None:
    out = tmp_path / "encoder"
    empty = write_dialogs(tmp_path / "empty.jsonl", [dialog("e", [turn("hello")], [])])
    with pytest.raises(ConfigError, match="these very dialogs"):
        walk_train(out, cpcd=cpcd, folds=0, rerank=cpcd, **SMALL)
    with pytest.raises(InputError, match="nothing can be learned"):
        walk_train(out, rerank=empty, **SMALL)
    with pytest.raises(InputError, match="nowhere"):
        walk_train(out, rerank=tmp_path / "nowhere", **SMALL)
    assert not out.exists()
