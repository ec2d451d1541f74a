"""Reports of the face: conversations compared, money counted, data sets described."""

from __future__ import annotations

from pathlib import Path

import pytest
from segue import OpenStore, compare, cost, open_store, stats
from segue.api.evaluation.reports import SideBySide, draw_statistics
from segue.core.errors import InputError, NotFoundError
from support.kept import Kept


def test_a_branch_is_compared_from_where_it_parts(store: OpenStore, kept: Kept) -> None:
    found = compare([kept.thread, kept.branch], store=store)
    assert (found.divergence.ancestor, found.divergence.since.turn) == (kept.thread, 2)
    assert [one.thread_id for one in found.compared] == [kept.thread, kept.branch]


def test_one_conversation_is_not_compared(store: OpenStore, kept: Kept) -> None:
    with pytest.raises(InputError, match="two different threads"):
        compare([kept.thread, kept.thread[:6]], store=store)


def test_what_the_whole_store_cost(store: OpenStore) -> None:
    told = cost(store=store).to_json()
    assert (told["conversations"], told["branches"], told["calls"]) == (3, 1, 22)


def test_what_a_run_or_a_thread_cost(store: OpenStore, kept: Kept) -> None:
    assert cost(["kept"], store=store).to_json()["calls"] == 22
    assert cost([kept.thread], store=store).to_json()["calls"] == 9
    both = cost([kept.thread, kept.branch], store=store).to_json()["calls"]
    assert both == 9 + 4, "the shared beginning counts once"


def test_what_is_neither_run_nor_thread_has_no_cost(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no run and no thread 'zzz'"):
        cost(["zzz"], store=store)


def test_by_the_address_of_a_store(kept: Kept, missing: str) -> None:
    assert cost(store=kept.url).done == 3
    with pytest.raises(NotFoundError, match="no store at"):
        cost(store=missing)


def test_statistics_of_the_store_and_of_its_runs(store: OpenStore, kept: Kept) -> None:
    [whole] = stats(store=store)
    assert whole.table("all")["conversations"] == 3
    named = list(stats(runs=[kept.run, "kept"], store=store))
    assert [one.table("all")["conversations"] for one in named] == [3, 3]
    with pytest.raises(NotFoundError, match="no run 'zzz'"):
        list(stats(runs=["zzz"], store=store))


def test_statistics_side_by_side(store: OpenStore, kept: Kept) -> None:
    table = SideBySide(list(stats(runs=[kept.run, kept.run], store=store)))
    assert table.names == [f"run {kept.run}"] * 2
    rows = {row.about: row.values for row in table.counts()}
    assert rows["conversations"] == [3, 3] and len(rows) == 11
    for about in ("topics", "genders"):
        shares = [row.values[0] for row in table.shares() if row.about == about]
        assert sum(shares) == pytest.approx(100)
    assert [row.of for row in table.words()] == ["1", "2", "3"]
    assert [row.of for row in table.moves()] == ["2", "3", "the end"]


@pytest.mark.slow
def test_pictures_of_the_statistics(store: OpenStore, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    drawn = draw_statistics(list(stats(store=store)), tmp_path / "pictures")
    assert drawn and all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)


def test_an_empty_store_has_nothing_to_tell(missing: str) -> None:
    with open_store(missing, create=True) as empty:
        assert cost(store=empty).to_json()["calls"] == 0
        [nothing] = stats(store=empty)
        assert nothing.table("all")["conversations"] == 0
