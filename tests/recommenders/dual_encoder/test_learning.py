"""Training: examples of walks, epochs that can be stopped, and the folder that comes of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from segue.core.errors import CatalogError, ConfigError
from segue.recommenders.dual_encoder.examples import ASKED, examples_of
from segue.recommenders.dual_encoder.features import SOURCES
from segue.recommenders.dual_encoder.model import untrained_weights
from segue.recommenders.dual_encoder.model_folder import CARD, COMPANY, TRAINING, load_encoder, read_card
from segue.recommenders.walk.generating import Generator
from segue.recommenders.walk.queries import WalkQuery
from segue.recommenders.walk.walk_settings import WalkSettings
from support.recommenders.encoding import artist, found, lesson, trained, vectors


def test_an_example_seeks_what_is_of_the_collection_and_was_not_liked_before() -> None:
    generator = Generator(found(), vectors(), WalkSettings(), 5)
    examples = list(examples_of(generator, 60))
    assert 60 < len(examples) <= ASKED * 60
    for example in examples:
        assert example.sought in example.alike and example.sought not in example.query.liked
        assert example.query.said and all(example.query.said)
    assert examples[:20] == list(examples_of(generator, 60))[:20]


def test_a_training_learns_and_its_card_tells_of_what(tmp_path: Path) -> None:
    card = lesson(epochs=8).learn(tmp_path)
    assert card.losses[-1] < card.losses[0] and len(card.losses) == 8
    assert card.weights != untrained_weights() and min(card.weights.values()) >= 0
    assert card.catalogs[0].collections == len(found().kept) and card.groups == 14
    assert read_card(tmp_path) == card and json.loads((tmp_path / CARD).read_text()) == card.to_json()


def test_a_training_that_was_stopped_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = lesson(epochs=3).learn(tmp_path / "whole")
    said: list[str] = []

    def stop(told: str) -> None:
        said.append(told)
        if told.startswith("epoch 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lesson(epochs=3).learn(tmp_path / "stopped", say=stop)
    with pytest.raises(ConfigError, match="not ended"):
        load_encoder(tmp_path / "stopped")
    again: list[str] = []
    assert lesson(epochs=3).learn(tmp_path / "stopped", say=again.append) == whole
    assert [each for each in again if "epoch" in each] == [f"epoch 3, loss {whole.losses[2]:.4f}"]


def test_the_same_command_finds_what_is_there_and_another_is_refused(tmp_path: Path) -> None:
    card = lesson().learn(tmp_path)
    said: list[str] = []
    assert lesson().learn(tmp_path, say=said.append) == card and not said
    with pytest.raises(ConfigError, match="trained otherwise"):
        lesson(seed=1).learn(tmp_path)
    assert lesson(seed=1).learn(tmp_path, overwrite=True).identity != card.identity


def test_a_begun_training_of_other_settings_is_not_gone_on_with(tmp_path: Path) -> None:
    lesson().learn(tmp_path)
    (tmp_path / CARD).unlink()
    with pytest.raises(ConfigError, match="begun otherwise"):
        lesson(rate=0.2).learn(tmp_path)


def test_without_conversations_nothing_is_trained(tmp_path: Path) -> None:
    card = lesson(conversations=0).learn(tmp_path)
    assert card.weights == untrained_weights() and card.examples == 0 and not (tmp_path / TRAINING).exists()


def test_a_folder_scores_as_what_was_trained(tmp_path: Path) -> None:
    encoder = load_encoder(trained(tmp_path))
    query = [WalkQuery((f"{artist(2)} please",), (3,))]
    first = encoder.over(found().items).scores(query)
    assert np.array_equal(first, load_encoder(tmp_path).over(found().items).scores(query))
    assert set(encoder.weights) == set(SOURCES)


def test_what_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no trained encoder"):
        load_encoder(tmp_path)
    trained(tmp_path)
    (tmp_path / COMPANY).write_bytes(b"")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_encoder(tmp_path)
    (tmp_path / CARD).write_text("{}")
    with pytest.raises(CatalogError, match=CARD):
        load_encoder(tmp_path)
