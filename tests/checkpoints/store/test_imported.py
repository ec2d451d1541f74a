"""Imported conversations: kept word for word, all or nothing, listed like others and never played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.imported import ID_LENGTH, Import, ImportedRows
from segue.checkpoints.store.threads import Threads
from segue.checkpoints.store.upkeep.maintenance import check
from segue.core.errors import CorruptionError

TRACKS = [{"track_id": "a", "title": "Song Ω"}, {"track_id": "b", "title": "Another", "tempo": None}]
SUMMARY = {"session_id": "s1", "turns": 2, "category": "A", "specificity": "LL"}


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with Store.open(store_url) as store:
        yield store


def row(number: int) -> dict[str, Any]:
    return {"session_id": f"s{number}", "conversations": [{"turn_number": 1, "content": "hello"}]}


def conversation(number: int, **changes: Any) -> Import:
    summary = {**SUMMARY, "session_id": f"s{number}"}
    return replace(Import("train", row(number), {"note": number}, TRACKS, summary), **changes)


def test_what_was_imported_is_read_back_word_for_word(store: Store) -> None:
    rows = ImportedRows(store)
    [thread] = rows.add("run-a", "a set", [conversation(1)], 0)
    found = rows.find(thread)
    assert found is not None and len(thread) == ID_LENGTH
    assert (found.thread_id, found.split, found.row) == (thread, "train", row(1))
    assert (found.extra, found.tracks) == ({"note": 1}, TRACKS)
    assert rows.find("nowhere") is None


def test_what_is_absent_stays_absent(store: Store) -> None:
    rows = ImportedRows(store)
    [thread] = rows.add("run-a", "a set", [conversation(1, extra=None, tracks=[])], 0)
    found = rows.find(thread)
    assert found is not None and (found.extra, found.tracks, found.row) == (None, [], row(1))


def test_it_is_listed_as_imported_under_its_data_set(store: Store) -> None:
    [thread] = ImportedRows(store).add("run-a", "a set", [conversation(1)], 0)
    found = Threads(store).get(thread)
    assert (found.run_id, found.session_id, found.status, found.turns) == ("run-a", "s1", "imported", 2)
    assert (found.category, found.specificity, found.retries, found.altered) == ("A", "LL", 0, False)
    assert (found.parent, dict(found.config), found.created) == (None, {}, found.updated)
    run = Threads(store).run("run-a")
    assert (run["plan"], run["catalog"]) == ({"imported": "a set"}, "a set")


def test_the_same_conversation_is_imported_once(store: Store) -> None:
    rows = ImportedRows(store)
    first = rows.add("run-a", "a set", [conversation(1), conversation(2), conversation(1)], 0)
    assert first[0] == first[2] != first[1]
    again = rows.add("run-a", "renamed", [conversation(2, extra=None), conversation(3)], 2)
    assert again[0] == first[1] and len(Threads(store).list()) == 3
    kept = rows.find(first[1])
    assert kept is not None and kept.extra == {"note": 2}, "it stays as it is"
    assert Threads(store).run("run-a")["catalog"] == "a set"


def test_the_same_row_in_another_split_or_data_set_is_another_conversation(store: Store) -> None:
    rows = ImportedRows(store)
    [one] = rows.add("run-a", "a set", [conversation(1)], 0)
    [two] = rows.add("run-a", "a set", [conversation(1, split="test")], 1)
    [three] = rows.add("run-b", "b set", [conversation(1)], 0)
    assert len({one, two, three}) == 3


def test_splits_are_in_the_order_of_the_data_sets(store: Store) -> None:
    rows = ImportedRows(store)
    later = rows.add("run-b", "b", [conversation(9, split="test"), conversation(8)], 0)
    second = rows.add("run-a", "a", [conversation(3), conversation(2)], 2)
    first = rows.add("run-a", "a", [conversation(1), conversation(4, split="test")], 0)
    assert rows.splits("run-a") == [
        (first[0], "train"), (first[1], "test"), (second[0], "train"), (second[1], "train"),
    ]  # fmt: skip
    assert rows.splits() == [*rows.splits("run-a"), (later[0], "test"), (later[1], "train")]
    assert rows.splits("run-") == [] == rows.splits("run_a"), "a run is named in full here"


def test_nothing_of_a_portion_is_stored_when_one_of_it_cannot_be(store: Store) -> None:
    rows = ImportedRows(store)
    with pytest.raises(TypeError):
        rows.add("run-a", "a set", [conversation(1), conversation(2, row={"no JSON": object()})], 0)
    assert Threads(store).list() == [] and rows.splits() == []


def test_damage_is_found_and_names_the_conversation(store: Store) -> None:
    [one, other] = ImportedRows(store).add("run-a", "a set", [conversation(1), conversation(2)], 0)
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    with pytest.raises(CorruptionError, match="lacks"):
        ImportedRows(store).find(one)
    assert check(store).threads == sorted([one, other])
