"""What verdicts come to: counted by hand, by specificity, and the same in parts as as a whole."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from segue.prompts.goal_files import read_goal_templates
from segue.state.promises import TARGET_TURNS
from segue.state.verdict_counts import GoalCounts, VerdictCounts, compared, reached_at

MOVES, FAILS = "MOVES_TOWARD_GOAL", "DOES_NOT_MOVE_TOWARD_GOAL"


def verdict(turn: int, moves: bool | None, *, reached: bool = False, goal_turn: int = 0) -> dict[str, Any]:
    return {"turn": turn, "moves": moves, "reached": reached, "goal_turn": goal_turn}


def test_the_bands_are_those_of_all_templates() -> None:
    assert {(t.specificity, t.target_turns) for t in read_goal_templates()} == set(TARGET_TURNS.items())


def test_one_conversation_by_hand() -> None:
    verdicts = [
        verdict(1, True),
        verdict(2, False),
        verdict(3, True, reached=True),
        verdict(4, None, goal_turn=4),
    ]
    counts = VerdictCounts()
    counts.add("HL", {1: MOVES, 2: MOVES, 3: MOVES, 4: FAILS}, verdicts)
    assert list(counts.groups()) == ["all", "HL"]
    assert counts.groups()["all"].figures == {
        "conversations": 1,
        "reached": 1,
        "reached_share": 1.0,
        "mean_turn": 3.0,
        "inside_band": 1.0,
        "labels": 3,
        "agreed": 2,
        "agreement": 0.6667,
        "not_said": 1,
    }


def test_what_was_not_met_has_no_turn_and_a_later_goal_is_not_the_first() -> None:
    later = [verdict(1, False), verdict(2, True, reached=True, goal_turn=2)]
    assert reached_at(later) is None
    counts = VerdictCounts()
    counts.add("LH", {}, later)
    figures = counts.groups()["LH"].figures
    assert (figures["reached"], figures["mean_turn"], figures["inside_band"]) == (0, None, None)
    assert (figures["agreement"], figures["labels"]) == (None, 0), "a track without a label is not compared"


def test_a_goal_that_is_met_early_or_late_is_outside_of_its_band() -> None:
    for turn, inside in ((2, 0), (3, 1), (4, 1), (5, 0)):
        counts = VerdictCounts()
        counts.add("HL", {}, [verdict(turn, True, reached=True)])
        assert counts.groups()["all"].inside == inside, turn


def test_goals_of_no_known_specificity_are_counted_in_all_alone() -> None:
    counts = VerdictCounts()
    counts.add(None, {1: MOVES}, [verdict(1, True, reached=True)])
    assert list(counts.groups()) == ["all"] and counts.groups()["all"].inside == 0
    assert VerdictCounts().groups() == {}


TALKS = st.lists(
    st.tuples(
        st.sampled_from([*TARGET_TURNS, None]),
        st.lists(
            st.tuples(
                st.sampled_from([MOVES, FAILS, ""]), st.sampled_from([True, False, None]), st.booleans()
            )
        ),
    ),
    max_size=6,
)


@given(TALKS, st.integers(0, 6))
def test_parts_merge_to_the_whole_and_shares_are_shares(talks: Any, at: int) -> None:
    whole, first, second = VerdictCounts(), VerdictCounts(), VerdictCounts()
    for number, (specificity, tracks) in enumerate(talks):
        labels = {turn: label for turn, (label, _, _) in enumerate(tracks, 1) if label}
        verdicts = [verdict(turn, moves, reached=met) for turn, (_, moves, met) in enumerate(tracks, 1)]
        for counts in (whole, first if number < at else second):
            counts.add(specificity, labels, verdicts)
        assert len(compared(labels, verdicts)) == len(labels)
    first.merge(second)
    assert first.groups() == whole.groups()
    for one in whole.groups().values():
        assert isinstance(one, GoalCounts)
        assert 0 <= one.inside <= one.reached <= one.conversations and 0 <= one.agreed <= one.labels
