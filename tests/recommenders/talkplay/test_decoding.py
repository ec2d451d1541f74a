"""Scores of tracks from what codes are given: each by itself, or along the tree of tuples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import ConfigError
from segue.recommenders.talkplay.codes.codebook import Coded
from segue.recommenders.talkplay.codes.modalities import MISSING, PLAYLIST
from segue.recommenders.talkplay.decoding import TrackScores, decoding_of, usual_shares
from segue.recommenders.talkplay.language.code_logs import code_logs
from segue.recommenders.talkplay.language.trained_model import TrainedModel
from support.recommenders.untrained import few_cards, untrained_model

for _name in ("torch", "transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

CARDS = few_cards()


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return untrained_model(tmp_path_factory.mktemp("model"), CARDS, apart=True)


def test_a_track_is_given_how_much_likelier_its_codes_are_than_usual(made: TrainedModel) -> None:
    prompts = [[4, made.vocabulary.start], [9, 4, made.vocabulary.start]]
    coded, usual = made.codes.coded, usual_shares(made)
    found = TrackScores(made, coded, apart=True, beam=1).of(prompts)
    logs = code_logs(made.model, made.vocabulary, prompts)
    for track, codes in enumerate(coded.codes):
        known = [place for place, code in enumerate(codes) if (place, code) != (PLAYLIST, MISSING)]
        expected = sum(logs[:, place, codes[place]] - np.log(usual[place, codes[place]]) for place in known)
        assert found[:, track] == pytest.approx(expected, abs=1e-3)
    assert any(codes[PLAYLIST] == MISSING for codes in coded.codes)


def test_usual_shares_lie_between_those_of_plays_and_of_tracks(made: TrainedModel) -> None:
    usual, plays = usual_shares(made), np.array(made.about["plays"])
    held = np.array([np.bincount(codes, minlength=plays.shape[1]) for codes in made.codes.coded.codes.T])
    ends = plays / plays.sum(axis=1, keepdims=True), held / held.sum(axis=1, keepdims=True)
    there = held > 0
    assert ((usual >= np.minimum(*ends) - 1e-9) & (usual <= np.maximum(*ends) + 1e-9))[there].all()
    assert (usual > 0).all()


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
