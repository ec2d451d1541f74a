"""Retrieval metrics against values worked out by hand, another way of counting, and the challenge's files."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from segue.core.errors import InputError
from segue.dataset.challenge import GroundTruth, Prediction, read_truths
from segue.evaluation.retrieval import CHALLENGE_CATALOG, distinct_bigrams, ndcg, rank_of, score
from segue.evaluation.retrieval_baselines import choose_split, histories, predict
from segue.evaluation.retrieval_index import TrackIndex
from support.evaluation.auditing import Rows, message, sound_row, tracks

TRUTH = (
    Path(__file__).parents[2].parent
    / "shared"
    / "data"
    / "talkplay2-rows"
    / "devset.ground-truth.first50.json"
)


def _truth(session: str, turn: int, track: str) -> GroundTruth:
    return {"session_id": session, "user_id": "u", "turn_number": turn, "ground_truth_track_id": track}


def _prediction(session: str, turn: int, tracks: list[str], said: str = "") -> Prediction:
    return Prediction(
        session_id=session,
        user_id="u",
        turn_number=turn,
        predicted_track_ids=tracks,
        predicted_response=said,
    )


def test_one_relevant_track() -> None:
    assert [ndcg(rank, 10) for rank in (1, 2, 3, 7, 10)] == [
        pytest.approx(value, abs=1e-12) for value in (1.0, 0.6309297535714575, 0.5, 1 / 3, 0.2890648263178879)
    ]
    assert (ndcg(11, 10), ndcg(None, 20), ndcg(2, 1)) == (0.0, 0.0, 0.0)
    assert (rank_of("b", ["a", "b"]), rank_of("c", ["a", "b"]), rank_of("a", [])) == (2, None, None)


def test_the_mean_is_over_turn_numbers() -> None:
    """Turn 1 has two conversations (ranks 1 and none), turn 2 has one (rank 3)."""
    truths = [_truth("s", 1, "a"), _truth("r", 1, "b"), _truth("s", 2, "c")]
    predictions = [
        _prediction("s", 1, ["a", "x"], "one two one two"),
        _prediction("r", 1, ["x", "y"], "Two ONE two"),
        _prediction("s", 2, ["x", "y", "c"], ""),
    ]
    scores = score(predictions, truths, catalog_size=10)
    assert scores.by_turn[1]["ndcg@10"] == 0.5 and scores.by_turn[2]["ndcg@10"] == 0.5
    assert scores.overall["ndcg@20"] == pytest.approx((0.5 + 0.5) / 2, abs=1e-12)
    assert scores.overall["ndcg@1"] == pytest.approx((0.5 + 0) / 2, abs=1e-12)
    assert scores.overall["hit@10"] == pytest.approx((0.5 + 1) / 2, abs=1e-12)
    assert scores.overall["mrr"] == pytest.approx((0.5 + 1 / 3) / 2, abs=1e-12)
    assert (scores.distinct_tracks, scores.catalog_diversity, scores.turns) == (4, 0.4, 3)
    assert scores.lexical_diversity == 2 / 5, "one-two and two-one, of 3 + 2 bigrams"


def test_bigrams_stay_within_a_text() -> None:
    assert distinct_bigrams(["a b", "c d"]) == 1.0
    assert distinct_bigrams(["a B a", "A b"]) == 2 / 3
    assert distinct_bigrams(["word", "", "  "]) == 0.0


def test_another_way_of_counting_agrees() -> None:
    """DCG over ideal DCG with gains as lists, groups kept as tables: the long way round, on random files."""
    draw = random.Random(5)
    pool = [f"t{n}" for n in range(60)]
    truths, predictions = [], []
    for session in range(40):
        for turn in range(1, draw.randint(2, 9)):
            truths.append(_truth(f"s{session}", turn, draw.choice(pool)))
            said = " ".join(draw.choices("aa bb CC dd ee".split(), k=draw.randint(0, 9)))  # noqa: SIM905
            predictions.append(_prediction(f"s{session}", turn, draw.sample(pool, draw.randint(0, 20)), said))
    draw.shuffle(predictions)
    scores = score(predictions, truths)
    for cut in (1, 10, 20):
        assert scores.overall[f"ndcg@{cut}"] == pytest.approx(_long_way(predictions, truths, cut), abs=1e-12)
    grams = [
        tuple(words[at : at + 2])
        for p in predictions
        for words in [p.predicted_response.lower().split()]
        for at in range(len(words) - 1)
    ]
    assert scores.lexical_diversity == pytest.approx(len(set(grams)) / len(grams), abs=1e-12)


def _long_way(predictions: list[Prediction], truths: list[GroundTruth], cut: int) -> float:
    table: dict[int, list[float]] = {}
    for truth in truths:
        [made] = [
            p
            for p in predictions
            if (p.session_id, p.turn_number) == (truth["session_id"], truth["turn_number"])
        ]
        gains = [float(t == truth["ground_truth_track_id"]) for t in made.predicted_track_ids[:cut]]
        dcg = sum(gain / math.log(place + 2, 2) for place, gain in enumerate(gains))
        table.setdefault(truth["turn_number"], []).append(dcg / (1 / math.log(2, 2)))
    return sum(sum(values) / len(values) for values in table.values()) / len(table)


def test_on_the_challenges_own_ground_truth() -> None:
    if not TRUTH.exists():
        pytest.skip("shared data not present")
    truths = read_truths(TRUTH)
    assert len(truths) == 400
    places = {(t["session_id"], t["turn_number"]): n % 25 for n, t in enumerate(truths)}
    predictions = []
    for truth in truths:
        place = places[truth["session_id"], truth["turn_number"]]
        ids = [f"other-{n}" for n in range(20)]
        if place < 20:
            ids[place] = truth["ground_truth_track_id"]
        made = {**_prediction(truth["session_id"], truth["turn_number"], ids, "la la").model_dump()}
        predictions.append(Prediction(**{**made, "user_id": truth["user_id"]}))
    scores = score(predictions, truths)
    expected = [
        math.fsum(
            1 / math.log2(place + 2) for (_, turn), place in places.items() if turn == wanted and place < 20
        )
        / 50
        for wanted in range(1, 9)
    ]
    assert scores.overall["ndcg@20"] == pytest.approx(math.fsum(expected) / 8, abs=1e-9)
    assert [means["ndcg@20"] for means in scores.by_turn.values()] == pytest.approx(expected, abs=1e-9)
    assert scores.catalog_size == CHALLENGE_CATALOG
    assert scores.lexical_diversity == pytest.approx(1 / 400, abs=1e-12)


def test_files_that_do_not_fit_are_refused() -> None:
    truths = [_truth("s", 1, "a"), _truth("s", 2, "b")]
    with pytest.raises(InputError, match="no prediction for session 's', turn 2"):
        score([_prediction("s", 1, ["a"])], truths)
    with pytest.raises(InputError, match="is not asked for"):
        score([_prediction("s", n, ["a"]) for n in (1, 2, 3)], truths)
    with pytest.raises(InputError, match="empty"):
        score([], [])
    with pytest.raises(InputError, match="catalogue of 0"):
        score([_prediction("s", n, []) for n in (1, 2)], truths, catalog_size=0)


def test_bm25_finds_by_words() -> None:
    index = TrackIndex(tracks(), needed_by="a test")
    assert index.best(["barley"], 3)[0] == "t1"
    assert index.best(["barley"], 3, without=["t1"])[0] != "t1"
    assert index.rank(["barley"], "t1") == 1 and index.rank(["barley"], "t2") is None
    assert index.best(["nothing", "of", "ours"], 2) == ["t0", "t1"], (
        "without a word in common, the order decides"
    )
    assert sorted(index.best(["calm"], 50)) == sorted(tracks()), "never more than there are"
    calm = index.rank(["calm"], "t0")
    assert calm == index.rank(["calm"], "t4") or calm is not None, "equals share the middle of their ranks"


def _data(**more: Any) -> Rows:
    test = sound_row(1)
    return Rows({"train": [sound_row(0)], "test": [test]}, known=tracks(), **more)


def test_histories_end_before_the_pick() -> None:
    row = sound_row()
    made = list(histories(row, tracks()))
    assert [turn for turn, _, _ in made] == [1, 2, 3, 4]
    assert "harp" in made[0][1] and "roof" not in made[0][1], "the answer is not part of its own history"
    assert "roof" in made[1][1] and made[1][2] == ["t0"]


def test_the_bm25_baseline_predicts_every_turn() -> None:
    data = _data()
    made = list(predict("bm25", data))
    assert [(p.session_id, p.turn_number) for p in made] == [
        (sound_row(1)["session_id"], t) for t in (1, 2, 3, 4)
    ]
    assert all(len(p.predicted_track_ids) == 12 for p in made), "all there are, at most twenty"
    assert all(p.predicted_response.endswith(".") for p in made)
    fresh = list(predict("bm25", data, repeats=False))
    assert "t0" not in fresh[1].predicted_track_ids and len(fresh[3].predicted_track_ids) == 9
    named = _data()
    message(next(named.rows("test")), 1, "user")["content"] = "Play Barley by Player BB"
    assert next(iter(predict("bm25", named))).predicted_track_ids[0] == "t1"


def test_popularity_counts_in_the_other_splits() -> None:
    row = sound_row(0)
    message(row, 1, "music")["content"] = "t1"
    data = Rows({"train": [row], "test": [sound_row(1)]}, known=tracks())
    made = list(predict("popularity", data))
    assert made[0].predicted_track_ids == ["t1", "t2", "t3"], "t1 twice, then in the order of their names"
    assert [p.predicted_track_ids for p in predict("popularity", data, repeats=False)][2] == ["t2", "t3"]
    alone = Rows({"train": [row]}, known=tracks())
    assert next(iter(predict("popularity", alone))).predicted_track_ids[0] == "t11", (
        "by the metadata's popularity"
    )


def test_baselines_say_what_they_lack() -> None:
    with pytest.raises(InputError, match="no split 'dev'"):
        choose_split(_data(), "dev")
    with pytest.raises(InputError, match="no track metadata"):
        list(predict("bm25", Rows({"train": [sound_row()]})))
    with pytest.raises(InputError, match="no other split and no popularity"):
        list(predict("popularity", Rows({"train": [sound_row()]})))


def test_scores_are_plain_json() -> None:
    from dataclasses import asdict

    scores = score([_prediction("s", 1, ["a"], "a b")], [_truth("s", 1, "a")])
    assert json.loads(json.dumps(asdict(scores)))["overall"]["mrr"] == 1.0
