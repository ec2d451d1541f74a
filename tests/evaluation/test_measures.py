"""The measures against conversations whose numbers can be counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import ConfigError
from segue.evaluation.measured_part import MeasuredPart, Since, labels
from segue.evaluation.measures import MEASURES, measure
from segue.models.reply import Usage
from segue.state.values import Agent
from support.state.lines import MISSES, MOVES, document

RECSYS_3 = Since(3, Agent.RECSYS)
LISTENER_3 = Since(3, Agent.LISTENER)


def number(name: str, labels: str, since: Since = RECSYS_3, **made: object) -> float | None:
    return measure(MeasuredPart(document(labels, **made), since), [name])[name]  # type: ignore[arg-type]


def test_a_label_belongs_to_the_track_played_one_turn_before() -> None:
    assert labels(document("+-+")) == {1: MOVES, 2: MISSES, 3: MOVES}
    assert labels(document("+-+", judged=False)) == {1: MOVES, 2: MISSES}


def test_progress_counts_tracks_from_the_fork_and_the_closing_verdict() -> None:
    assert number("progress", "++-++") == pytest.approx(2 / 3)
    assert number("progress", "++-++", judged=False) == pytest.approx(1 / 2)


def test_the_listener_s_label_of_a_shared_track_does_not_count() -> None:
    """On turn 3 the listener judges track 2, which the branch shares with its parent."""
    assert number("progress", "-+--", LISTENER_3) == 0.0


def test_progress_of_nothing_judged_is_missing_not_zero() -> None:
    assert number("progress", "+++", Since(3, Agent.RECSYS), judged=False) is None


@pytest.mark.parametrize(
    ("played", "first", "goal"),
    [
        ("--+--", 1, 4),
        ("--++-", 1, 1),
        ("---++", 2, 2),
        ("-----", 4, 4),
        ("--+-+", 1, 4),
        ("++---", 4, 4),
        ("----+", 3, 4),
    ],
)
def test_turns_to_the_first_move_and_to_the_goal(played: str, first: int, goal: int) -> None:
    """Three tracks from the recsys's third turn on; 4 says that it did not happen."""
    assert (number("first_move", played), number("turns_to_goal", played)) == (first, goal)


def test_picks_and_artists_from_the_fork_on() -> None:
    assert number("picks", "+++++", Since(4, Agent.RECSYS)) == 2
    assert number("artists", "+++++", Since(4, Agent.RECSYS)) == 3, "t4 is by two, t5 by another"
    assert number("artists", "+++++", Since()) == 4
    assert number("picks", "+++", Since(), picks=["t1", "t2", "t1"]) == 2


def test_words_of_the_measured_moves() -> None:
    assert number("listener_words", "++++") == 4.0, "turn 3 was spoken before the recsys's fork"
    assert number("listener_words", "++++", LISTENER_3) == 3.5
    assert number("recsys_words", "++++") == 7.0
    assert number("listener_words", "+++") is None, "after its last turn the listener says nothing more"


def test_repairs_and_calls() -> None:
    assert number("repairs", "++++", problems=2) == 4.0
    assert number("model_calls", "++++", problems=2) == 2 * 3 + 2
    assert number("model_calls", "++++", Since()) == 9, "the preparation is before every turn"


def test_tokens_and_cost_are_missing_where_nobody_knows_them() -> None:
    unknown, known = (
        MeasuredPart(document("+")),
        MeasuredPart(document("+"), usage=Usage(text=7, output=2), cost_usd=0.5),
    )
    assert (measure(unknown)["tokens"], measure(unknown)["cost"]) == (None, None)
    assert (measure(known)["tokens"], measure(known)["cost"]) == (9.0, 0.5)


def test_every_measure_has_a_definition() -> None:
    for name, entry in MEASURES.items():
        assert entry.name == name and entry.unit and len(entry.meaning) > 20


def test_an_unknown_measure_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no measure 'speed'[\s\S]*turns_to_goal"):
        measure(MeasuredPart(document("+")), ["speed"])


@given(st.text("+-", min_size=1, max_size=12), st.integers(1, 12), st.sampled_from(["listener", "recsys"]))
def test_measures_stay_within_their_bounds(played: str, turn: int, agent: str) -> None:
    line = MeasuredPart(document(played), Since(turn, Agent(agent)))
    numbers, tracks = measure(line), max(0, len(played) - turn + 1)
    if not tracks:
        assert numbers["progress"] is None and numbers["picks"] == 0
        return
    share, first, goal = numbers["progress"], numbers["first_move"], numbers["turns_to_goal"]
    assert share is not None and first is not None and goal is not None
    assert 0 <= share <= 1 and 1 <= first <= goal <= tracks + 1
    assert (first == tracks + 1) == (share == 0)


@given(st.text("+-", min_size=1, max_size=12))
def test_what_came_before_the_fork_changes_nothing_after_it(played: str) -> None:
    since = Since(len("+-+") + 1, Agent.RECSYS)
    names = ("progress", "first_move", "turns_to_goal")
    assert measure(MeasuredPart(document("+-+" + played), since), names) == measure(
        MeasuredPart(document("---" + played), since), names
    )
