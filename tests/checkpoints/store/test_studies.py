"""Human studies in the store: each rating once, whatever is sent twice, and nothing of one study in another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.studies import (
    StoredStudy,
    Studies,
    StudyItem,
    StudyRater,
    StudyRating,
    StudyTask,
)
from segue.core.errors import InputError, NotFoundError

TURNS = ({"turn": 1, "request": "something calm", "tracks": [], "reply": "this one"},)
ITEMS = [
    StudyItem("i1", "ours", "thread", "t1", TURNS),
    StudyItem("i2", "theirs", "data:set", "s1", TURNS),
    StudyItem("i3", "", "check", "first", TURNS, expected=2),
]
RATERS = [StudyRater("r1", "hash of one"), StudyRater("r2")]
TASKS = [StudyTask("r1", 1, ["i1"]), StudyTask("r1", 2, ["i2"]), StudyTask("r2", 1, ["i2"])]
FOUR = StudyRating("r1", 1, 0, "relevance", 4, "2026-01-01T00:00:01", "2026-01-01T00:00:01")


@pytest.fixture
def studies(store_url: str) -> Iterator[Studies]:
    with Store.open(store_url) as store:
        kept = Studies(store)
        kept.add(StoredStudy("one", {"seed": 0}, "2026-01-01T00:00:00"), ITEMS, RATERS, TASKS)
        yield kept


def test_a_study_is_read_as_it_was_kept(studies: Studies) -> None:
    assert studies.get("one").plan == {"seed": 0}
    assert studies.items("one") == {item.item: replace(item, turns=list(TURNS)) for item in ITEMS}
    assert studies.item("one", "i3").expected == 2
    assert studies.raters("one") == RATERS
    assert studies.tasks("one") == TASKS and studies.tasks("one", "r2") == TASKS[2:]


def test_a_name_is_taken_once(studies: Studies) -> None:
    with pytest.raises(InputError, match="there is a study 'one'"):
        studies.add(StoredStudy("one", {}), [], [], [])
    assert len(studies.items("one")) == 3


def test_a_study_that_is_not_there_is_named(studies: Studies) -> None:
    with pytest.raises(NotFoundError, match=r"(?s)no study 'onne'.*did you mean one\?"):
        studies.get("onne")


async def test_a_rating_given_twice_is_one_rating(studies: Studies) -> None:
    await asyncio.gather(*(studies.rate("one", FOUR) for _ in range(20)))
    assert studies.ratings("one") == [FOUR]


async def test_who_thinks_again_changes_the_rating(studies: Studies) -> None:
    await studies.rate("one", FOUR)
    later = replace(FOUR, value=2, created="2026-01-01T00:00:09", updated="2026-01-01T00:00:09")
    await studies.rate("one", later)
    assert studies.ratings("one") == [replace(later, created=FOUR.created)]


async def test_answers_to_turns_and_questions_lie_apart(studies: Studies) -> None:
    for turn, question in ((0, "relevance"), (0, "naturalness"), (1, "relevance")):
        await studies.rate("one", replace(FOUR, turn=turn, question=question))
    await studies.rate("one", replace(FOUR, rater="r2"))
    assert len(studies.ratings("one")) == 4 and len(studies.ratings("one", "r2")) == 1


def test_a_link_leads_to_one_rater_until_there_is_another(studies: Studies) -> None:
    assert studies.behind("hash of one") == ("one", "r1")
    studies.set_tokens("one", {"r1": "another", "r2": "a third"})
    assert studies.behind("hash of one") is None
    assert (studies.behind("another"), studies.behind("a third")) == (("one", "r1"), ("one", "r2"))


async def test_one_study_goes_and_the_other_stays(studies: Studies) -> None:
    studies.add(StoredStudy("two", {}), ITEMS, [StudyRater("r1", "other hash")], TASKS[:1])
    for name in ("one", "two"):
        await studies.rate(name, FOUR)
    studies.delete("one")
    assert [study.name for study in studies.all()] == ["two"]
    assert studies.ratings("two") == [FOUR] and studies.behind("other hash") == ("two", "r1")
    assert (studies.items("one"), studies.raters("one"), studies.ratings("one")) == ({}, [], [])


def test_ratings_from_elsewhere_come_with_their_raters(studies: Studies) -> None:
    guest = replace(FOUR, rater="guest")
    studies.add_ratings("one", [StudyRater("guest")], [StudyTask("guest", 1, ["i1"])], [guest])
    assert studies.ratings("one", "guest") == [guest] and studies.tasks("one", "guest")[0].items == ["i1"]
