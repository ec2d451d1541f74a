"""A training that is ended goes on as if it had not been; what cannot work is refused before it costs time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from segue.catalog.catalog import Catalog
from segue.catalog.opening import open_catalog
from segue.core.errors import InputError
from segue.recommenders.embeddings.arrays import VectorTable, of_length_1
from segue.recommenders.next_track.dividing import DividedTalks, DividingRule
from segue.recommenders.next_track.talks import PlayedTalk, TalkTurn
from segue.recommenders.next_track.training_files import TrainingData, TrainingOrigin
from segue.recommenders.talkplay.codes.code_meanings import code_meanings
from segue.recommenders.talkplay.codes.modalities import MISSING, MODALITIES, PLAYLIST
from segue.recommenders.talkplay.codes.tokenizing import tokenize
from segue.recommenders.talkplay.codes.track_codes import TrackCodes
from segue.recommenders.talkplay.language.music_vocabulary import MusicVocabulary
from segue.recommenders.talkplay.language.rows import MUSIC, UNLEARNED
from segue.recommenders.talkplay.training.losses import similarity_loss
from segue.recommenders.talkplay.training.train_settings import TrainSettings
from segue.recommenders.talkplay.training.training import Training, require_fitting
from segue.recommenders.talkplay.views import cards_of

torch = pytest.importorskip("torch", reason="language models need the extra talkplay")
for _name in ("transformers", "faiss", "wordllama"):
    pytest.importorskip(_name, reason="TalkPlay needs the extra talkplay")

SETTINGS = TrainSettings(
    epochs=2, rows=3, at_once=2, words=300, width=32, layers=1, heads=2, window=128, descriptions=0.5
)


@pytest.fixture(scope="module", name="catalog")
def _catalog() -> Catalog:
    return open_catalog(None)


@pytest.fixture(scope="module", name="data")
def _data(catalog: Catalog) -> TrainingData:
    ids = catalog.track_ids()
    talks = tuple(
        PlayedTalk(
            name=f"c{n}",
            session=f"s{n}",
            turns=tuple(
                TalkTurn(
                    said=f"some {catalog.track(ids[at]).tag_list[0]}", track=ids[at], replied="here it is"
                )
                for at in range(n, n + 3)
            ),
            taste=("jazz", "Osprey Lantern"),
        )
        for n in range(6)
    )
    playlists = (tuple(ids[:9]), tuple(ids[5:20]))
    divided = DividedTalks(
        {"train": talks[:4], "validation": talks[4:5], "test": talks[5:]}, playlists, frozenset()
    )
    origin = TrainingOrigin(
        catalog="demo", catalog_digest=catalog.digest, conversations="made", rule=DividingRule()
    )
    return TrainingData(origin, divided)


@pytest.fixture(scope="module", name="codes")
def _codes(catalog: Catalog, data: TrainingData) -> TrackCodes:
    return tokenize(catalog, data.divided.playlists, size=8)


class Ended(Exception):
    """The process goes away."""


def end_after(steps: int) -> Any:
    told: list[str] = []

    def hear(what: str) -> None:
        told.append(what)
        if len(told) == steps:
            raise Ended

    return hear


def weights(training: Training) -> list[Any]:
    return [each.detach().clone() for each in training.model.parameters()]


@pytest.mark.slow
def test_a_training_that_was_ended_gives_the_same_weights(
    catalog: Catalog, data: TrainingData, codes: TrackCodes, tmp_path: Path
) -> None:
    whole = Training(catalog, codes, data, SETTINGS)
    whole.run(tmp_path / "whole", lambda _: None)
    each = whole.order.steps_an_epoch
    ended = Training(catalog, codes, data, SETTINGS)
    with pytest.raises(Ended):
        ended.run(tmp_path / "ended", end_after(each + 1))
    resumed = Training(catalog, codes, data, SETTINGS)
    trained = resumed.run(tmp_path / "ended", lambda _: None)
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        assert torch.equal(one, other)
    curves = trained.about["curves"]
    assert [each["epoch"] for each in curves] == [1.0, 2.0]
    best = min(curves, key=lambda each: each["watched"])
    assert trained.about["kept_epoch"] == best["epoch"]
    assert resumed.trainer.watch()["watched"] == pytest.approx(best["watched"], rel=1e-5)
    assert resumed.trainer.curves == whole.trainer.curves
    with pytest.raises(InputError, match="there already"):
        Training(catalog, codes, data, SETTINGS).run(tmp_path / "ended", lambda _: None)


@pytest.mark.slow
def test_a_checkpoint_of_another_training_is_refused(
    catalog: Catalog, data: TrainingData, codes: TrackCodes, tmp_path: Path
) -> None:
    ended = Training(catalog, codes, data, SETTINGS)
    with pytest.raises(Ended):
        ended.run(tmp_path, end_after(ended.order.steps_an_epoch + 1))
    other = Training(catalog, codes, data, SETTINGS.model_copy(update={"rate": 1e-4}))
    with pytest.raises(InputError, match="other settings") as raised:
        other.run(tmp_path, lambda _: None)
    assert "--overwrite" in (raised.value.hint or "")


@pytest.mark.slow
def test_losses_fall_and_the_plan_tells_what_it_takes(
    catalog: Catalog, data: TrainingData, codes: TrackCodes
) -> None:
    training = Training(catalog, codes, data, SETTINGS)
    first = training.trainer.step(0)
    for number in range(1, 12):
        last = training.trainer.step(number % training.trainer.steps)
    assert set(first) >= {"conversation", "description", "similarity"}
    assert last["conversation"] < first["conversation"]
    plan = Training(catalog, codes, data, SETTINGS).plan()
    assert plan.music_tokens == 5 * 8 + 2
    assert plan.steps == SETTINGS.epochs * training.order.steps_an_epoch
    assert plan.parameters == training.parameters and plan.hours > 0 and plan.tokens > 100
    assert (plan.conversations, plan.watched) == (4, 1)


def test_codes_that_know_what_is_tested_on_are_refused(
    catalog: Catalog, data: TrainingData, codes: TrackCodes
) -> None:
    require_fitting(catalog, codes, data)
    with pytest.raises(InputError, match="other playlists") as raised:
        require_fitting(catalog, tokenize(catalog, size=8), data)
    assert "--data" in (raised.value.hint or "")


def test_the_loss_of_self_similarity_is_the_mean_difference_of_cosines() -> None:
    rng = np.random.default_rng(0)
    centres: dict[str, VectorTable] = {
        name: rng.normal(size=(5, 4)).astype(np.float32) for name in MODALITIES
    }
    centres["audio"] = np.zeros((0, 4), dtype=np.float32)
    vocabulary = MusicVocabulary(10, 6)
    table = torch.from_numpy(rng.normal(size=(vocabulary.rows, 7)).astype(np.float32))
    found = float(similarity_loss(table, vocabulary, centres, 0))
    expected = []
    for place, name in enumerate(MODALITIES[:4]):
        rows = table[vocabulary.token(place, 1) : vocabulary.token(place, 6)].numpy()
        pairs = [(i, j) for i in range(5) for j in range(5) if i != j]
        apart = [abs(cosine(centres[name][i], centres[name][j]) - cosine(rows[i], rows[j])) for i, j in pairs]
        expected.append(np.mean(apart))
    assert found == pytest.approx(np.mean(expected), abs=1e-5)


def cosine(one: Any, other: Any) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def test_tracks_are_read_without_their_codes_as_often_as_is_asked_for_and_learned_whole(
    catalog: Catalog, codes: TrackCodes, data: TrainingData
) -> None:
    def read_as_missing(blank: float) -> float:
        settings = SETTINGS.model_copy(update={"blank": blank, "rows": 16})
        order = Training(catalog, codes, data, settings).order
        examples = [each for step in range(40 * order.steps_an_epoch) for each in order.step(step)]
        vocabulary, found = order.writer.vocabulary, list[bool]()
        for each in examples:
            for place in (place for place, token in enumerate(each.row.tokens) if token == vocabulary.start):
                track = each.row.tokens[place + 1 : place + 6]
                assert -1 not in vocabulary.codes(track)
                read = each.read[place + 1 : place + 6]
                found.append(read != track)
                assert read == track or set(vocabulary.codes(read)) == {MISSING}
        return sum(found) / len(found)

    assert read_as_missing(0.0) == 0
    assert read_as_missing(0.5) == pytest.approx(0.5, abs=0.05)


def test_of_a_description_a_playlist_code_that_is_missing_is_not_learned(
    catalog: Catalog, codes: TrackCodes, data: TrainingData
) -> None:
    writer = Training(catalog, codes, data, SETTINGS).order.writer
    for track_id in codes.ids:
        row = writer.description("something", track_id)
        place = row.tokens.index(writer.vocabulary.start) + 1
        known = codes.codes_of(track_id)[PLAYLIST] != MISSING
        assert row.kinds[place : place + 5] == [MUSIC if known else UNLEARNED, *[MUSIC] * 4]


def test_rows_of_codes_begin_with_what_their_tracks_are_called(
    catalog: Catalog, codes: TrackCodes, data: TrainingData
) -> None:
    """Of codes of the metadata, the words of their own tracks are nearer than those of others."""
    training = Training(catalog, codes, data, SETTINGS.model_copy(update={"width": 128}))
    table = training.model.get_input_embeddings().weight.detach().numpy()
    column = MODALITIES.index("metadata")
    meant = code_meanings(codes, cards_of(catalog))[column]
    rows = table[[training.vocabulary.token(column, code) for code in range(1, codes.codebook.size)]]
    apart = of_length_1(rows - rows.mean(axis=0)) @ of_length_1(meant[1:]).T
    assert (apart.argmax(axis=1) == np.arange(len(rows))).mean() > 0.8


def test_taste_and_first_turns_are_left_out_as_often_as_is_asked_for(
    catalog: Catalog, codes: TrackCodes, data: TrainingData
) -> None:
    def lengths(forget: float) -> set[int]:
        settings = SETTINGS.model_copy(update={"forget": forget, "descriptions": 0.0, "playlists": 0.0})
        order = Training(catalog, codes, data, settings).order
        return {len(each.row.tokens) for step in range(20) for each in order.step(step)}

    assert len(lengths(0.0)) <= 4 < len(lengths(0.5))
