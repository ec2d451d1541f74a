"""Pictures of a data set: every axis is named, what is shown is counted, and nothing empty is drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from segue.dataset.measuring.plots import draw_by_turn, draw_distributions, draw_pictures
from segue.dataset.measuring.statistics import ALL, DISTRIBUTIONS, GroupCounts, RunningMean, Statistics

pytest.importorskip("matplotlib")


def described(name: str, **distributions: dict[str, int]) -> Statistics:
    known = {key: Counter(distributions.get(key, {})) for key in DISTRIBUTIONS}
    counts = GroupCounts(
        conversations=4,
        by_turn={1: RunningMean(20, 2), 2: RunningMean(24, 2)},
        progress={2: Counter(MOVES_TOWARD_GOAL=3, DOES_NOT_MOVE_TOWARD_GOAL=1)},
        distributions=known,
    )
    return Statistics(name=name, by_group={ALL: counts})


def test_what_no_data_set_has_gets_no_panel() -> None:
    figure = draw_distributions([described("mine", topics={"A": 3, "B": 1}, genders={"female": 4})])
    assert [panel.get_xlabel() for panel in figure.axes] == ["topic of the goal", "gender"]


def test_axes_are_named_and_counts_stand_on_the_bars() -> None:
    figure = draw_distributions([described("mine", topics={"A": 3, "B": 1})])
    [panel] = figure.axes
    assert panel.get_ylabel() == "% of conversations"
    assert [text.get_text() for text in panel.texts] == ["3", "1"]
    assert "mine: N = 4 conversations" in str(figure.get_suptitle())
    assert all(p.get_xlabel() == "turn" and p.get_ylabel() for p in draw_by_turn([described("mine")]).axes)


def test_several_data_sets_stand_side_by_side_with_a_legend() -> None:
    figure = draw_distributions([described("one", topics={"A": 4}), described("two", topics={"B": 4})])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two"]


def test_the_same_statistics_give_the_same_bytes(tmp_path: Path) -> None:
    mine = [described("mine", topics={"A": 3, "B": 1})]
    first, second = draw_pictures(mine, tmp_path / "a"), draw_pictures(mine, tmp_path / "b")
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in first)
