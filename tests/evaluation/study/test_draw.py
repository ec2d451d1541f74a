"""The draw: balanced to the last rating, the same for a seed, and refused where the numbers do not fit."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from segue.core.errors import ConfigError
from segue.evaluation.study.draw import draw, units_needed, williams
from segue.evaluation.study.plan import StudyPlan
from support.evaluation.studying import found_in, plan_of


@st.composite
def plans(draw_: st.DrawFn) -> StudyPlan:
    sources = {f"s{n}": "nowhere" for n in range(draw_(st.integers(2, 4)))}
    form = draw_(st.sampled_from(["rate", "compare"]))
    groups = len(sources) * (len(sources) - 1) // 2 if form == "compare" else len(sources)
    raters, each = draw_(st.integers(1, 14)), draw_(st.integers(1, 4))
    ratings = draw_(st.integers(1, raters))
    assume(raters * each % ratings == 0)
    numbers = {"raters": raters, "conversations": each * groups, "ratings": ratings}
    return plan_of(sources=sources, form=form, seed=draw_(st.integers(0, 5)), **numbers)


@settings(max_examples=30)
@given(plans())
def test_everything_is_in_balance(plan: StudyPlan) -> None:
    drawn = draw("study", plan, found_in(plan.sources))
    source = {item.item: item.source for item in drawn.items}
    shown: dict[str, list[tuple[str, ...]]] = {}
    for task in drawn.tasks:
        shown.setdefault(task.rater, []).append(tuple(task.items))
    assert len(shown) == plan.raters
    of_unit = Counter(frozenset(unit) for units in shown.values() for unit in units)
    assert set(of_unit.values()) == {plan.ratings}
    groups = Counter(frozenset(source[item] for item in unit) for unit in of_unit)
    assert set(groups.values()) == {units_needed(plan)}
    for units in shown.values():
        assert len({frozenset(unit) for unit in units}) == plan.conversations, (
            "nothing is shown to anyone twice"
        )
        own = Counter(frozenset(source[item] for item in unit) for unit in units)
        assert set(own.values()) == {plan.conversations // len(groups)}
    assert [task.position for task in drawn.tasks] == [*range(1, plan.conversations + 1)] * plan.raters


@given(st.integers(1, 8))
def test_in_the_square_each_follows_each_other_as_often(size: int) -> None:
    rows = williams(size)
    for place in range(size):
        assert set(Counter(row[place] for row in rows).values()) == {len(rows) // size}
    followed = Counter(pair for row in rows for pair in pairwise(row))
    assert len(followed) == size * (size - 1)
    assert len(set(followed.values())) <= 1


def test_every_source_stands_as_often_at_each_place() -> None:
    plan = plan_of(sources=dict.fromkeys("abcd", "nowhere"), raters=16, conversations=8, ratings=4)
    drawn = draw("study", plan, found_in(plan.sources))
    source = {item.item: item.source for item in drawn.items}
    for position in range(1, 9):
        here = Counter(source[task.items[0]] for task in drawn.tasks if task.position == position)
        assert set(here.values()) == {4}


def test_of_two_each_stands_first_as_often() -> None:
    plan = plan_of(form="compare", raters=12, conversations=6, ratings=3)
    drawn = draw("study", plan, found_in(plan.sources))
    source = {item.item: item.source for item in drawn.items}
    assert Counter(source[task.items[0]] for task in drawn.tasks) == {"one": 36, "other": 36}


def test_pairs_are_of_the_same_session_where_there_are_such() -> None:
    plan = plan_of(form="compare", raters=12, conversations=6, ratings=3)
    drawn = draw("study", plan, found_in(plan.sources))
    session = {item.item: item.case_id.partition("-")[2] for item in drawn.items}
    assert all(len({session[item] for item in task.items}) == 1 for task in drawn.tasks)


def test_the_same_seed_draws_the_same_and_another_another() -> None:
    plan = plan_of()
    found = found_in(plan.sources)
    first, again = draw("study", plan, found), draw("study", plan, found)
    assert (first.items, first.tasks) == (again.items, again.tasks)
    other = draw("study", plan_of(seed=1), found)
    assert {item.case_id for item in other.items} != {item.case_id for item in first.items}


def test_ids_say_nothing_of_the_source() -> None:
    drawn = draw("study", plan_of(), found_in({"one": 0, "other": 0}))
    assert all(len(item.item) == 12 and int(item.item, 16) >= 0 for item in drawn.items)


@pytest.mark.parametrize("checks", [1, 3])
def test_checks_are_spread_and_never_first(checks: int) -> None:
    drawn = draw("study", plan_of(checks=checks), found_in({"one": 0, "other": 0}))
    expected = {item.item: item.expected for item in drawn.items if item.expected is not None}
    assert len(expected) == checks and all(1 <= answer <= 5 for answer in expected.values() if answer)
    places = [task.position for task in drawn.tasks if task.items[0] in expected]
    assert len(places) == 12 * checks and min(places) > 1
    for item in drawn.items:
        if item.expected is not None:
            assert f"with {item.expected}." in str(item.turns[-1]["reply"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"conversations": 5}, "5 conversations for each rater do not go evenly into 2 sources"),
        ({"ratings": 5}, "36 ratings of each source cannot give every conversation 5"),
        ({"raters": 100, "ratings": 1}, "has 60 conversations, and 300 are needed"),
        (
            {"form": "compare", "sources": dict.fromkeys("abc", "x"), "conversations": 4},
            "into 3 pairs of sources",
        ),
    ],
)
def test_numbers_that_do_not_fit_are_refused_with_those_that_would(
    fields: dict[str, object], said: str
) -> None:
    plan = plan_of(**fields)
    with pytest.raises(ConfigError, match=said) as refused:
        draw("study", plan, found_in(plan.sources))
    assert refused.value.hint
