"""Raters who do not read are named, and those who do are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.studies import Studies, StudyRating
from segue.evaluation.study.answers import StudyData, read_data
from segue.evaluation.study.quality import clones, drifts, failed_checks, straight_liners
from segue.evaluation.study.report import report_study
from support.evaluation.studying import Answering, answer_all, honest, keep, plan_of

Spoiling = Callable[[Answering], Answering]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/study.db") as opened:
        yield opened


def rated(store: Store, spoil: Spoiling = lambda usual: usual, **fields: object) -> StudyData:
    kept = keep(store, plan_of(raters=20, conversations=10, ratings=4, **fields))
    answer_all(kept, spoil(honest(kept)))
    return read_data(Studies(store), "pilot")


def test_nobody_is_named_where_all_read(store: Store) -> None:
    data = rated(store)
    assert (straight_liners(data), clones(data), failed_checks(data)) == ([], [], [])
    assert not any(each.found for each in drifts(data))


@pytest.mark.parametrize("answer", [1, 4, 5])
def test_a_straight_liner_is_named(store: Store, answer: int) -> None:
    data = rated(store, lambda usual: lambda r, p, i, q: answer if r == "r07" else usual(r, p, i, q))
    [named] = straight_liners(data)
    assert (named.rater, named.answer, named.share) == ("r07", answer, 1.0)
    assert clones(data) == []


def test_who_says_the_same_as_everybody_is_no_straight_liner(store: Store) -> None:
    data = rated(store, lambda usual: lambda r, p, i, q: 4 if r < "r19" or p % 2 else 3)
    assert straight_liners(data) == []


@pytest.mark.parametrize("slips", [0, 1])
def test_a_clone_by_place_is_named(store: Store, slips: int) -> None:
    def spoil(usual: Answering) -> Answering:
        written: dict[tuple[int, str], int] = {}

        def answering(rater: str, position: int, item: str, question: str) -> int:
            if rater == "r09" and position > slips:
                return written[position, question]
            value = usual(rater, position, item, question)
            if rater == "r03":
                written[position, question] = value
            return value

        return answering

    [pair] = clones(rated(store, spoil))
    assert (pair.one, pair.other, pair.by) == ("r03", "r09", "place") and pair.equal >= 10 - slips


def test_a_clone_by_conversation_is_named(store: Store) -> None:
    """Two people who are shown all the same, in another order."""

    def spoil(usual: Answering) -> Answering:
        written: dict[tuple[str, str], int] = {}

        def answering(rater: str, position: int, item: str, question: str) -> int:
            if rater == "r09":
                return written[item, question]
            value = usual(rater, position, item, question)
            if rater == "r03":
                written[item, question] = value
            return value

        return answering

    kept = keep(store, plan_of(raters=20, conversations=10, ratings=20))
    answer_all(kept, spoil(honest(kept)))
    [pair] = clones(read_data(Studies(store), "pilot"))
    assert (pair.one, pair.other, pair.by, pair.equal) == ("r03", "r09", "conversation", 10)


def test_drift_is_named(store: Store) -> None:
    def spoil(usual: Answering) -> Answering:
        return lambda r, p, i, q: max(1, min(5, 6 - (p + 1) // 2)) if r == "r05" else usual(r, p, i, q)

    named = [each for each in drifts(rated(store, spoil)) if each.rater]
    assert {each.rater for each in named} == {"r05"} and all(each.slope < -3 for each in named)


def test_failed_checks_are_counted_and_no_part_of_the_opinions(store: Store) -> None:
    kept = keep(store, plan_of(raters=20, conversations=10, ratings=4, checks=2))
    expected = {item.item: item.expected for item in kept.items("pilot").values()}
    usual = honest(kept)

    def answering(rater: str, position: int, item: str, question: str) -> int:
        right = expected[item]
        if right is None:
            return usual(rater, position, item, question)
        return right % 5 + 1 if rater == "r02" else right

    answer_all(kept, answering)
    data = read_data(kept, "pilot")
    assert [(each.rater, each.failed, each.checks) for each in failed_checks(data)] == [("r02", 2, 2)]
    report = report_study(data)
    assert report.given == report.asked == 400
    assert {opinion.group for opinion in report.opinions} == {"one", "other"}


def test_a_preference_is_found_whichever_side_it_stands_on(store: Store) -> None:
    kept = keep(store, plan_of(form="compare", raters=12, conversations=6, ratings=3))
    source = {item.item: item.source for item in kept.items("pilot").values()}
    tasks = {(task.rater, task.position): task.items for task in kept.tasks("pilot")}

    def answering(rater: str, position: int, _: str, question: str) -> int:
        first = source[tasks[rater, position][0]] == "one"
        sure = question == "relevance" and (position + int(rater[1:])) % 5
        return (-1 if first else 1) if sure else 0

    answer_all(kept, answering)
    report = report_study(read_data(kept, "pilot"))
    by_name = {opinion.question: opinion for opinion in report.opinions}
    assert by_name["relevance"].group == "one / other" and by_name["relevance"].mean > 0.7
    assert by_name["relevance"].low is not None and by_name["relevance"].low > 0.5
    assert by_name["relevance"].grades[-1] == 0 and by_name["naturalness"].mean == 0
    assert straight_liners(read_data(kept, "pilot")) == []


def test_a_study_that_has_begun_is_reported_on_as_it_stands(store: Store) -> None:
    kept = keep(store, plan_of())
    assert report_study(read_data(kept, "pilot")).opinions == []
    task = kept.tasks("pilot")[0]
    kept.add_ratings("pilot", [], [], [StudyRating(task.rater, 1, 0, "relevance", 4)])
    [opinion] = report_study(read_data(kept, "pilot")).opinions
    assert (opinion.mean, opinion.low, opinion.ratings) == (4.0, None, 1)
