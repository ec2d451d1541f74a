"""A reranker beside its encoder: fitted on walks, kept, read back, and asked in the chair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.dual_encoder.model_folder import CARD, load_encoder, read_card, write_card
from segue.recommenders.dual_encoder.ranks import open_ranking
from segue.recommenders.dual_encoder.recommender import WalkRecommender
from segue.recommenders.dual_encoder.reranker.card import KeptTrees, RerankerCard
from segue.recommenders.dual_encoder.reranker.folder import keep_reranker, kept_reranker, load_trees
from segue.recommenders.dual_encoder.reranker.walked import fitted_on_walks
from segue.recommenders.dual_encoder.talk import talked_scores
from segue.recommenders.walk.queries import WalkQuery
from support.recommenders.encoding import artist, found, lesson, trained
from support.recommenders.sentence_model import small_sentence_model

pytest.importorskip("lightgbm", reason="the extra rerank is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = trained(tmp_path_factory.mktemp("walked"), conversations=60)
    keep_reranker(path, "me", fitted_on_walks(lesson(conversations=60), load_encoder(path)), 0)
    return path


def card(*trees: KeptTrees, dialogs: tuple[str, ...] = ()) -> RerankerCard:
    learned = "conversations between people"
    return RerankerCard(identity="x", learned_from=learned, dialogs=dialogs, requests=1, seed=0, trees=trees)


def test_the_card_names_what_it_was_fitted_on(folder: Path) -> None:
    kept = read_card(folder).reranker
    assert kept is not None and kept == kept_reranker(folder)
    assert kept.learned_from == "walked conversations" and kept.dialogs == () and kept.identity == "me"
    assert 60 < kept.requests <= 120 and len(kept.trees) == 1
    assert (folder / kept.trees[0].file).is_file()


def test_the_same_walks_give_the_same_trees(folder: Path) -> None:
    again = fitted_on_walks(lesson(conversations=60), load_encoder(folder)).trees[0].trees
    assert again.text().encode() == (folder / "reranker-0.txt").read_bytes()


def test_it_puts_first_what_fits_and_ranks_all(folder: Path) -> None:
    ranked = open_ranking(folder, "rerank").over(found().items)
    query = WalkQuery((f"some {artist(3)} please",), ())
    [scores] = ranked.scorer.scores([query])
    assert len(set(scores.tolist())) == len(scores), "no two are alike"
    first = {found().items.texts[place].artists[0] for place in np.argsort(-scores)[:4].tolist()}
    assert first == {artist(3)}
    assert np.isfinite(talked_scores(ranked, ["some soul", f"no more {artist(1)}"])).all()
    assert WalkRecommender(str(folder), rank="rerank")


def test_what_is_damaged_or_of_another_version_is_told_of(folder: Path, tmp_path: Path) -> None:
    kept = read_card(folder)
    for name in (CARD, "reranker-0.txt"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with (tmp_path / "reranker-0.txt").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ConfigError, match="not those that were written"):
        load_trees(tmp_path)
    (tmp_path / "reranker-0.txt").unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_trees(tmp_path)
    assert kept.reranker is not None
    later = kept.model_copy(update={"reranker": kept.reranker.model_copy(update={"version": 99})})
    (tmp_path / CARD).write_text(later.model_dump_json())
    with pytest.raises(ConfigError, match="version 99"):
        kept_reranker(tmp_path)
    assert kept_reranker(tmp_path / "none") is None


def test_without_walks_there_is_nothing_to_learn_from(folder: Path) -> None:
    with pytest.raises(ConfigError, match="nothing that is right is among the candidates"):
        fitted_on_walks(lesson(conversations=0), load_encoder(folder))


def test_trees_are_found_that_know_nothing_of_a_conversation() -> None:
    every, fold = KeptTrees(file="0", digest=""), KeptTrees(file="1", digest="", left_out=("b",))
    assert card(every).unseen_by("a") is every
    known = card(every, fold, dialogs=("a", "b"))
    assert known.unseen_by("b") is fold and known.unseen_by("a") is None and known.unseen_by("c") is every


@pytest.mark.slow
def test_trees_that_read_sentences_ask_the_same_model_again(tmp_path: Path) -> None:
    model = small_sentence_model(tmp_path / "small")
    path = trained(tmp_path / "walked", conversations=60)
    fitted = fitted_on_walks(lesson(conversations=60), load_encoder(path), str(model))
    keep_reranker(path, "me", fitted, 0)
    kept = kept_reranker(path)
    assert kept is not None and kept.sentences is not None and kept.sentences.name == str(model)
    ranked = open_ranking(path, "rerank").over(found().items)
    assert np.isfinite(ranked.scorer.scores([WalkQuery((f"some {artist(3)} please",))])).all()
    other = small_sentence_model(tmp_path / "other", seed=1)
    moved = kept.model_copy(update={"sentences": kept.sentences.model_copy(update={"name": str(other)})})
    write_card(path, read_card(path).model_copy(update={"reranker": moved}))
    with pytest.raises(ConfigError, match="learned by another model"):
        open_ranking(path, "rerank")
    gone = kept.model_copy(update={"sentences": kept.sentences.model_copy(update={"name": "/gone"})})
    write_card(path, read_card(path).model_copy(update={"reranker": gone}))
    with pytest.raises(ConfigError, match="'/gone' is no folder"):
        open_ranking(path, "rerank")
    assert open_ranking(path, "hybrid"), "all else is as it was"
