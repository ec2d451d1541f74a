"""Scores of next tracks, against cases worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from segue.core.errors import ConfigError, InputError
from segue.evaluation.talkplay.report import MEASURES, NextTrackReport
from segue.evaluation.talkplay.systems import Systems, joint_name
from segue.evaluation.talkplay.task import NextTrackTask
from segue.recommenders.next_track.queries import TalkQuery
from segue.recommenders.next_track.talks import PlayedTalk
from segue.recommenders.walk.queries import ScoreTable
from support.state.talks import divided, small_items, talk


class FirstFirst:
    """Ranks tracks in the order of the table."""

    def scores(self, queries: Sequence[TalkQuery]) -> ScoreTable:
        return np.tile(np.arange(12, 0, -1, dtype=np.float32), (len(queries), 1))


def task_of(test: list[PlayedTalk], train: list[PlayedTalk] | None = None) -> NextTrackTask:
    return NextTrackTask(small_items(), divided(train or [], test, held_out=frozenset({"t4"})))


def test_what_was_played_is_not_ranked_again_and_repeats_are_not_asked() -> None:
    task = task_of([talk("a", [0, 1, 0, None, 30, 3])])
    assert [(turn.number, turn.gold) for turn in task.turns] == [(1, 0), (2, 1), (6, 3)]
    ranks = Systems(task, {"first": lambda _: FirstFirst()}).ranks(["first"], [])["first"]
    assert ranks == [1, 1, 2], "0 and 1 are gone, so that 3 comes after 2"


def test_means_over_conversations_and_over_turns() -> None:
    """One of two turns at ranks 1 and 3 (after 0 is gone), and one of one turn at rank 11."""
    task = task_of([talk("a", [0, 3]), talk("b", [10])])
    report = NextTrackReport(
        task, {"x": np.array(Systems(task, {"x": lambda _: FirstFirst()}).ranks(["x"], [])["x"])}
    )
    found = report.estimate("x", "mrr")
    assert found is not None
    assert found.value == pytest.approx(((1 + 1 / 3) / 2 + 1 / 11) / 2)
    assert report.per_turn("x", "mrr") == pytest.approx((1 + 1 / 3 + 1 / 11) / 3)
    assert report.at_turn("x", "hit@1") == {1: 0.5, 2: 0.0}
    assert report.to_json()["systems"]["x"]["hit@10"]["by_turn"] == {"1": 0.5, "2": 1.0}


def test_turns_by_what_training_knows_and_what_was_liked() -> None:
    test = [talk("a", [0, 4], liked=True), talk("b", [7], liked=False)]
    task = task_of(test, [talk("c", [0, 1])])
    groups = {name: task.group(name).tolist() for name in ("warm", "cold", "held out", "liked")}
    assert groups == {
        "warm": [True, False, False],
        "cold": [False, True, True],
        "held out": [False, True, False],
        "liked": [True, True, False],
    }


def test_conversations_of_a_session_are_resampled_together() -> None:
    """Two sessions of ten equal conversations each: by session the interval is as wide as two units make it."""
    test = [talk(f"{s}{n}", [0 if s == "a" else 11], session=s) for s in "ab" for n in range(10)]
    task = task_of(test)
    ranks = np.array(Systems(task, {"x": lambda _: FirstFirst()}).ranks(["x"], [])["x"])
    found = NextTrackReport(task, {"x": ranks}).estimate("x", "hit@1")
    assert found is not None and found.interval is not None and found.by_session is not None
    assert found.value == 0.5 and found.by_session == (0.0, 1.0)
    assert found.interval[0] > 0 and found.interval[1] < 1
    same = NextTrackReport(task, {"x": ranks, "y": ranks}).difference("y", "x", "mrr")
    assert same is not None and (same.value, same.by_session) == (0.0, (0.0, 0.0))


def test_differences_are_told_where_training_knows_the_track_too() -> None:
    """Warm at rank 1 against 2, cold at 4 against 1: what is gained on the one is lost on the other."""
    task = task_of([talk("a", [0]), talk("b", [7])], [talk("c", [0, 1])])
    report = NextTrackReport(task, {"x": np.array([2.0, 1.0]), "y": np.array([1.0, 4.0])})
    told = report.to_json()["differences"]["y"]["mrr"]
    assert (told["value"], told["warm"]["value"], told["cold"]["value"]) == (-0.125, 0.5, -0.75)
    assert told["held out"] is None


def test_systems_are_joined_on_the_same_turns() -> None:
    task = task_of([talk("a", [0, 3])], [talk("c", [0, 3])])
    found = Systems(task, {"x": lambda _: FirstFirst()})
    ranks = found.ranks(["popularity", "x"], [("z", "popularity", "x"), ("rrf", "popularity", "x")])
    assert list(ranks) == ["popularity", "x", "z(popularity, x)", joint_name("rrf", "popularity", "x")]
    assert ranks["z(popularity, x)"] == [1, 1]
    report = NextTrackReport(task, {name: np.array(each) for name, each in ranks.items()})
    assert all(str(cell) for table in report.tables() for row in table.rows for cell in row)
    assert list(report.to_json()["differences"]["x"]) == list(MEASURES)


def test_what_cannot_be_asked_is_told() -> None:
    with pytest.raises(InputError, match="no turn of these conversations"):
        task_of([talk("a", [None])])
    with pytest.raises(ConfigError, match="no system 'bm52'"):
        Systems(task_of([talk("a", [1])])).scorer("bm52")
