"""Splitting: time divides, users are called by what training knows of them, and a test part is balanced."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segue.core.errors import InputError
from segue.dataset.splitting import REST, TEST, TRAIN, UNSPLIT, DatedConversation, Splitting, plan_splits

START = date(2018, 6, 1)
DAYS = st.integers(0, 500).map(lambda n: START + timedelta(days=n))
WHO = st.sampled_from("abcdefgh")
CONVERSATIONS = st.lists(st.tuples(WHO, DAYS), min_size=1, max_size=40).map(
    lambda pairs: [DatedConversation(f"c{n}", user, day) for n, (user, day) in enumerate(pairs)]
)
CELLS = (("UK", "female", "20s"), ("UK", "male", "20s"), ("US", "male", "30s"), ("BR", "female", None))


def cell(key: str) -> tuple[str | None, ...]:
    return CELLS[int(key[1:]) % len(CELLS)]


@given(CONVERSATIONS, st.sampled_from([Splitting(), Splitting(test_share=0.3), Splitting(test_size=5)]))
def test_training_is_before_testing_and_cold_users_are_unknown(
    conversations: list[DatedConversation], rule: Splitting
) -> None:
    try:
        plan = plan_splits(conversations, rule, cell)
    except InputError:
        assert rule.test_share is not None and len({c.session_date for c in conversations}) == 1
        return
    by_id = {c.session_id: c for c in conversations}
    assert plan.split.keys() == by_id.keys() == plan.user_split.keys()
    if plan.test_from is None:
        assert set(plan.split.values()) == {TRAIN}
        return
    known = {by_id[i].user_id for i, split in plan.split.items() if split == TRAIN}
    for key, split in plan.split.items():
        day = by_id[key].session_date
        assert day is not None
        assert (day < plan.test_from) == (split == TRAIN)
        if split != TRAIN:
            assert plan.user_split[key] == ("test_warm" if by_id[key].user_id in known else "test_cold")
    assert {TRAIN, TEST} <= set(plan.split.values())
    # Conversations of one day, such as a branch and its trunk, are never on both sides.
    days: dict[date | None, set[bool]] = {}
    for key, split in plan.split.items():
        days.setdefault(by_id[key].session_date, set()).add(split == TRAIN)
    assert all(len(sides) == 1 for sides in days.values())


@given(CONVERSATIONS, st.integers(1, 20), st.floats(0, 1))
def test_a_test_part_has_the_size_and_share_asked_for(
    conversations: list[DatedConversation], size: int, share: float
) -> None:
    whole = plan_splits(conversations, Splitting(), cell)
    plan = plan_splits(conversations, Splitting(test_size=size, cold_share=share), cell)
    if whole.test_from is None:
        return
    candidates = [key for key, split in whole.split.items() if split == TEST]
    chosen = [key for key, split in plan.split.items() if split == TEST]
    assert len(chosen) == min(size, len(candidates))
    assert {key for key, split in plan.split.items() if split == REST} == set(candidates) - set(chosen)
    cold = sum(plan.user_split[key] == "test_cold" for key in chosen)
    there = sum(whole.user_split[key] == "test_cold" for key in candidates)
    wanted = round(len(chosen) * share)
    assert cold == min(there, max(wanted, len(chosen) - (len(candidates) - there)))


def test_the_test_part_is_balanced_where_the_candidates_are_not() -> None:
    train = [DatedConversation(f"x{n}", f"user{n}", date(2018, 1, 1)) for n in range(100)]
    test = [DatedConversation(f"y{n}", f"user{n}", date(2019, 5, 5)) for n in range(100)]
    place = {f"y{n}": ("US" if n < 90 else "BR", "male" if n % 10 else "female", "20s") for n in range(100)}
    plan = plan_splits([*train, *test], Splitting(test_size=20), lambda key: place[key])
    chosen = [key for key, split in plan.split.items() if split == TEST]
    countries = Counter(place[key][0] for key in chosen)
    genders = Counter(place[key][1] for key in chosen)
    assert (countries["US"], countries["BR"]) == (10, 10)
    assert (genders["male"], genders["female"]) == (10, 10)


def test_the_default_cut_is_2019_and_gives_way_where_it_divides_nothing() -> None:
    early = [DatedConversation(f"c{n}", "u", date(2012, 1, 1 + n)) for n in range(10)]
    plan = plan_splits(early, Splitting())
    assert plan.test_from == date(2012, 1, 9)
    assert Counter(plan.split.values()) == {TRAIN: 8, TEST: 2}
    assert plan_splits(
        [*early, DatedConversation("late", "v", date(2019, 1, 1))], Splitting()
    ).test_from == date(2019, 1, 1)
    assert plan_splits(early[:1], Splitting()).test_from is None


def test_what_cannot_be_split_is_refused_with_a_way_out() -> None:
    with pytest.raises(InputError, match="no date") as caught:
        plan_splits([DatedConversation("p1", "p1", None)], Splitting())
    assert "--split none" in str(caught.value)
    with pytest.raises(InputError, match="leaves one part empty"):
        plan_splits([DatedConversation("a", "u", date(2018, 1, 1))], Splitting(test_from=date(2020, 1, 1)))
    whole = plan_splits([DatedConversation("p1", "p1", None)], UNSPLIT)
    assert whole.split == {"p1": TRAIN} and whole.user_split == {"p1": None}
    assert plan_splits([], Splitting()).split == {}
