"""Human studies copied into another store: the same there, and brought up to date by another copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from segue import OpenStore, open_store
from segue.checkpoints.store.studies import StoredStudy, Studies, StudyRating
from segue.core.errors import InputError
from segue.core.hashing import digest
from support.evaluation.studying import answer_all, keep, plan_of

SMALL = plan_of(raters=2, conversations=2, ratings=2)


@pytest.fixture
def stores(store_url: str, tmp_path: Path) -> Iterator[tuple[OpenStore, OpenStore]]:
    """A store with a study of which half is rated; an empty one."""
    with open_store(store_url, create=True) as source, open_store(tmp_path / "to.db", create=True) as target:
        keep(source.store, SMALL)
        yield source, target


def told(store: OpenStore) -> tuple[object, ...]:
    kept = Studies(store.store)
    return (kept.all(), kept.items("pilot"), kept.raters("pilot"), kept.tasks("pilot"), kept.ratings("pilot"))


async def test_a_study_goes_along_with_all_that_belongs_to_it(stores: tuple[OpenStore, OpenStore]) -> None:
    source, target = stores
    answer_all(Studies(source.store), lambda rater, position, item, question: 3)
    assert source.copy(target).studies == ("pilot",)
    assert told(target) == told(source)
    rater = Studies(source.store).raters("pilot")[0].rater
    assert Studies(target.store).behind(digest(f"{rater}-secret")) == ("pilot", rater)
    assert source.copy(target).studies == ()


async def test_another_copy_brings_what_was_rated_since(stores: tuple[OpenStore, OpenStore]) -> None:
    source, target = stores
    kept, copied = Studies(source.store), Studies(target.store)
    [rater, other] = [each.rater for each in kept.raters("pilot")]
    await kept.rate("pilot", StudyRating(rater, 1, 0, "relevance", 2, updated="2026-01-01"))
    await kept.rate("pilot", StudyRating(other, 1, 0, "relevance", 2, updated="2026-01-01"))
    source.copy(target)
    await kept.rate("pilot", StudyRating(rater, 1, 0, "relevance", 5, updated="2026-01-02"))
    await kept.rate("pilot", StudyRating(rater, 1, 0, "naturalness", 1, updated="2026-01-02"))
    await copied.rate("pilot", StudyRating(other, 1, 0, "relevance", 4, updated="2026-01-03"))
    assert source.copy(target).studies == ("pilot",)
    found = {(each.rater, each.question): each.value for each in copied.ratings("pilot")}
    assert found == {(rater, "relevance"): 5, (rater, "naturalness"): 1, (other, "relevance"): 4}


def test_a_name_that_is_another_study_s_is_refused(stores: tuple[OpenStore, OpenStore]) -> None:
    source, target = stores
    Studies(target.store).add(StoredStudy("pilot", SMALL.to_json(), "2020-01-01"), [], [], [])
    with pytest.raises(InputError, match=r"another study 'pilot'.*nothing was copied") as refused:
        source.copy(target)
    assert "segue study delete pilot" in str(refused.value.hint)
    assert Studies(target.store).items("pilot") == {}
