"""Texts by a model of sentence-transformers: vectors, files that are kept, and what is not at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.embeddings.sentences import MANY, SentenceTexts
from support.recommenders.sentence_model import small_sentence_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_sentence_model(tmp_path_factory.mktemp("sentences") / "small")


@pytest.mark.slow
def test_vectors_are_of_length_1_the_same_each_time_and_zeros_without_a_word(model: Path) -> None:
    texts = SentenceTexts(str(model))
    found = texts.of_requests(["some soul", " ", "dub", "some soul"])
    assert found.shape == (4, texts.dimensions) == (4, 16)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1, 1])
    assert np.array_equal(found[0], found[3]) and not np.array_equal(found[0], found[2])
    assert np.array_equal(texts.of_requests(["dub"])[0], found[2]), "what was asked before is remembered"
    assert texts.of_items([]).shape == texts.of_requests([]).shape == (0, 16)


@pytest.mark.slow
def test_vectors_of_many_items_are_kept_by_model_and_texts(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUE_CACHE", str(tmp_path))
    items = [f"song {number}" for number in range(MANY)]
    first = np.array(SentenceTexts(str(model)).of_items(items))
    [kept] = (tmp_path / "sentences").iterdir()
    written = kept.stat().st_mtime_ns
    assert np.array_equal(SentenceTexts(str(model)).of_items(items), first)
    assert kept.stat().st_mtime_ns == written
    kept.unlink()
    kept.write_bytes(b"damaged")
    assert np.array_equal(SentenceTexts(str(model)).of_items(items), first), "made anew"
    SentenceTexts(str(model)).of_items(items[:-1])
    assert not list((tmp_path / "sentences").iterdir())[1:], "few are not kept"


@pytest.mark.slow
def test_a_model_is_told_by_what_it_consists_of_wherever_it_lies(model: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    copied.mkdir()
    for file in model.rglob("*"):
        if file.is_file():
            target = copied / file.relative_to(model)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
    other = small_sentence_model(tmp_path / "other", seed=1)
    first, same, differs = (SentenceTexts(str(each)).digest for each in (model, copied, other))
    assert first == same != differs


def test_what_is_no_folder_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        SentenceTexts("/no such model here")


@pytest.mark.slow
def test_a_folder_without_a_model_is_refused_with_its_reason(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra train is not installed")
    with pytest.raises(ConfigError, match="cannot be loaded"):
        SentenceTexts(str(tmp_path))
