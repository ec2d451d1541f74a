"""What is deleted goes whole, what others need of it stays, and a deletion that fails did nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from segue import Conversation, OpenStore, RunConfig, branch, judge, open_store, play, verify
from segue.checkpoints.saver.database.schema import METADATA as SAVED
from segue.checkpoints.store.judgements import JUDGEMENT_METADATA
from segue.checkpoints.store.leases import Leases
from segue.checkpoints.store.schema import METADATA
from segue.core.errors import InputError, NotFoundError, StoreError
from support.checkpoints.postgres import new_database

CONFIG = RunConfig(name="pilot", sessions=2, turns=2, modalities="text")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of a store with a run of two conversations, the first with a branch, of which copies are made."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('origin') / 'segue.db'}"
    else:
        url = new_database(request.getfixturevalue("postgres_server"), "origin")
    with open_store(url, create=True) as opened:
        first = play(CONFIG, store=opened)[0]
        branch(first.thread_id, turn=2, agent="recsys", seed=1, store=opened)
    return url


@pytest.fixture
def store(origin: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenStore]:
    """Such a store of a test's own."""
    if origin.startswith("sqlite"):
        url = f"sqlite:///{shutil.copy(origin.removeprefix('sqlite:///'), tmp_path)}"
    else:
        url = new_database(request.getfixturevalue("postgres_server"), "copied", template="origin")
    with open_store(url) as opened:
        yield opened


def family(store: OpenStore) -> tuple[Conversation, Conversation, Conversation]:
    """The trunk that has a branch, the other trunk, the branch."""
    [hanging] = [found for found in store.threads() if found.parent]
    [other] = [found for found in store.threads() if found.thread_id != hanging.parent and not found.parent]
    return store.conversation(str(hanging.parent)), other, hanging


def rows(store: OpenStore) -> dict[str, list[Any]]:
    """Everything in the store."""
    there = set(sa.inspect(store.store.engine).get_table_names())
    tables = [
        t for each in (METADATA, JUDGEMENT_METADATA, SAVED) for t in each.sorted_tables if t.name in there
    ]
    with store.store.read() as connection:
        return {t.name: sorted(map(repr, connection.execute(t.select()))) for t in tables}


def test_a_conversation_and_its_branches_go_with_all_that_is_theirs(store: OpenStore) -> None:
    trunk, other, hanging = family(store)
    judge([trunk.thread_id, other.thread_id], models=["offline"], store=store)
    kept, before = (other.document, other.summary()), rows(store)
    with pytest.raises(InputError, match=f"{trunk.thread_id} has branches: {hanging.thread_id}"):
        store.delete(trunk.thread_id, really=True)
    planned = store.delete(trunk.thread_id[:8], with_branches=True)
    assert rows(store) == before and not planned.deleted
    assert (planned.threads, planned.branches) == ((trunk.thread_id, hanging.thread_id), (hanging.thread_id,))
    done = store.delete(trunk.thread_id, with_branches=True, really=True)
    assert done.deleted and done.judgements > 1 and (done.calls, done.bytes) == (planned.calls, planned.bytes)
    after = rows(store)
    told = "".join(row for name in after for row in after[name])
    assert trunk.thread_id not in told and hanging.thread_id not in told
    assert len(before["blob"]) - len(after["blob"]) == done.texts > 0
    assert len(before["checkpoint"]) - len(after["checkpoint"]) == done.checkpoints
    assert len(before["ledger"]) - len(after["ledger"]) == done.calls
    left = store.conversation(other.thread_id)
    assert (left.document, left.summary()) == kept and store.check().sound
    assert len(verify([other.thread_id], store=store)) == 1


def test_the_same_run_plays_again_what_was_deleted(store: OpenStore) -> None:
    first, _, _ = family(store)
    document = first.document
    store.delete(first.thread_id, with_branches=True, really=True)
    assert store.run("pilot").counts == {"done": 1}
    again = play(CONFIG, store=store)
    assert store.conversation(first.thread_id).document["turns"] == document["turns"] and len(again) == 2


def test_calls_that_another_run_rests_on_are_handed_over(store: OpenStore) -> None:
    """A longer conversation on the same session asks nothing again."""
    long = play(RunConfig(turns=3, modalities="text"), store=store)[0]
    document, summary = long.document, long.summary()
    done = store.delete("pilot", really=True)
    assert (done.handed_over > 0 and done.runs == (store.threads()[0].run,)) or len(store.runs()) == 1
    left = store.conversation(long.thread_id)
    assert (left.document, left.summary()) == (document, summary) and store.summaries() == [summary]
    assert len(verify(store=store)) == 1 and store.check().sound
    assert len(store.tables.calls()) == summary["model_calls"], "nothing is left that nobody needs"


def test_a_run_goes_with_its_names_and_an_empty_store_is_left(store: OpenStore) -> None:
    assert len(store.delete("pilot", really=True).threads) == 3
    left = {name: found for name, found in rows(store).items() if found}
    assert left.keys() <= {"schema_version", "counter", "dictionary"} and store.runs() == []


async def test_what_somebody_is_at_work_on_is_refused(store: OpenStore) -> None:
    trunk, other, _ = family(store)
    before, leases = rows(store), Leases(store.store)
    for kind, key in (("trunk", trunk.thread_id), ("trunk", other.thread_id), ("branch", "not there yet")):
        assert await leases.claim(kind, key)
        with pytest.raises(InputError, match=r"is being played by .* nothing was deleted"):
            store.delete(trunk.thread_id, with_branches=True, really=True)
        await leases.release(kind, key)
    assert rows(store) == before
    assert await leases.claim("judgement", "some question")
    assert store.delete("pilot", really=True).deleted


def test_a_deletion_that_fails_at_its_end_did_nothing(store: OpenStore) -> None:
    before = rows(store)
    breaking = "CREATE TRIGGER broken BEFORE DELETE ON blob BEGIN SELECT RAISE(ABORT, 'no'); END"
    if store.store.dialect == "postgresql":
        breaking = (
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql;"
            "CREATE TRIGGER broken BEFORE DELETE ON blob FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    store.store.run(lambda connection: connection.exec_driver_sql(breaking))
    with pytest.raises(StoreError, match="no"):
        store.delete("pilot", really=True)
    assert rows(store) == before


def test_what_is_not_there_is_named(store: OpenStore) -> None:
    with pytest.raises(NotFoundError, match="no thread 'zz'"):
        store.delete("zz")
