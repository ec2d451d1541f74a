"""The language model in the chair: every open track, none else, by what it would write; the same again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.agents.chair.answers import check_ranking, read_ranking, written_answer
from segue.agents.chair.python_class import make
from segue.agents.chair.spec import RecommenderSpec
from segue.agents.chair.view import RecommenderView
from segue.core.errors import ConfigError, InputError, ModelSetupError
from segue.recommenders.talkplay.language.rows import RowWriter
from segue.recommenders.talkplay.language.trained_model import TrainedModel
from segue.recommenders.talkplay.recommender import TalkPlayRecommender
from segue.recommenders.talkplay.views import PlayedTurn, view_of
from support.recommenders.untrained import few_cards, untrained_model

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

CARDS = few_cards()


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    untrained_model(folder, CARDS)
    return folder


def view(turns: int = 2) -> RecommenderView:
    played = [PlayedTurn("something calm", card.track_id, f"“{card.title}” then") for card in CARDS[:turns]]
    return view_of(CARDS, played, "and now by somebody else", seed=5)


@pytest.mark.parametrize(
    "arguments", ["", "(decode='lookup')", "(decode='lookup', stochastic=True)", "(beam=3)"]
)
def test_every_open_track_once_and_the_same_again(folder: Path, arguments: str) -> None:
    chair = make(RecommenderSpec.of(f"talkplay:{folder}{arguments}"))
    asked = view()
    ranked = read_ranking(written_answer(chair.recommend(asked)))
    assert check_ranking(ranked, asked) is None
    assert sorted(ranked.track_ids) == sorted(asked.open_ids)
    assert chair.recommend(asked) == list(ranked.track_ids)


def test_scores_are_what_the_order_follows(folder: Path) -> None:
    chair = TalkPlayRecommender(str(folder))
    asked = view()
    scores = chair.scores(asked)
    assert list(np.flatnonzero(~np.isfinite(scores))) == [0, 1]
    best = CARDS[int(scores.argmax())].track_id
    assert chair.recommend(asked)[0] == best


def test_a_track_that_training_did_not_know_is_ranked_too(folder: Path) -> None:
    more = few_cards(30)
    asked = view_of(more, [], "something new", seed=1)
    assert sorted(TalkPlayRecommender(str(folder)).recommend(asked)) == sorted(c.track_id for c in more)


def test_what_is_read_holds_music_before_words_and_ends_where_a_track_is_due(folder: Path) -> None:
    trained = TrainedModel.read(folder)
    vocabulary = trained.vocabulary
    prompt = TalkPlayRecommender(str(folder)).prompt(view(1))
    tokens = trained.codes.codes_of(CARDS[0].track_id)
    at = prompt.index(vocabulary.start)
    assert prompt[at : at + 7] == vocabulary.tokens(tokens)
    assert prompt[-1] == vocabulary.start
    said = trained.tokenizer.decode(prompt)
    assert said.index("something calm") < said.index(CARDS[0].title.lower()) < said.index("somebody else")


def test_of_a_conversation_that_is_too_long_the_last_turns_are_read(folder: Path) -> None:
    trained = TrainedModel.read(folder)
    cards = {card.track_id: card for card in CARDS}
    writer = RowWriter(
        trained.tokenizer, trained.vocabulary, trained.codes, cards, 120, names=False, replies=True
    )
    turns = [PlayedTurn(f"wish {n}", CARDS[n % 9].track_id, "here it comes " * 4) for n in range(20)]
    row = writer.talk(("jazz",), turns)
    assert len(row.tokens) == len(row.kinds) <= 120
    assert "wish 19" in trained.tokenizer.decode(row.tokens)
    assert len(writer.prompt(("jazz",), turns, "wish 20")) <= 120


def test_a_folder_without_a_model_and_wrong_settings_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no model of TalkPlay's"):
        TalkPlayRecommender(str(tmp_path))
    with pytest.raises(ModelSetupError, match="cannot be made"):
        make(RecommenderSpec.of(f"talkplay:{tmp_path}"))
    with pytest.raises(ConfigError, match="beam must be from 1"):
        TalkPlayRecommender(str(folder), beam=0)
    with pytest.raises(ConfigError, match="decode must be one of"):
        TalkPlayRecommender(str(folder), decode="greedy")  # type: ignore[arg-type]


def test_a_vocabulary_that_does_not_match_the_codes_is_refused(tmp_path: Path) -> None:
    made = untrained_model(tmp_path, CARDS)
    made.model.resize_token_embeddings(made.vocabulary.rows - 3, mean_resizing=False)
    made.write(tmp_path)
    with pytest.raises(InputError, match="its codes need"):
        TrainedModel.read(tmp_path)
