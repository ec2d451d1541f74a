"""Import: published conversations in the store are what they were, and come out of it again as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from segue.checkpoints import Store
from segue.checkpoints.store.reader import StoreReader
from segue.checkpoints.store.threads import Thread, Threads
from segue.core.errors import InputError
from segue.dataset.exporting import ExportOptions, export
from segue.dataset.importing import import_dataset
from segue.dataset.measuring.statistics import measure
from segue.dataset.opening import open_dataset
from segue.dataset.splitting import Splitting
from segue.dataset.threads import dataset_of
from segue.state.document import conversation
from support.catalog.sources import shared
from support.published import made_row, real_rows, write_rows
from support.runs.staging import Staged, catalog, staged

from .conftest import Finished, stored_of

PLAIN = ExportOptions(pictures=False)


@pytest.fixture
def made(tmp_path: Path) -> Any:
    with staged(f"sqlite:///{tmp_path}/store.db", tmp_path) as stage:
        yield stage


def brought(made: Staged, path: Path, name: str | None = None) -> list[Thread]:
    run = import_dataset(open_dataset(path), made.store, name=name).run_id
    return made.threads.list(run=run)


def test_real_rows_go_in_and_come_out_field_by_field(made: Staged, tmp_path: Path) -> None:
    threads = brought(made, shared("talkplay2-rows"))
    assert len(threads) == 17 and {thread.status for thread in threads} == {"imported"}
    rows = {row["session_id"]: row for row in real_rows()}
    data = dataset_of(*stored_of(made), splitting=Splitting())
    assert {row["session_id"]: row for row in data.rows()} == rows
    export(data, tmp_path / "out", PLAIN)
    assert list(open_dataset(tmp_path / "out").rows()) == real_rows()
    assert {thread.session_id: thread.category for thread in threads} == {
        name: row["conversation_goal"]["category"] for name, row in rows.items()
    }


def test_our_own_export_goes_in_and_comes_out_whole(finished: Finished, made: Staged, tmp_path: Path) -> None:
    data = dataset_of(*finished.stored, splitting=Splitting(), catalog=catalog())
    export(data, tmp_path / "first", PLAIN)
    first = open_dataset(tmp_path / "first")
    brought(made, tmp_path / "first")
    export(dataset_of(*stored_of(made), splitting=Splitting()), tmp_path / "second", PLAIN)
    second = open_dataset(tmp_path / "second")
    assert dict(second.splits) == dict(first.splits)
    assert list(second.rows()) == list(first.rows())
    for table in ("extras", "tracks", "users"):
        assert dict(getattr(second, table)()) == dict(getattr(first, table)())
    assert measure(second).to_json()["groups"] == measure(first).to_json()["groups"]


def test_an_import_is_shown_as_a_conversation(finished: Finished, made: Staged, tmp_path: Path) -> None:
    export(dataset_of(*finished.stored, catalog=catalog()), tmp_path / "out", PLAIN)
    thread = brought(made, tmp_path / "out")[0]
    shown = conversation(StoreReader.of(made.store).state(thread))
    played = conversation(finished.stored[0].state(finished.trunks[0]))
    assert shown["turns"] == [_published(turn) for turn in played["turns"]]
    assert shown["closing"] == played["closing"]
    assert shown["profile"] == played["profile"] and shown["pool"] == played["pool"]
    assert shown["goal"]["listener_goal"] == played["goal"]["listener_goal"]
    assert shown["goal"]["target_turn_count"] == played["goal"]["target_turn_count"]
    track_id = shown["turns"][0]["recsys"]["track_id"]
    assert shown["tracks"][track_id]["title"] == played["tracks"][track_id]["title"]


def _published(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn without what the published schema has no place for."""
    said = {key: turn["listener"][key] for key in ("message", "thought", "progress")}
    return {"turn": turn["turn"], "listener": said, "recsys": turn["recsys"]}


def test_a_row_that_stops_at_a_message_is_shown_up_to_it(made: Staged, tmp_path: Path) -> None:
    row = made_row(turns=2)
    row["conversations"] = row["conversations"][:4]
    del row["goal_progress_assessments"]
    thread = brought(made, write_rows(tmp_path / "blind.jsonl", [row]))[0]
    shown = conversation(StoreReader.of(made.store).state(thread))
    assert thread.turns == 1 and len(shown["turns"]) == 2
    assert shown["turns"][1]["recsys"] is None
    assert shown["turns"][0]["recsys"]["thought"] == "It is quiet 1"
    assert shown["tracks"]["track-1"]["title"] == "track-1"


def test_importing_again_adds_nothing_and_another_name_is_another_import(
    made: Staged, tmp_path: Path
) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [made_row("a__2018-01-01"), made_row("b__2018-01-01")])
    first = brought(made, file)
    assert brought(made, file) == first and len(first) == 2
    assert len(brought(made, file, name="again")) == 2
    assert len(made.threads.list()) == 4
    names = [row["session_id"] for row in dataset_of(*stored_of(made)).rows()]
    assert len(set(names)) == 4 and {"a__2018-01-01", "b__2018-01-01"} < set(names)


def test_two_rows_of_one_name_are_refused(made: Staged, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [made_row(), made_row()])
    with pytest.raises(InputError, match="two conversations"):
        import_dataset(open_dataset(file), made.store)
    assert made.threads.list() == []


def test_an_import_outlives_its_store_being_closed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    row = made_row()
    with Store.open(url) as store:
        import_dataset(open_dataset(write_rows(tmp_path / "rows.jsonl", [row])), store)
    with Store.open(url) as store:
        thread = Threads(store).list()[0]
        assert (
            StoreReader.of(store).state(thread)["messages"][0]["text"] == row["conversations"][0]["content"]
        )
        assert StoreReader.of(store).imported.find("nothing") is None
