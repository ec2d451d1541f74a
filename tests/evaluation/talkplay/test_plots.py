"""Scores by turn and losses by epoch as pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from segue.evaluation.talkplay.plots import plot_losses
from segue.evaluation.talkplay.report import NextTrackReport
from segue.evaluation.talkplay.systems import joint_name
from segue.evaluation.talkplay.task import NextTrackTask
from support.state.talks import divided, small_items, talk

pytest.importorskip("matplotlib")


def report_of(names: list[str], sessions: int = 3) -> NextTrackReport:
    task = NextTrackTask(small_items(), divided([], [talk(f"a{n}", [0, 1, 2]) for n in range(sessions)]))
    rng = np.random.default_rng(0)
    return NextTrackReport(task, {name: rng.integers(1, 13, 3 * sessions).astype(float) for name in names})


def test_values_by_turn_have_intervals_where_there_are_sessions() -> None:
    report = report_of(["x"])
    found = report.estimates_at_turn("x", "mrr")
    assert {turn: each.value for turn, each in found.items()} == pytest.approx(report.at_turn("x", "mrr"))
    assert all(each.by_session is not None for each in found.values())
    assert report_of(["x"], 1).estimates_at_turn("x", "mrr")[1].by_session is None


@pytest.mark.parametrize("sessions", [1, 3])
def test_a_column_for_what_is_alone_and_one_for_what_is_joined(tmp_path: Path, sessions: int) -> None:
    names = [
        "bm25",
        "talkplay:m",
        joint_name("z", "bm25", "talkplay:m"),
        *map("python:mine:{}".format, "ABCDE"),
    ]
    drawn = report_of(names, sessions).plot()
    panels = drawn.figure.axes
    assert [panel.get_title() for panel in panels] == ["alone", "joined by z", "", ""]
    assert [len(panel.lines) for panel in panels] == [7, 1, 7, 1]
    drawn.save(tmp_path / "turns.png")
    assert (tmp_path / "turns.png").stat().st_size > 5000


def test_losses_of_validation_and_training_of_each_model(tmp_path: Path) -> None:
    curve = [
        {"epoch": float(n), "conversation": 3 - n, "watched": 3.5 - n, "similarity": 0.1} for n in (1, 2)
    ]
    drawn = plot_losses({"talkplay": curve, "without self-similarity": curve, "unwatched": [{"epoch": 1.0}]})
    labels = [line.get_label() for line in drawn.figure.axes[0].lines]
    assert len(labels) == 4 and labels[0] == "talkplay, validation"
    drawn.save(tmp_path / "losses.svg")
