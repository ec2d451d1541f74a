"""The challenge's files: ours are laid out as the real one, and predictions are checked as the evaluator does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from segue.core.errors import CatalogError, InputError
from segue.dataset.challenge import (
    Prediction,
    check_predictions,
    played_predictions,
    read_predictions,
    read_truths,
    truths_of,
    write_predictions,
    write_truths,
)
from segue.dataset.rows import ConversationRow
from support.catalog.sources import shared
from support.published import made_row


def rows(*names: str) -> list[ConversationRow]:
    return [cast(ConversationRow, made_row(name, turns=8)) for name in names]


def test_ground_truth_has_the_layout_of_the_real_one(tmp_path: Path) -> None:
    real_file = shared("talkplay2-rows") / "devset.ground-truth.first50.json"
    real = json.loads(real_file.read_text("utf-8"))
    assert write_truths(rows("a__2019-01-01", "b__2019-01-02"), tmp_path / "truth.json") == 16
    ours = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert {tuple(entry) for entry in ours} == {tuple(entry) for entry in real}
    assert {tuple(type(v) for v in e.values()) for e in ours} == {
        tuple(type(v) for v in e.values()) for e in real
    }
    assert [entry["turn_number"] for entry in ours[:8]] == [entry["turn_number"] for entry in real[:8]]


def test_the_real_ground_truth_is_read_and_written_back_byte_for_byte(tmp_path: Path) -> None:
    real_file = shared("talkplay2-rows") / "devset.ground-truth.first50.json"
    truths = read_truths(real_file)
    messages: dict[tuple[str, str], list[Any]] = {}
    for truth in truths:
        played = {"turn_number": truth["turn_number"], "role": "music"}
        key = (truth["session_id"], truth["user_id"])
        messages.setdefault(key, []).append({**played, "content": truth["ground_truth_track_id"]})
    made = [
        cast(ConversationRow, {"session_id": session, "user_id": user, "conversations": played})
        for (session, user), played in messages.items()
    ]
    assert write_truths(made, tmp_path / "truth.json") == 400
    assert (tmp_path / "truth.json").read_text("utf-8").strip() == real_file.read_text("utf-8").strip()


def test_predictions_are_written_read_and_complete(tmp_path: Path) -> None:
    played = rows("a__2019-01-01", "b__2019-01-02")
    file = tmp_path / "prediction.json"
    assert write_predictions(played_predictions(played), file) == 16
    read = read_predictions(file)
    assert read == list(played_predictions(played))
    truths = [truth for row in played for truth in truths_of(row)]
    assert check_predictions(read, truths) == []
    assert check_predictions(read[1:], truths) == ["no prediction for session 'a__2019-01-01', turn 1"]
    assert check_predictions(read, truths[:-1]) == ["session 'b__2019-01-02', turn 8 is not asked for"]


def prediction(**changes: Any) -> dict[str, Any]:
    whole = {"session_id": "s", "user_id": "u", "turn_number": 1, "predicted_track_ids": ["t"]}
    return {**whole, "predicted_response": "Here.", **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"predicted_track_ids": [str(n) for n in range(21)]}, "[0].predicted_track_ids"),
        ({"predicted_track_ids": ["t", "t"]}, "[0].predicted_track_ids"),
        ({"turn_number": 0}, "[0].turn_number"),
        ({"turn_number": "1"}, "[0].turn_number"),
        ({"predicted_response": None}, "[0].predicted_response"),
        ({"score": 1.0}, "[0].score"),
    ],
)
def test_a_bad_prediction_is_named(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    file = tmp_path / "prediction.json"
    file.write_text(json.dumps([prediction(**changes)]), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_predictions(file)
    assert caught.value.field == field


def test_a_turn_predicted_twice_is_refused(tmp_path: Path) -> None:
    twice = [Prediction(**prediction()), Prediction(**prediction(predicted_track_ids=["other"]))]
    with pytest.raises(InputError, match="two predictions"):
        write_predictions(twice, tmp_path / "prediction.json")
