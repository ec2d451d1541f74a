"""Shares of sequences that are tracks, against cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from segue.evaluation.talkplay.exact_matches import ExactMatches, matches_table
from segue.evaluation.talkplay.report import NextTrackReport
from segue.evaluation.talkplay.task import NextTrackTask
from support.state.talks import divided, small_items, talk

WARM = np.array([True, True, True, False, False])


def test_each_share_is_of_what_it_says() -> None:
    """Six sequences: four match, three of them the warm tracks 0, 0 and 2, one the cold track 4."""
    found = ExactMatches.of([0, None, 0, 4, 2, None], WARM)
    assert found == ExactMatches(exact=(4, 6), warm_of_exact=(3, 4), warm_matched=(2, 3), cold_matched=(1, 2))
    assert found.to_json()["warm_of_exact"] == {"share": 0.75, "count": 3, "of": 4}
    assert found.cells() == ["66.7 % (4 of 6)", "75.0 % (3 of 4)", "66.7 % (2 of 3)", "50.0 % (1 of 2)"]


def test_a_share_of_nothing_is_none() -> None:
    found = ExactMatches.of([None], np.ones(3, dtype=bool))
    assert found.to_json()["exact"]["share"] == 0
    assert (
        found.to_json()["warm_of_exact"]["share"] is None and found.to_json()["cold_matched"]["share"] is None
    )
    assert found.cells()[1] == "–"


@given(st.lists(st.none() | st.integers(0, 4)))
def test_nothing_is_more_than_all_of_it(matches: list[int | None]) -> None:
    told: dict[str, Any] = ExactMatches.of(matches, WARM).to_json()
    assert all(0 <= each["count"] <= each["of"] for each in told.values())
    assert told["warm_matched"]["count"] + told["cold_matched"]["count"] == len({*matches} - {None})


def test_the_report_has_them_beside_the_published_ones() -> None:
    task = NextTrackTask(small_items(), divided([], [talk("a", [0, 1])]))
    matches = {"drawn": ExactMatches.of([0, None], WARM)}
    report = NextTrackReport(task, {"drawn": np.array([1.0, 2.0])}, matches=matches)
    told = report.to_json()
    assert told["exact_matches"]["drawn"]["exact"]["share"] == 0.5
    assert told["published"]["exact_matches"]["exact"] == 0.497 and told["published"]["another_catalogue"]
    table = next(each for each in report.tables() if each.title.startswith("exact matches"))
    assert table.rows[0][1:] == ["50.0 % (1 of 2)", "49.7 %"] and "another catalogue" in table.title
    assert matches_table(matches).columns == table.columns
    assert NextTrackReport(task, {"x": np.array([1.0, 2.0])}).to_json()["exact_matches"] == {}
