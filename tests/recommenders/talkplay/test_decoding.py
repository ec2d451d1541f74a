"""Scores of tracks from what codes are given: each by itself, or along the tree of tuples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.talkplay.codes.codebook import Coded
from segue.recommenders.talkplay.codes.modalities import MISSING, PLAYLIST
from segue.recommenders.talkplay.decoding import TrackScores, decoding_of
from segue.recommenders.talkplay.language.code_logs import code_logs
from segue.recommenders.talkplay.language.trained_model import TrainedModel
from support.recommenders.untrained import few_cards, untrained_model

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

CARDS = few_cards()


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return untrained_model(tmp_path_factory.mktemp("model"), CARDS, apart=True)


def test_a_track_is_given_what_its_codes_are_shared_among_the_tracks_that_have_them(
    made: TrainedModel,
) -> None:
    prompts = [[4, made.vocabulary.start], [9, 4, made.vocabulary.start]]
    coded = made.codes.coded
    found = TrackScores(made, coded, apart=True, beam=1).of(prompts)
    logs = code_logs(made.model, made.vocabulary, prompts)
    for track, codes in enumerate(coded.codes):
        expected = np.zeros(2)
        for place, code in enumerate(codes):
            if (place, code) != (PLAYLIST, MISSING):
                share = np.mean(coded.codes[:, place] == code)
                expected += logs[:, place, code] - np.log(share)
        assert found[:, track] == pytest.approx(expected, abs=1e-3)
    assert any(codes[PLAYLIST] == MISSING for codes in coded.codes)


def test_scores_of_some_tracks_are_those_that_they_have_among_all(made: TrainedModel) -> None:
    prompts, rows = [[4, made.vocabulary.start]], [5, 2, 17]
    whole = TrackScores(made, made.codes.coded, apart=True, beam=1).of(prompts)
    some = TrackScores(made, made.codes.coded.of_rows(rows), apart=True, beam=1).of(prompts)
    assert np.array_equal(whole[:, rows], some)


def test_a_combination_that_no_track_of_the_training_has_is_ranked(made: TrainedModel) -> None:
    last = made.codes.codebook.size - 1
    new = Coded(np.full((1, 5), last, dtype=np.int32), np.zeros((1, 5), dtype=np.float32))
    assert np.isfinite(TrackScores(made, new, apart=True, beam=1).of([[made.vocabulary.start]])).all()


def test_codes_are_the_default_of_models_that_have_learned_them_alone(
    made: TrainedModel, tmp_path: Path
) -> None:
    other = untrained_model(tmp_path, CARDS)
    assert [decoding_of(made, None), decoding_of(made, "trie"), decoding_of(other, None)] == [
        "codes",
        "trie",
        "trie",
    ]
    with pytest.raises(ConfigError, match="has not learned each code by itself") as raised:
        decoding_of(other, "codes")
    assert "--blank" in (raised.value.hint or "")
