"""Statistics: what is counted, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from segue.dataset.measuring.side_by_side import SideBySide
from segue.dataset.measuring.statistics import MOVES, Statistics, counts_of, labels_of, measure, tokens
from segue.dataset.opening import DataSet, open_dataset
from segue.dataset.rows import ConversationRow
from support.catalog.sources import shared
from support.published import made_row, write_rows


def opened(folder: Path, *rows: dict[str, Any]) -> DataSet:
    return open_dataset(write_rows(folder / "train.jsonl", list(rows)))


def test_tokens_are_letters_and_digits_with_inner_apostrophes() -> None:
    assert tokens("Don't stop – 80s R&B, _ok_! 'Tis “Größe” l’amour") == [
        *["don't", "stop", "80s", "r", "b", "ok", "tis", "größe", "l’amour"]
    ]


def test_one_conversation_is_counted_by_hand(tmp_path: Path) -> None:
    found = measure(opened(tmp_path, made_row(turns=2)))
    table = found.table("all")
    # Listener: "Something quiet, don't shout 1" has 5 words; recsys: "Here is a quiet one 1" has 6.
    assert table["mean listener message"] == 5 and table["mean recsys message"] == 6
    assert table["mean message length"] == 5.5
    assert table["mean listener thought"] == 5 and table["mean recsys thought"] == 4
    assert table["mean thought length"] == 4.5
    # something quiet don't shout 1 2 here is a one
    assert table["vocabulary"] == 10
    assert (table["conversations"], table["users"], table["tracks"], table["artists"]) == (1, 1, 2, None)
    shown = found.to_json()["groups"]["all"]
    assert shown["moves_by_turn"] == {"2": 1.0} and shown["moves_at_the_end"] is None
    assert shown["distributions"]["goals"] == {"G-LL": 1}
    assert shown["distributions"]["turns"] == {"2": 1}


def test_what_a_row_lacks_is_unknown_and_not_guessed() -> None:
    row = cast(ConversationRow, {"session_id": "a", "conversations": []})
    counts = counts_of(row)
    assert counts.distributions["countries"] == {"unknown": 1} and counts.distributions["turns"] == {"0": 1}
    assert not counts.users and not counts.progress and counts.mean("listener messages") is None


def test_blank_thoughts_are_none(tmp_path: Path) -> None:
    row = made_row(turns=1)
    row["conversations"][0]["thought"] = "  "
    table = measure(opened(tmp_path, row)).table("all")
    assert table["mean listener thought"] is None and table["mean thought length"] == 4


def test_labels_are_compared_with_the_verdict_on_the_track_that_they_judge() -> None:
    row = cast(ConversationRow, made_row(turns=2))
    row["goal_progress_assessments"] = [
        {"turn_number": 1, "goal_progress_assessment": None},
        {"turn_number": 2, "goal_progress_assessment": MOVES},
    ]
    verdicts: Any = [
        {"turn": 1, "goal_turn": 0, "moves": True, "reached": True},
        {"turn": 2, "goal_turn": 0, "moves": True, "reached": True},
    ]
    extra: Any = {"session_id": row["session_id"], "closing_assessment": "DOES_NOT_MOVE_TOWARD_GOAL"}
    assert labels_of(row, "X") == {1: MOVES, 2: "X"}
    found = Statistics("some")
    found.add(row, "train", {**extra, "verdicts": verdicts})
    figures = found.to_json()["groups"]["all"]["verdicts"]["LL"]
    assert (figures["agreement"], figures["reached_share"], figures["mean_turn"]) == (0.5, 1.0, 1.0)
    rows = [(r.about, r.of, r.values) for r in SideBySide([found]).goals()]
    assert ("goals reached", "LL", ["100.0%"]) in rows and (
        "of these, inside the band",
        "all",
        ["0.0%"],
    ) in rows


def test_conversations_without_verdicts_have_no_figures_of_them() -> None:
    found = Statistics("some")
    row = cast(ConversationRow, made_row(turns=2))
    found.add(row, "train", {"session_id": row["session_id"]})
    assert "verdicts" not in found.to_json()["groups"]["all"]
    assert list(SideBySide([found]).goals()) == []


def test_groups_are_the_whole_the_splits_and_warm_and_cold(tmp_path: Path) -> None:
    def of(name: str, kind: str) -> dict[str, Any]:
        row = made_row(name)
        row["user_profile"]["user_split"] = kind
        return row

    write_rows(tmp_path / "train.jsonl", [of("a__2018-01-01", "train_warm")])
    write_rows(tmp_path / "test.jsonl", [of("a__2019-01-01", "test_warm"), of("b__2019-02-01", "test_cold")])
    found = measure(open_dataset(tmp_path))
    assert found.groups() == ["all", "train", "test", "test_warm", "test_cold"]
    counts = [found.table(group)["conversations"] for group in found.groups()]
    assert counts == [3, 1, 2, 1, 1]
    assert [found.table(group)["users"] for group in found.groups()] == [2, 1, 2, 1, 1]


def test_the_words_of_real_rows_are_as_many_as_published() -> None:
    """The published mean is 42.3 words a message; other rows of the same data are near it by this count."""
    found = measure(open_dataset(shared("talkplay2-rows"))).table("all")
    assert found["mean message length"] == pytest.approx(42.3, abs=2)
    assert (found["conversations"], found["users"], found["tracks"]) == (17, 16, 92)
