"""The language model as a scorer of next tracks: the same order as in the chair, and the look-up beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.next_track.queries import TalkQuery
from segue.recommenders.talkplay.recommender import TalkPlayRecommender
from segue.recommenders.talkplay.scoring import TalkPlayScorer
from segue.recommenders.talkplay.views import PlayedTurn, view_of
from support.recommenders.untrained import few_cards, untrained_model

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

CARDS = few_cards()
QUERIES = [
    TalkQuery(("something calm",)),
    TalkQuery(("something calm", "louder now"), (3,), ("here it is",)),
    TalkQuery(("a", "b", "something by somebody else"), (3, None), ("here it is", "none fits")),
]


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    untrained_model(folder, CARDS)
    return folder


@pytest.mark.parametrize("apart", [False, True])
def test_the_order_is_that_of_the_chair(tmp_path: Path, apart: bool) -> None:
    untrained_model(tmp_path, CARDS, apart=apart)
    scores = TalkPlayScorer(tmp_path, CARDS).scores(QUERIES)
    assert scores.shape == (3, len(CARDS)) and np.isfinite(scores).all()
    view = view_of(CARDS, [PlayedTurn("something calm", CARDS[3].track_id, "here it is")], "louder now")
    ranked = TalkPlayRecommender(str(tmp_path)).recommend(view)
    order = [CARDS[place].track_id for place in np.argsort(-scores[1], kind="stable") if place != 3]
    assert order == ranked


def test_the_look_up_gives_places_and_counts_exact_matches(folder: Path) -> None:
    scorer = TalkPlayScorer(folder, CARDS, decode="lookup")
    scores = scorer.scores(QUERIES)
    assert np.array_equal(scores, scorer.scores(QUERIES), equal_nan=True)
    assert len(scorer.matches) == 6 and scorer.matches[:3] == scorer.matches[3:]
    for row, match in zip(scores, scorer.matches, strict=False):
        assert match is None or match == row.argmax()
    for row in scores:
        found = np.sort(row[np.isfinite(row)])
        assert np.array_equal(found, np.arange(1, len(found) + 1))


def test_shuffled_codes_give_the_same_scores_to_other_tracks(folder: Path) -> None:
    own = TalkPlayScorer(folder, CARDS).scores(QUERIES)
    shuffled = TalkPlayScorer(folder, CARDS, shuffled=True).scores(QUERIES)
    assert np.allclose(np.sort(own), np.sort(shuffled), atol=1e-4) and not np.allclose(own, shuffled)


def test_a_decoding_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="decode must be one of"):
        TalkPlayScorer(folder, CARDS, decode="best")  # type: ignore[arg-type]
