"""Conversations copied from one kind of store into the other are the same there, down to what is pending."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from segue import OpenStore, RunConfig, branch, cost, export, judge, open_store, play, verify
from segue.checkpoints.store.leases import Leases
from segue.core.errors import InputError, NotFoundError

CONFIG = RunConfig(name="pilot", sessions=2, turns=2, modalities="text")


@pytest.fixture(params=["to a server", "from a server"])
def stores(
    request: pytest.FixtureRequest, sqlite_url: str, postgres_url: str
) -> Iterator[tuple[OpenStore, OpenStore]]:
    """A store with a run, branches, a judgement and a longer run that shares calls; an empty one of the other kind."""
    urls = (sqlite_url, postgres_url) if request.param == "to a server" else (postgres_url, sqlite_url)
    with open_store(urls[0], create=True) as source, open_store(urls[1], create=True) as target:
        first = play(CONFIG, store=source)[0]
        made = branch(first.thread_id, turn=2, agent="recsys", seed=1, store=source)[0]
        branch(made.thread_id, turn=2, agent="recsys", seed=2, store=source)
        play(RunConfig(turns=3, modalities="text"), store=source)
        judge([first.thread_id], models=["offline"], aspects=["profile_appropriateness"], store=source)
        yield source, target


def told(store: OpenStore, folder: Path) -> dict[str, Any]:
    """All that commands tell of a store."""
    export(folder, split="none", pictures=False, store=store)
    files = {f.name: f.read_bytes() for f in sorted(folder.rglob("*.parquet"))}
    places = [{"configurable": {"thread_id": found.thread_id}} for found in store.threads()]
    lines = [[tuple(one) for one in store.reader.saver.list(place)] for place in places]
    return {
        "threads": store.summaries(),
        "documents": [found.document for found in store.threads()],
        "history": [found.history() for found in store.threads()],
        "checkpoints": lines,
        "cost": cost(store=store).to_json(),
        "runs": [(run, list(store.sessions(run.run_id))) for run in store.runs()],
        "judgements": store.tables.judgements().to_dicts(),
        "calls": store.tables.calls().sort("key").to_dicts(),
        "files": files,
    }


@pytest.mark.slow
def test_all_is_told_alike_in_both_and_proved_again(
    stores: tuple[OpenStore, OpenStore], tmp_path: Path
) -> None:
    source, target = stores
    copied = source.copy(target)
    assert len(copied.threads) == len(source.threads()) == 5 and copied.judgements == 1 and not copied.known
    one, other = told(source, tmp_path / "one"), told(target, tmp_path / "other")
    for name in one:
        assert one[name] == other[name], name
    assert len(verify(store=target)) == 5 and target.check().sound
    again = source.copy(target)
    assert (again.threads, again.checkpoints, again.calls, again.judgements) == ((), 0, 0, 0)
    assert told(target, tmp_path / "again")["calls"] == one["calls"]


@pytest.mark.slow
def test_a_branch_brings_what_it_was_branched_from_and_a_copy_goes_on(
    stores: tuple[OpenStore, OpenStore],
) -> None:
    source, target = stores
    deepest = next(found for found in source.threads() if found.parent and not found.branches)
    first = source.copy(target, deepest.thread_id[:9])
    assert len(first.threads) == 3 and first.threads[-1] == deepest.thread_id
    assert target.run("pilot").counts == {"done": 1}
    # One that was cut off: its checkpoints are there, its row is not.
    target.store.run(
        lambda c: c.exec_driver_sql(f"DELETE FROM conversation WHERE thread_id = '{deepest.thread_id}'")
    )
    rest = source.copy(target, "pilot")
    assert deepest.thread_id in rest.threads and len(rest.known) == 2
    assert (
        target.conversation(deepest.thread_id).history() == source.conversation(deepest.thread_id).history()
    )
    assert len(verify(store=target)) == 4 and target.run("pilot") == source.run("pilot")
    assert not play(CONFIG, store=target).failed and target.summaries() == source.summaries(run="pilot")


async def test_what_does_not_fit_is_refused(stores: tuple[OpenStore, OpenStore]) -> None:
    source, target = stores
    with pytest.raises(NotFoundError):
        source.copy(target, "nothing")
    other = next(run.run_id for run in source.runs() if not run.names)
    source.copy(target, other)
    target.rename(other, "pilot")
    with pytest.raises(InputError, match=f"'pilot' is taken in .*, by run {other}"):
        source.copy(target, "pilot")
    target.rename("pilot", "long")
    [long] = source.threads(run=other)
    leases = Leases(source.store)
    assert await leases.claim("trunk", long.thread_id)
    with pytest.raises(InputError, match="is being played by"):
        source.copy(target, long.thread_id)
    await leases.release("trunk", long.thread_id)
    await target.reader.threads.update(target.reader.threads.get(long.thread_id), status="failed")
    with pytest.raises(InputError, match="has gone on in"):
        source.copy(target, long.thread_id)
